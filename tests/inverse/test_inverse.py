"""Inverse homogenization: right derivatives, cells that keep their promises, nothing leaks."""

import numpy as np
import pytest
from scipy.ndimage import binary_opening, gaussian_filter, label

import metafast as mf
from metafast.cells.repair import Limits
from metafast.inverse.filtering import mirrored_gaussian, project, smooth
from metafast.inverse.simp_steps import Residual, SimpOptions, lagrangian_slope
from metafast.phases import Phases


def simple_targets():
    """Stiffness of four simple cells, and one with negative C12."""
    frame = np.zeros((50, 50), dtype=np.uint8)
    frame[:6] = frame[-6:] = frame[:, :4] = frame[:, -4:] = 1
    cross = np.roll(frame, (25, 25), (0, 1))
    thick = frame.copy()
    thick[:12] = thick[-12:] = 1
    c = mf.homogenize(np.stack([frame, cross, thick, thick.T]))
    return np.stack([c[:, 0, 0], c[:, 0, 1], c[:, 1, 1], c[:, 2, 2]], axis=1)


@pytest.fixture(scope="module")
def found():
    targets = np.concatenate([simple_targets(), [[0.25, -0.04, 0.25, 0.03]]])
    return targets, mf.inverse_homogenize(targets, starts=6, seed=1)


def test_filter_is_a_mirrored_gaussian():
    field = np.random.default_rng(0).random((2, 25, 25))
    expected = gaussian_filter(field, (0, 1.7, 1.7), mode="reflect", truncate=4.0)
    np.testing.assert_allclose(smooth(field, 1.7), expected, atol=1e-12)
    weights = mirrored_gaussian(25, 1.7)
    np.testing.assert_allclose(weights, weights.T, atol=1e-15)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    assert mirrored_gaussian(4, 3.0).shape == (4, 4), "wider than the quarter: mirrored again"


