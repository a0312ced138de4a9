"""Sensitivities of grey cells: finite differences, Euler's identity, symmetry, binary limit."""

import numpy as np
import pytest
from reference.cells import mirrored
from reference.homogenization import homogenize_slowly

import metafast as mf


def grey_cells(h, w, seed=0):
    """Two cells without symmetry and, where the sides are even, two mirror-symmetric ones."""
    rng = np.random.default_rng(seed)
    if h % 2 or w % 2:
        return rng.random((2, h, w))
    quarters = rng.random((2, h // 2, w // 2))
    return np.concatenate([rng.random((2, h, w)), mirrored(quarters)])


@pytest.mark.parametrize("plane", ["stress", "strain"])
@pytest.mark.parametrize("shape", [(6, 6), (4, 8), (5, 7)])
def test_finite_differences(plane, shape):
    material = mf.Material(1.5, 0.3, plane)
    cells = grey_cells(*shape)
    phases = mf.Phases(material, 1e-4)
    _, derivative = mf.simp_sensitivities(cells, phases, penalty=2.5)
    step = 1e-5
    for cell, slope in zip(cells, derivative, strict=True):
        for r, c in ((0, 0), (1, shape[1] - 1), (shape[0] - 1, 2)):
            moved = np.stack([cell, cell])
            moved[0, r, c] += step
            moved[1, r, c] -= step
            high, low = mf.simp_sensitivities(np.clip(moved, 0, 1), phases, penalty=2.5).stiffness
            width = np.clip(moved, 0, 1)[0, r, c] - np.clip(moved, 0, 1)[1, r, c]
            np.testing.assert_allclose(slope[:, :, r, c], (high - low) / width, atol=3e-9)


def test_stiffness_is_that_of_the_slow_twin():
    cells = grey_cells(8, 8)
    stiffness, _ = mf.simp_sensitivities(cells, penalty=3.0, phases=mf.Phases(void=1e-3))
    scaled = 1e-3 + cells**3 * (1 - 1e-3)
    slow = np.array([homogenize_slowly(cell, void=1e-3) for cell in scaled])
    np.testing.assert_allclose(stiffness, slow, atol=1e-12)


def test_binary_cells_are_those_of_homogenize():
    cells = (grey_cells(10, 12) > 0.3).astype(float)
    stiffness, derivative = mf.simp_sensitivities(cells)
    np.testing.assert_allclose(stiffness, mf.homogenize(cells), atol=1e-13)
    assert (derivative[:, 0, 0] >= -1e-15).all(), "material never softens a cell"
    assert (derivative == derivative.swapaxes(1, 2)).all()


def test_euler_identity():
    """C is homogeneous of first order in the pixels' stiffness, so rho dC/drho adds up to p C."""
    cells = 0.2 + 0.8 * grey_cells(8, 6)
    stiffness, derivative = mf.simp_sensitivities(cells, penalty=3.0, phases=mf.Phases(void=1e-10))
    total = np.einsum("nrc,nijrc->nij", cells, derivative)
    np.testing.assert_allclose(total, 3.0 * stiffness, atol=1e-8)


def test_transpose_swaps_directions():
    cells = grey_cells(6, 10)
    stiffness, derivative = mf.simp_sensitivities(cells)
    flipped, slope = mf.simp_sensitivities(cells.transpose(0, 2, 1))
    order = [1, 0, 2]
    np.testing.assert_allclose(flipped, stiffness[:, order][:, :, order], atol=1e-12)
    expected = derivative[:, order][:, :, order].swapaxes(3, 4)
    np.testing.assert_allclose(slope, expected, atol=1e-12)
    assert np.abs(derivative[:, 0, 0] - derivative[:, 1, 1]).max() > 1e-3


def test_quarter_path_equals_whole_path():
    cells = grey_cells(8, 8)[2:]
    moved = np.roll(cells, (1, 2), (1, 2))
    stiffness, derivative = mf.simp_sensitivities(cells)
    other, slope = mf.simp_sensitivities(moved)
    np.testing.assert_allclose(stiffness, other, atol=1e-12)
    np.testing.assert_allclose(np.roll(derivative, (1, 2), (3, 4)), slope, atol=1e-12)


def test_threads_do_not_change_a_bit():
    cells = np.concatenate([grey_cells(6, 6, seed) for seed in range(6)])
    one, two = (mf.simp_sensitivities(cells, threads=t) for t in (1, 2))
    assert (one.stiffness == two.stiffness).all()
    assert (one.derivative == two.derivative).all()


def test_progress_counts_cells_of_both_kinds():
    told = []
    mf.simp_sensitivities(grey_cells(6, 6), progress=lambda *call: told.append(call))
    assert told == [("sensitivities", 2, 4), ("sensitivities", 4, 4)]


@pytest.mark.parametrize(
    ("densities", "options", "message"),
    [
        (np.full((4, 4), 1.1), {}, r"densities\[0, 0, 0\] is 1.1; numbers from 0 to 1"),
        (np.full((4, 4), np.nan), {}, "is nan; numbers from 0 to 1"),
        (np.ones((2, 2, 2, 2)), {}, r"shape \(2, 2, 2, 2\)"),
        (np.ones((1, 4)), {}, "1x4 pixels; 2 to 512"),
        (np.ones((4, 4)), {"penalty": 0.5}, "penalty is 0.5"),
        (np.ones((4, 4), complex), {}, "no real numbers but complex"),
        (np.ones((4, 4)), {"phases": mf.Phases(void=1e-11)}, "ratio between 1e-10"),
        ("grey", {}, "no real numbers"),
    ],
)
def test_bad_input_is_named(densities, options, message):
    with pytest.raises(ValueError, match=message):
        mf.simp_sensitivities(densities, **options)
