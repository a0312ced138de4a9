"""Cells of any size and shape, and what splitting their pixels does."""

import numpy as np
import pytest
from reference.cells import mirrored
from reference.homogenization import homogenize_slowly

import metafast as mf


@pytest.mark.parametrize("h", range(1, 9))
@pytest.mark.parametrize("w", [1, 2, 3, 4, 5, 6, 13])
def test_slow_twin_on_small_cells(h, w):
    rng = np.random.default_rng(17 * h + w)
    cells = rng.random((5, h, w)) < 0.7
    if h % 2 == w % 2 == 0:
        cells = np.concatenate([cells, mirrored(rng.random((5, h // 2, w // 2)) < 0.7)])
    doubled = np.tile(cells, (1, 2 if h == 1 else 1, 2 if w == 1 else 1))
    slow = np.array([homogenize_slowly(cell, void=1e-6) for cell in doubled])
    fast = mf.homogenize(cells, phases=mf.Phases(void=1e-6))
    np.testing.assert_allclose(fast, slow, atol=1e-11)


@pytest.mark.parametrize("shape", [(4, 64), (64, 20), (31, 47), (60, 36)])
def test_slow_twin_on_long_cells(shape):
    rng = np.random.default_rng(sum(shape))
    cells = rng.random((2, *shape)) < 0.75
    if shape[0] % 2 == 0:
        quarters = rng.random((2, shape[0] // 2, shape[1] // 2)) < 0.75
        cells = np.concatenate([cells, mirrored(quarters)])
    slow = np.array([homogenize_slowly(cell) for cell in cells])
    np.testing.assert_allclose(mf.homogenize(cells), slow, atol=1e-10)


@pytest.mark.parametrize("size", [128, pytest.param(256, marks=pytest.mark.slow)])
def test_large_cells_do_not_depend_on_where_they_begin(size):
    rng = np.random.default_rng(size)
    whole = rng.random((1, size, size)) < 0.75
    symmetric = mirrored(rng.random((1, size // 2, size // 2)) < 0.75)
    cells = np.concatenate([whole, symmetric])
    moved = mf.homogenize(np.roll(cells, (5, 11), (1, 2)))
    np.testing.assert_allclose(mf.homogenize(cells), moved, atol=1e-11)


def test_period_does_not_matter():
    cell = np.random.default_rng(3).random((1, 6, 10)) < 0.7
    doubled = np.tile(cell, (1, 2, 3))
    np.testing.assert_allclose(mf.homogenize(cell), mf.homogenize(doubled), atol=1e-11)


def test_refinement_converges_at_the_rate_of_the_corners():
    """Energies converge like h^(2a): a = 0.545 at a corner with a quarter of void.

    A square hole has only such corners, so halving the elements halves the error, a little more.
    """
    cell = np.ones((1, 8, 8))
    cell[:, 2:6, 2:6] = 0
    c = np.array([mf.homogenize(cell, refine=k)[0] for k in (1, 2, 4, 8, 16)])
    steps = -np.diff(c[:, [0, 1, 2], [0, 1, 2]], axis=0)
    assert (steps > 0).all()
    rates = np.log2(steps[:-1] / steps[1:])
    assert (rates > 1.0).all()
    assert (rates < 1.35).all()
    np.testing.assert_allclose(rates[-1, :2], 2 * 0.5445, atol=0.06)


def test_refined_cells_are_cells_of_finer_pixels():
    cells = np.random.default_rng(4).random((3, 6, 8)) < 0.7
    fine = mf.homogenize(cells.repeat(3, 1).repeat(3, 2))
    assert (mf.homogenize(cells, refine=3) == fine).all()
