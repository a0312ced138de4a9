"""Displacement fields: the slow twin, periodic jumps, energy, the quarter's mirror images."""

import numpy as np
import pytest
from reference.cells import both_kinds
from reference.homogenization import displacements_slowly

import metafast as mf
from metafast import q4


@pytest.mark.parametrize("plane", ["stress", "strain"])
@pytest.mark.parametrize("shape", [(10, 10), (8, 14), (14, 8)])
def test_slow_twin(plane, shape):
    material = mf.Material(2.0, 0.3, plane)
    cells = both_kinds(3, *shape)
    fast = mf.displacement_fields(cells, mf.Phases(material, 1e-3))
    slow = np.array([displacements_slowly(cell, material, 1e-3) for cell in cells])
    assert fast.shape == (6, 3, shape[0] + 1, shape[1] + 1, 2)
    np.testing.assert_allclose(fast, slow, atol=1e-12)


def test_slow_twin_with_two_materials():
    a, b = mf.Material(1.0, 0.2), mf.Material(0.05, 0.45)
    cells = both_kinds(3, 8, 10)
    slow = np.array([displacements_slowly(cell, a, other=b) for cell in cells])
    fast = mf.displacement_fields(cells, mf.Phases(a, b))
    np.testing.assert_allclose(fast, slow, atol=1e-12)


def test_opposite_sides_differ_by_the_strain():
    u = mf.displacement_fields(both_kinds(3, 8, 12))
    height = 8 / 12
    across = u[:, :, :, -1] - u[:, :, :, 0]
    upward = u[:, :, 0] - u[:, :, -1]
    for strain, (right, up) in enumerate((((1, 0), (0, 0)), ((0, 0), (0, 1)), ((0, 0), (1, 0)))):
        for k in (0, 1):
            np.testing.assert_allclose(across[:, strain, :, k], right[k], atol=1e-12)
            np.testing.assert_allclose(upward[:, strain, :, k], height * up[k], atol=1e-12)


def test_energy_of_the_fields_is_the_stiffness():
    cells = both_kinds(3, 8, 10)
    u = mf.displacement_fields(cells) * 10  # in pixels
    corners = [u[:, :, 1:, :-1], u[:, :, 1:, 1:], u[:, :, :-1, 1:], u[:, :, :-1, :-1]]
    element = np.concatenate(corners, axis=-1)
    k = q4.stiffness(mf.Material().stiffness)
    share = np.where(cells, 1.0, 1e-9)
    energy = np.einsum("nsrci,ij,ntrcj,nrc->nst", element, k, element, share) / 80
    np.testing.assert_allclose(energy, mf.homogenize(cells), atol=1e-12)


def test_solid_cell_deforms_affinely():
    u = mf.displacement_fields(np.ones((6, 8)))[0]
    i, j = np.mgrid[0:7, 0:9] / 8
    zero = np.zeros_like(i)
    expected = [np.stack(pair, -1) for pair in ((j, zero), (zero, -i), (-i, zero))]
    np.testing.assert_allclose(u, expected, atol=1e-13)


def test_quarter_path_equals_whole_path():
    cells = both_kinds(3, 10, 8)[:3]
    moved = np.roll(cells, (1, 2), (1, 2))
    u = mf.displacement_fields(cells, phases=mf.Phases(void=1e-3))[:, :, :-1, :-1]
    v = mf.displacement_fields(moved, phases=mf.Phases(void=1e-3))[:, :, :-1, :-1]
    # relative to the affine field the displacements move with the cell
    i, j = np.mgrid[0:10, 0:8] / 8
    affine = np.zeros((3, 10, 8, 2))
    affine[0, ..., 0], affine[1, ..., 1], affine[2, ..., 0] = j, -i, -i
    difference = (v - affine) - np.roll(u - affine, (1, 2), (2, 3))
    np.testing.assert_allclose(difference, difference[:, :, :1, :1] + 0 * difference, atol=1e-12)


def test_cells_one_pixel_wide_and_refined():
    strip = np.array([[1, 0, 1, 1, 0]])
    assert mf.displacement_fields(strip).shape == (1, 3, 2, 6, 2)
    fine = mf.displacement_fields(strip, refine=2)
    assert fine.shape == (1, 3, 3, 11, 2)
    np.testing.assert_allclose(fine[0, 0, :, -1, 0], 1.0, atol=1e-12)


def test_threads_do_not_change_a_bit():
    cells = np.concatenate([both_kinds(3, 8, 8, seed=seed) for seed in range(5)])
    one, two = (mf.displacement_fields(cells, threads=t) for t in (1, 2))
    assert (one == two).all()
    assert (mf.displacement_fields(cells[4]) == one[4]).all()


def test_progress_counts_cells_of_both_kinds():
    told = []
    mf.displacement_fields(both_kinds(3, 8, 8), progress=lambda *call: told.append(call))
    assert told == [("displacements", 3, 6), ("displacements", 6, 6)]


@pytest.mark.parametrize(
    ("cells", "options", "message"),
    [
        (np.ones(5), {}, r"cells have shape \(5,\)"),
        (np.float64(1), {}, r"cells have shape \(\)"),
        ([[1, 0], [1]], {}, "rows of different lengths"),
        (np.full((4, 4), 0.5), {}, "not binary"),
        (np.ones((4, 4)), {"refine": None}, "refine is None"),
        (np.ones((4, 4)), {"refine": 200}, "800x800 elements with refine 200"),
        (np.ones((4, 4)), {"phases": mf.Phases(void=1e-12)}, "ratio between 1e-10"),
    ],
)
def test_bad_input_is_named(cells, options, message):
    with pytest.raises(ValueError, match=message):
        mf.displacement_fields(cells, **options)
