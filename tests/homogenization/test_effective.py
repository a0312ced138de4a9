"""Effective stiffness: published figures, closed forms, bounds, symmetries, the slow twin."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reference.cells import mirrored, random_cells
from reference.homogenization import homogenize_slowly

import metafast as mf
from metafast.cells.symmetry import is_mirror_symmetric

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture(scope="module")
def published():
    with np.load(DATA / "metaset_120.npz") as file:
        return np.unpackbits(file["cells"], axis=-1, count=50), file["published"]


def test_published_figures(published):
    cells, figures = published
    c = mf.homogenize(cells, mf.Material(poisson=0.3))
    ours = np.stack([c[:, 0, 0], c[:, 0, 1], c[:, 1, 1]], 1)
    np.testing.assert_allclose(ours, figures, atol=1e-12, rtol=0)


def test_published_figures_the_wrong_way_round_are_refused(published):
    cells, figures = published
    c = mf.homogenize(cells.transpose(0, 2, 1), mf.Material(poisson=0.3))
    swapped = np.stack([c[:, 1, 1], c[:, 0, 1], c[:, 0, 0]], 1)
    np.testing.assert_allclose(swapped, figures, atol=1e-12, rtol=0)
    assert np.abs(c[:, 0, 0] - figures[:, 0]).max() > 0.1


@pytest.mark.parametrize("plane", ["stress", "strain"])
@pytest.mark.parametrize("shape", [(10, 10), (9, 9), (6, 10), (7, 12), (1, 7), (3, 1), (2, 2)])
def test_slow_twin(plane, shape):
    material = mf.Material(2.0, 0.3, plane)
    cells = random_cells(11, *shape, 0.7, seed=sum(shape))
    fast = mf.homogenize(cells, material)
    slow = np.array([homogenize_slowly(cell, material) for cell in cells])
    np.testing.assert_allclose(fast, slow, atol=1e-10, rtol=0)


def test_slow_twin_on_symmetric_and_whole_cells_of_full_size():
    quarters = random_cells(2, 25, 25, 0.75, seed=1)
    cells = np.concatenate([mirrored(quarters), random_cells(2, 50, 50, 0.75, seed=2)])
    assert is_mirror_symmetric(cells).tolist() == [True, True, False, False]
    slow = np.array([homogenize_slowly(cell) for cell in cells])
    np.testing.assert_allclose(mf.homogenize(cells), slow, atol=1e-10, rtol=0)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.2, 1.0))
def test_quarter_path_equals_whole_path(seed, solid):
    cells = mirrored(random_cells(3, 6, 6, solid, seed))
    moved = np.roll(cells, (1, 2), (1, 2))
    assert is_mirror_symmetric(cells).all()
    np.testing.assert_allclose(mf.homogenize(cells), mf.homogenize(moved), atol=1e-10, rtol=0)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 9).flatmap(
        lambda h: st.integers(2, 9).flatmap(
            lambda w: arrays(np.bool_, (h, w), elements=st.booleans())
        )
    ),
    st.booleans(),
    st.floats(-0.5, 0.49),
)
def test_slow_twin_on_any_cell(cell, mirror, poisson):
    """Drawn pixel by pixel, so that hypothesis shrinks a failure to the pixels that matter."""
    if mirror:
        cell = mirrored(cell[None])[0]
    material = mf.Material(poisson=poisson)
    slow = homogenize_slowly(cell, material)
    np.testing.assert_allclose(mf.homogenize(cell, material)[0], slow, atol=1e-10, rtol=0)


@pytest.mark.parametrize("plane", ["stress", "strain"])
def test_solid_cell_is_the_material(plane):
    material = mf.Material(3.0, 0.25, plane)
    c = mf.homogenize(np.ones((8, 8)), material)[0]
    np.testing.assert_allclose(c, material.stiffness, atol=1e-13)


def test_laminate_closed_form():
    """Vertical layers: series across (C11), parallel along (C22), series in shear (C33)."""
    void = 0.1
    share = 0.3
    cells = np.zeros((1, 10, 10))
    cells[:, :, :3] = 1
    c0 = mf.Material(poisson=0.3).stiffness
    layers = [(share, c0), (1 - share, void * c0)]
    c11 = 1 / sum(f / c[0, 0] for f, c in layers)
    ratio = sum(f * c[0, 1] / c[0, 0] for f, c in layers)
    c22 = sum(f * (c[1, 1] - c[0, 1] ** 2 / c[0, 0]) for f, c in layers) + c11 * ratio**2
    c33 = 1 / sum(f / c[2, 2] for f, c in layers)
    c = mf.homogenize(cells, mf.Phases(mf.Material(poisson=0.3), void))[0]
    expected = [[c11, c11 * ratio, 0], [c11 * ratio, c22, 0], [0, 0, c33]]
    np.testing.assert_allclose(c, expected, atol=1e-12)


def test_quarter_turn_swaps_directions():
    cells = random_cells(5, 12, 12, 0.7, seed=3)
    c, turned = mf.homogenize(cells), mf.homogenize(np.rot90(cells, axes=(1, 2)))
    assert np.abs(c[:, 0, 0] - c[:, 1, 1]).min() > 1e-4
    np.testing.assert_allclose(turned[:, 0, 0], c[:, 1, 1], atol=1e-12)
    np.testing.assert_allclose(turned[:, 1, 1], c[:, 0, 0], atol=1e-12)
    np.testing.assert_allclose(turned[:, 0, 2], -c[:, 1, 2], atol=1e-12)
    np.testing.assert_allclose(turned[:, 2, 2], c[:, 2, 2], atol=1e-12)


def test_sign_of_shear_coupling():
    """A bar that rises to the right couples stretch and shear positively, a falling one not."""
    falling = np.zeros((12, 12))
    for shift in range(3):
        falling += np.roll(np.eye(12), shift, axis=1)
    c_falling, c_rising = mf.homogenize(np.stack([falling, falling[:, ::-1]]))
    assert c_rising[0, 2] > 0.01
    assert c_falling[0, 2] < -0.01


def test_translation_invariance():
    cell = random_cells(1, 11, 13, 0.7, seed=4)
    moved = np.concatenate([np.roll(cell, (i, j), (1, 2)) for i, j in ((0, 0), (3, 5), (10, 1))])
    c = mf.homogenize(moved)
    np.testing.assert_allclose(c[1:], np.broadcast_to(c[0], (2, 3, 3)), atol=1e-11)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.95), st.floats(1e-6, 0.5))
def test_voigt_and_reuss_bounds(seed, solid, void):
    cells = random_cells(2, 8, 8, solid, seed)
    c0 = mf.Material().stiffness
    for cell, c in zip(cells, mf.homogenize(cells, phases=mf.Phases(void=void)), strict=True):
        rho = np.where(cell, 1.0, void)
        assert np.linalg.eigvalsh(rho.mean() * c0 - c).min() > -1e-10
        reuss = c0 / (1 / rho).mean()
        assert np.linalg.eigvalsh(c - reuss).min() > -1e-10


def test_refinement_softens():
    cell = mirrored(random_cells(1, 6, 6, 0.8, seed=5))
    c = [mf.homogenize(cell, refine=k)[0] for k in (1, 2, 4)]
    assert np.linalg.eigvalsh(c[0] - c[1]).min() > -1e-12
    assert np.linalg.eigvalsh(c[1] - c[2]).min() > -1e-12
    np.testing.assert_allclose(
        mf.homogenize(cell, refine=2), mf.homogenize(cell.repeat(2, 1).repeat(2, 2)), atol=0
    )


def test_threads_do_not_change_a_bit():
    cells = np.concatenate(
        [mirrored(random_cells(30, 5, 5, 0.7, 6)), random_cells(30, 10, 10, 0.7, 7)]
    )
    one, two = (mf.homogenize(cells, threads=t) for t in (1, 2))
    assert (one == two).all()
    # lanes and neighbours in the batch do not matter either
    assert (mf.homogenize(cells[17]) == one[17]).all()


def test_progress_counts_cells_of_both_kinds():
    cells = np.concatenate(
        [mirrored(random_cells(9, 5, 5, 0.7, 6)), random_cells(7, 10, 10, 0.7, 7)]
    )
    calls = []
    mf.homogenize(cells, progress=lambda *call: calls.append(call))
    assert calls[-1] == ("homogenizing", 16, 16)
    assert [call[1] for call in calls] == sorted(call[1] for call in calls)


def test_youngs_modulus_scales():
    cell = random_cells(1, 8, 8, 0.7, 8)
    np.testing.assert_allclose(
        mf.homogenize(cell, mf.Material(young=200.0)), 200 * mf.homogenize(cell), rtol=1e-12
    )


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (np.ones((2, 3, 4, 5)), r"shape \(2, 3, 4, 5\); \(n, h, w\)"),
        (np.ones((0, 5, 5)), "nothing in them"),
        (np.full((1, 4, 4), 0.5), "not binary: .*0.5.* at \\(0, 0, 0\\)"),
        (np.full((1, 4, 4), np.nan), "not binary"),
        (np.full((1, 4, 4), 7), "not binary: 7 .* pixels < 128 of a picture"),
        (np.array([["a"] * 4] * 4), "dtype"),
        ([[1, 0], [1]], "rows of different lengths"),
        ("cells.png", r"read files with metafast.read_cells\(path\).cells"),
        (Path("cells.png"), r"read files with metafast.read_cells\(path\).cells"),
    ],
)
def test_bad_cells_are_named(cells, message):
    with pytest.raises(ValueError, match=message):
        mf.homogenize(cells)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"refine": 0}, "refine is 0"),
        ({"refine": 2000}, "8000x8000 elements with refine 2000"),
        ({"threads": -1}, "threads is -1"),
        ({"phases": "steel"}, "phases is 'steel'; a metafast.Phases or a metafast.Material"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        mf.homogenize(np.ones((4, 4)), **options)
