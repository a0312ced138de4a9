"""Boundary tractions: balance with the homogenized stress, the slow twin, orientation."""

import numpy as np
import pytest
from reference.cells import both_kinds
from reference.homogenization import tractions_slowly

import metafast as mf


@pytest.mark.parametrize("plane", ["stress", "strain"])
def test_slow_twin(plane):
    material = mf.Material(1.5, 0.3, plane)
    cells = both_kinds(3, 10, 10, 0.8)
    fast = mf.boundary_tractions(cells, material)
    slow = np.array([tractions_slowly(cell, material) for cell in cells])
    assert fast.shape == (6, 4, 3, 10, 2)
    np.testing.assert_allclose(fast, slow, atol=1e-9)


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_slow_twin_on_small_cells_of_both_kinds(size):
    rng = np.random.default_rng(size)
    cells = np.concatenate([np.ones((1, size, size)), rng.random((5, size, size)) < 0.7])
    slow = np.array([tractions_slowly(cell) for cell in cells])
    np.testing.assert_allclose(mf.boundary_tractions(cells), slow, atol=1e-10)
    empty = mf.boundary_tractions(np.zeros((1, size, size)))
    assert np.abs(empty).max() < 2e-9


def test_mean_is_the_homogenized_stress():
    cells = both_kinds(3, 10, 10, 0.8)
    c, t = mf.homogenize(cells), mf.boundary_tractions(cells).mean(axis=3)
    np.testing.assert_allclose(t[:, 1], c[:, [0, 2]].transpose(0, 2, 1), atol=1e-10)
    np.testing.assert_allclose(t[:, 3], c[:, [2, 1]].transpose(0, 2, 1), atol=1e-10)


def test_opposite_sides_balance():
    t = mf.boundary_tractions(both_kinds(3, 10, 10, 0.8))
    np.testing.assert_array_equal(t[:, 0], -t[:, 1])
    np.testing.assert_array_equal(t[:, 2], -t[:, 3])
    # and in the slow twin, which adds up the forces of each side for itself
    slow = tractions_slowly(both_kinds(3, 10, 10, 0.8)[4])
    np.testing.assert_allclose(slow[0], -slow[1], atol=1e-9)
    np.testing.assert_allclose(slow[2], -slow[3], atol=1e-9)


def test_transpose_swaps_sides_and_components():
    """Reflecting about the falling diagonal swaps left with top and x with -y."""
    cells = both_kinds(3, 10, 10, 0.8)
    t = mf.boundary_tractions(cells)
    flipped = mf.boundary_tractions(cells.transpose(0, 2, 1))
    # x' = -y, y' = -x: normal strains swap, shear keeps its sign
    expected = -t[:, 3][:, [1, 0, 2]][..., ::-1]
    np.testing.assert_allclose(flipped[:, 0], expected, atol=1e-9)


def test_forces_sit_where_the_solid_is():
    cell = np.zeros((10, 10))
    cell[3:5] = 1
    left = mf.boundary_tractions(cell)[0, 0, 0, :, 0]
    assert np.flatnonzero(np.abs(left) > 1e-6).tolist() == [3, 4, 5]
    assert left[4] < 0, "the cell pulls its neighbour inward, against its outward normal"


def test_progress_counts_cells_of_both_kinds():
    told = []
    mf.boundary_tractions(both_kinds(3, 8, 8), progress=lambda *call: told.append(call))
    assert told == [("tractions", 3, 6), ("tractions", 6, 6)]


def test_square_cells_are_needed():
    with pytest.raises(ValueError, match="6x8 pixels; square"):
        mf.boundary_tractions(np.ones((6, 8)))