def test_projection_ends_and_slope():
    f = np.linspace(0, 1, 11)
    value, slope = project(f, 7.0)
    np.testing.assert_allclose(value[[0, 5, 10]], [0, 0.5, 1])
    above, below = project(f + 1e-6, 7.0)[0], project(f - 1e-6, 7.0)[0]
    np.testing.assert_allclose(slope, (above - below) / 2e-6, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("volume", [np.inf, 0.2])
def test_gradient_against_finite_differences(volume):
    rng = np.random.default_rng(2)
    n, q = 2, 6
    targets = np.array([[0.3, 0.05, 0.2, 0.06], [0.1, -0.02, 0.4, np.nan]])
    options = SimpOptions(Phases(), 1, 3.0, 0.9, Limits(), 1)
    residual = Residual.of(targets)
    bound, multiplier = np.full(n, min(volume, 1.0)), np.full(n, 0.3 if volume < 1 else 0.0)

    def lagrangian(x):
        seen = lagrangian_slope(x, 4.0, residual, bound, multiplier, options)
        force = np.maximum(multiplier + 30.0 * (seen.share - bound), 0.0)
        return seen.error**2 + force**2 / 60.0

    x = rng.normal(0.0, 1.0, (n, q, q))
    gradient = lagrangian_slope(x, 4.0, residual, bound, multiplier, options).gradient / q**2
    for place in [(0, 0), (2, 3), (5, 1), (5, 5)]:
        step = np.zeros_like(x)
        step[:, place[0], place[1]] = 1e-5
        difference = (lagrangian(x + step) - lagrangian(x - step)) / 2e-5
        np.testing.assert_allclose(gradient[:, place[0], place[1]], difference, rtol=2e-6)


def test_cells_come_near_their_targets(found):
    _, result = found
    assert result.sound.all()
    assert (result.error < 0.1).all()
    assert np.median(result.error) < 0.05
    assert (result.history[-1] < 0.3 * result.history[0]).all()
    assert result.properties[4, 1] < 0, "a negative target C12 gives a negative C12"


def test_directions_are_not_exchanged(found):
    targets, result = found
    assert targets[2, 0] > 1.5 * targets[2, 2]
    assert result.properties[2, 0] > 1.5 * result.properties[2, 2]
    assert result.properties[3, 2] > 1.5 * result.properties[3, 0]


def test_properties_and_errors_are_those_of_the_cells(found):
    targets, result = found
    c = mf.homogenize(result.cells)
    np.testing.assert_allclose(result.properties[:, [0, 2]], c[:, [0, 1], [0, 1]], atol=1e-12)
    aims = np.zeros((5, 3, 3))
    aims[:, [0, 0, 1, 1], [0, 1, 0, 1]] = targets[:, [0, 1, 1, 2]]
    aims[:, 2, 2] = targets[:, 3]
    error = np.linalg.norm(c - aims, axis=(1, 2)) / np.linalg.norm(aims, axis=(1, 2))
    np.testing.assert_allclose(result.error, error, atol=1e-10)


def test_cells_are_mirror_symmetric_and_sound(found):
    cells = found[1].cells
    assert cells.dtype == np.uint8
    assert (cells == cells[:, ::-1]).all()
    assert (cells == cells[:, :, ::-1]).all()
    for cell in cells:
        assert label(cell)[1] == 1
        assert (binary_opening(cell, np.ones((2, 2))) == (cell > 0)).all()


def test_more_starts_are_never_worse(found):
    target = found[0][4]
    one, three = (mf.inverse_homogenize(target, starts=k, seed=1) for k in (1, 3))
    assert one.sound.all()
    assert three.error[0] <= one.error[0]
    assert three.history.shape == one.history.shape == (80, 1)


def test_neighbours_threads_and_matrices_change_nothing(found):
    targets, result = found
    matrices = np.zeros((5, 3, 3))
    matrices[:, [0, 0, 1, 1, 2], [0, 1, 0, 1, 2]] = targets[:, [0, 1, 1, 2, 3]]
    again = mf.inverse_homogenize(matrices, starts=6, seed=1, threads=1)
    assert (again.cells == result.cells).all()
    assert (again.history == result.history).all()
    short = {"iterations": 10, "pixels": 16}
    rng = np.random.default_rng(0)
    start = rng.random((5, 8, 8))
    start = np.concatenate([start, start[:, :, ::-1]], axis=2)
    start = np.concatenate([start, start[:, ::-1]], axis=1)
    together = mf.inverse_homogenize(targets, start, **short)
    alone = mf.inverse_homogenize(targets[3], start[3], **short)
    assert (alone.history[:, 0] == together.history[:, 3]).all()
    assert (alone.cells[0] == together.cells[3]).all()


def test_volume_is_bounded():
    targets = np.repeat(simple_targets()[:1], 3, axis=0)
    bounds = np.array([1.0, 0.3, 0.25])
    result = mf.inverse_homogenize(targets, volume=bounds, starts=3, seed=2)
    assert result.sound.all()
    assert (result.volume <= bounds).all()
    assert result.error[2] > result.error[0], "less solid cannot do as well"


def test_free_components_and_starts():
    free = np.array([[0.3, np.nan, 0.3, np.nan]])
    result = mf.inverse_homogenize(free, starts=4, seed=3)
    assert result.error[0] < 0.05
    np.testing.assert_allclose(result.properties[0, [0, 2]], 0.3, atol=0.03)
    plus = np.zeros((50, 50))
    plus[22:28] = plus[:, 22:28] = 1
    frame = np.roll(plus, (25, 25), (0, 1))
    both = mf.inverse_homogenize(np.repeat(free, 2, axis=0), np.stack([plus, frame]))
    assert (both.error < 0.1).all()
    assert both.cells[0, 24, 24] == 1, "grown from a cross, solid in the middle"
    assert both.cells[1, 0, 0] == 1, "grown from a frame, solid in the corners"
    assert (both.cells[0] != both.cells[1]).mean() > 0.2


def test_rounding_is_no_coupling_and_no_asymmetry():
    matrix = np.diag([0.3, 0.2, 0.05])
    matrix[0, 2] = matrix[2, 0] = 4e-14
    start = np.random.default_rng(0).random((16, 16))
    start = (start + start[::-1] + start[:, ::-1] + start[::-1, ::-1]) / 4
    short = {"iterations": 3, "pixels": 16}
    assert mf.inverse_homogenize(matrix, start, **short).cells.shape == (1, 16, 16)
    coupled = np.stack([matrix, matrix])
    coupled[0, 0, 2] = coupled[0, 2, 0] = np.nan
    coupled[1, 0, 2] = coupled[1, 2, 0] = 0.05
    with pytest.raises(ValueError, match=r"targets\[1\] .* couples shear"):
        mf.inverse_homogenize(coupled, **short)


def test_progress_and_limits():
    told = []
    result = mf.inverse_homogenize(
        simple_targets()[:2], iterations=30, minimum_solid_width=4, minimum_contact=10,
        progress=lambda *what: told.append(what),
    )  # fmt: skip
    assert told == [("inverse homogenization", 2, 2)]
    for cell in result.cells[result.sound]:
        assert (binary_opening(cell, np.ones((4, 4))) == (cell > 0)).all()
        assert min(cell[0].sum(), cell[:, 0].sum()) >= 10


@pytest.mark.parametrize(
    ("targets", "options", "message"),
    [
        ([[1.0, 0.2, 1.0]], {}, r"targets have shape \(1, 3\)"),
        ([[0.2, 0.3, 0.2, 0.1]], {}, r"targets\[0\] = .* is not a stable"),
        ([[np.nan] * 4], {}, "is not a stable"),
        (np.ones((3, 3)), {}, "couples shear with stretch"),
        ([[0.3, 0.1, 0.3, 0.1]], {"volume": 0.0}, "volume is 0.0"),
        ([[0.3, 0.1, 0.3, 0.1]], {"volume": [0.2, 0.3]}, r"volume has shape \(2,\)"),
        ([[0.3, 0.1, 0.3, 0.1]], {"pixels": 25}, "an even number"),
        ([[0.3, 0.1, 0.3, 0.1]], {"initial": np.ones((1, 8, 8))}, r"initial has shape \(1, 8, 8\)"),
        ([[0.3, 0.1, 0.3, 0.1]], {"initial": np.eye(50)}, "not its own mirror image"),
        ([[0.3, 0.1, 0.3, 0.1]], {"initial": np.ones((50, 50)), "starts": 2}, "starts is 2"),
        ([[0.3, 0.1, 0.3, 0.1]], {"filter_width": 0}, "filter_width is 0"),
        ([[0.3, 0.1, 0.3, 0.1]], {"iterations": 0}, "iterations is 0"),
        ([[0.3, 0.1, 0.3, 0.1]], {"minimum_solid_width": 40}, "at most 25 pixels fit"),
        ([[0.3, 0.1, 0.3, 0.1]], {"options": mf.InverseOptions(), "seed": -1}, "seed is -1"),
    ],
)
def test_bad_input_is_named(targets, options, message):
    with pytest.raises(ValueError, match=message):
        mf.inverse_homogenize(targets, **options)
