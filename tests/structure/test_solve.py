"""Full-resolution solution: twin, patch test, closed forms, symmetries, messages."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from reference import structure as reference

from metafast.material import Material
from metafast.problems.bridge import bridge
from metafast.problems.graded_beam import graded_beam
from metafast.problems.problem import Problem
from metafast.problems.smiley import smiley
from metafast.structure import solve_structure

MATERIAL = Material()
SIDE = 6


def close(a, b, tolerance=1e-9):
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


def mirrored(problem, axis):
    sign = [-1.0, 1.0] if axis == 1 else [1.0, -1.0]
    return dataclasses.replace(
        problem,
        prescribed=np.flip(problem.prescribed, axis) * sign,
        target=np.flip(problem.target, axis) * sign,
    )


def transposed(problem):
    """Reflect at the anti-diagonal y = x seen from the lower left: components swap."""

    def swap(field):
        return field[::-1, ::-1].transpose(1, 0, 2)[:, :, ::-1]

    return dataclasses.replace(
        problem, prescribed=swap(problem.prescribed), target=swap(problem.target)
    )


def reflect(pixels):
    return pixels[::-1, ::-1].T


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("problem", [bridge(3, 5), graded_beam(4, 4), smiley(size=10)])
def test_equals_plain_twin(problem, seed):
    side = 4 if problem.rows == 10 else SIDE
    pixels = reference.random_structure(problem.rows, problem.cols, side, seed=seed)
    macro, field, energy, kept = reference.solve(pixels, problem, MATERIAL)
    response = solve_structure(pixels, problem, MATERIAL)
    np.testing.assert_array_equal(response.solid, kept)
    scale = np.nanmax(np.abs(field))
    close(response.nodal_displacement / scale, field / scale)
    close(response.displacement / scale, macro / scale)
    assert response.energy == pytest.approx(energy, rel=1e-9)
    assert response.residual < 1e-9
    assert response.rrmse == pytest.approx(problem.rrmse(macro), rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_equals_plain_twin_without_frame(seed):
    problem = bridge(3, 4)
    pixels = reference.random_structure(3, 4, 8, seed=seed, solid=0.75, frame=False)
    macro, _, _, kept = reference.solve(pixels, problem, MATERIAL)
    response = solve_structure(pixels, problem, MATERIAL)
    np.testing.assert_array_equal(response.solid, kept)
    close(response.displacement, macro, 1e-8)


def boundary_problem(rows, cols, field, target):
    r, c = np.mgrid[: rows + 1, : cols + 1]
    u = field(c.astype(float), (rows - r).astype(float))
    inside = np.zeros((rows + 1, cols + 1, 1), bool)
    inside[1:-1, 1:-1] = True
    return Problem("patch", np.where(inside, np.nan, u), np.where(inside, target(u), np.nan)), u


@pytest.mark.parametrize("plane", ["stress", "strain"])
def test_patch_test_affine_field_is_exact(plane):
    def affine(x, y):
        return np.stack([0.1 + 0.02 * x - 0.03 * y, -0.2 + 0.05 * x + 0.01 * y], -1)

    problem, u = boundary_problem(3, 4, affine, lambda u: u)
    material = Material(young=2.0, poisson=0.3, plane=plane)
    response = solve_structure(np.ones((15, 20)), problem, material)
    close(response.displacement, u, 1e-13)
    i, j = np.mgrid[:16, :21]
    close(response.nodal_displacement, affine(j / 5, (15 - i) / 5), 1e-13)
    assert response.rrmse < 1e-12
    strain = np.array([0.02, 0.01, -0.03 + 0.05])
    assert response.energy == pytest.approx(0.5 * 12 * strain @ material.stiffness @ strain)


def test_uniaxial_bar_closed_form():
    rows, cols, delta = 2, 6, 0.3
    prescribed = np.full((rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0, 0], prescribed[:, -1, 0] = 0.0, delta
    prescribed[-1, 0, 1] = 0.0
    target = np.full_like(prescribed, np.nan)
    target[:, 1:-1, 0] = delta * np.arange(1, cols) / cols
    response = solve_structure(
        np.ones((rows * 5, cols * 5)), Problem("bar", prescribed, target), Material(1.0, 0.3)
    )
    strain = delta / cols
    close(
        response.displacement[:, :, 0], np.tile(strain * np.arange(cols + 1), (rows + 1, 1)), 1e-12
    )
    heights = np.arange(rows, -1, -1.0)
    close(response.displacement[:, 3, 1], -0.3 * strain * heights, 1e-12)
    assert response.rrmse < 1e-12
    assert response.energy == pytest.approx(0.5 * strain**2 * rows * cols, rel=1e-12)


def test_rigid_rotation_costs_no_energy():
    problem, u = boundary_problem(
        2, 3, lambda x, y: np.stack([-0.01 * y, 0.01 * x], -1), lambda u: u
    )
    pixels = reference.random_structure(2, 3, 8, seed=3)
    response = solve_structure(pixels, problem, MATERIAL)
    close(response.displacement, u, 1e-13)
    assert abs(response.energy) < 1e-15


def test_mirrored_structure_moves_in_the_mirror():
    problem = bridge(3, 5, target="sine")
    pixels = reference.random_structure(3, 5, 8, seed=7)
    straight = solve_structure(pixels, problem, MATERIAL)
    left_right = solve_structure(pixels[:, ::-1], mirrored(problem, 1), MATERIAL)
    close(left_right.displacement, straight.displacement[:, ::-1] * [-1, 1])
    up_down = solve_structure(pixels[::-1], mirrored(problem, 0), MATERIAL)
    close(up_down.displacement, straight.displacement[::-1] * [1, -1])
    assert up_down.rrmse == pytest.approx(straight.rrmse)


def test_reflected_structure_swaps_components():
    problem = bridge(3, 5)
    pixels = reference.random_structure(3, 5, 8, seed=8)
    straight = solve_structure(pixels, problem, MATERIAL)
    turned = solve_structure(reflect(pixels), transposed(problem), MATERIAL)
    close(turned.displacement, straight.displacement[::-1, ::-1].transpose(1, 0, 2)[:, :, ::-1])


def test_a_beam_notched_from_below_arches_upward():
    """The thrust passes below the centroid of the notched middle and bends it upward."""
    problem = bridge(4, 8)
    pixels = np.ones((4 * SIDE, 8 * SIDE))
    pixels[-SIDE // 2 :, 2 * SIDE : 6 * SIDE] = 0
    for image, sign in ((pixels, 1.0), (pixels[::-1], -1.0)):
        axis = solve_structure(image, problem, MATERIAL).displacement[2, :, 1]
        assert sign * (axis[4] - axis[0]) > 0.05


def test_floating_parts_change_nothing():
    problem = bridge(3, 5)
    pixels = reference.random_structure(3, 5, 10, seed=2, solid=0.6)
    clean = solve_structure(pixels, problem, MATERIAL)
    dirty, specks = clean.solid.copy(), 0
    for r, c in np.argwhere(~clean.solid[1:-1, 1:-1]):
        if not dirty[r : r + 3, c : c + 3].any():
            dirty[r + 1, c + 1] = True
            specks += 1
    assert specks > 3
    response = solve_structure(dirty, problem, MATERIAL)
    assert (response.removed_parts, response.removed_pixels) == (specks, specks)
    assert response.removed_share == pytest.approx(specks / dirty.sum())
    np.testing.assert_array_equal(response.solid, clean.solid)
    np.testing.assert_array_equal(response.nodal_displacement, clean.nodal_displacement)


def lower_bridge():
    """A bridge of 2 x 3 cells whose targets lie on its middle row only."""
    problem = bridge(2, 3)
    target = np.full_like(problem.target, np.nan)
    target[1, 1:3, 1] = 0.5
    return dataclasses.replace(problem, target=target)


def test_speck_at_the_corner_does_not_take_the_support():
    problem = lower_bridge()
    pixels = np.zeros((20, 30), int)
    pixels[:14] = 1
    speck = pixels.copy()
    speck[17:, :2] = 1  # touches the end column and the corner, but nothing else
    plain = solve_structure(pixels, problem, MATERIAL)
    response = solve_structure(speck, problem, MATERIAL)
    assert (response.removed_parts, response.removed_pixels) == (1, 6)
    np.testing.assert_array_equal(response.nodal_displacement, plain.nodal_displacement)
    assert response.nodal_displacement[14, 0, 1] == 0.0


def test_hinge_at_one_node_does_not_join():
    problem = lower_bridge()
    pixels = np.zeros((20, 30), int)
    pixels[10:] = 1
    pixels[9, 30 // 2] = 1
    pixels[8, 30 // 2 + 1] = 1  # corner contact only
    response = solve_structure(pixels, problem, MATERIAL)
    assert response.removed_parts == 1
    assert not response.solid[8].any()


def test_refining_a_patch_changes_nothing_and_a_porous_body_softens():
    problem, u = boundary_problem(
        2, 2, lambda x, y: np.stack([0.1 * x, 0.05 * x - 0.1 * y], -1), lambda u: u
    )
    fine = solve_structure(np.ones((6, 6)), problem, MATERIAL, refine=3)
    assert fine.solid.shape == (18, 18)
    close(fine.displacement, u, 1e-13)
    beam, pixels = bridge(2, 3), reference.random_structure(2, 3, 8, seed=1)
    energies = [solve_structure(pixels, beam, MATERIAL, refine=k).energy for k in (1, 2, 4)]
    assert energies[0] > energies[1] > energies[2] > 0


@pytest.mark.parametrize("options", [{"order": False}, {"backend": "superlu"}])
def test_solvers_and_orders_agree(options):
    problem = bridge(3, 5)
    pixels = reference.random_structure(3, 5, 10, seed=5)
    one = solve_structure(pixels, problem, MATERIAL)
    other = solve_structure(pixels, problem, MATERIAL, **options)
    close(one.nodal_displacement, other.nodal_displacement)


def test_single_support_moves_to_the_lowest_solid_node_of_its_end():
    pixels = np.ones((20, 30), int)
    pixels[-4:, :10] = 0
    response = solve_structure(pixels, bridge(2, 3), MATERIAL)
    assert response.nodal_displacement[16, 0].tolist() == [0.5, 0.0]
    assert response.nodal_displacement[20, 30].tolist() == [-0.5, 0.0]


def test_prescribed_values_are_interpolated_between_macro_nodes():
    problem = graded_beam(2, 3)
    tilted = problem.prescribed.copy()
    tilted[:, -1, 0] = [-0.3, -0.2, 0.0]
    problem = dataclasses.replace(problem, prescribed=tilted)
    response = solve_structure(np.ones((8, 12)), problem, MATERIAL)
    close(
        response.nodal_displacement[:, -1, 0],
        [-0.3, -0.275, -0.25, -0.225, -0.2, -0.15, -0.1, -0.05, 0.0],
        1e-15,
    )


def test_target_in_a_pore_is_nan_and_says_so():
    problem = smiley(size=10)
    pixels = np.ones((100, 100), int)
    pixels[20:40, 20:40] = 0  # around the top of the left eye, macro node (3, 3)
    with pytest.warns(RuntimeWarning, match=r"macro node \(3, 3\)"):
        response = solve_structure(pixels, problem, MATERIAL)
    assert np.isnan(response.displacement[3, 3]).all()
    assert np.isinf(response.rrmse)


def test_messages():
    problem = bridge(2, 3)
    with pytest.raises(ValueError, match=r"\(20, 33\).*rows\*p, cols\*p"):
        solve_structure(np.ones((20, 33)), problem)
    with pytest.raises(ValueError, match="not binary"):
        solve_structure(np.full((20, 30), 0.5), problem)
    with pytest.raises(ValueError, match="no solid pixel"):
        solve_structure(np.zeros((20, 30)), problem)
    with pytest.raises(ValueError, match="one image"):
        solve_structure(np.ones((2, 20, 30)), problem)
    with pytest.raises(ValueError, match="refine"):
        solve_structure(np.ones((20, 30)), problem, refine=0)
    middle = np.zeros((20, 30))
    middle[:, 10:20] = 1
    with pytest.raises(ValueError, match=r"no part .* held"):
        solve_structure(middle, problem)
    cut = np.ones((20, 30))
    cut[:, 14] = 0
    with pytest.raises(ValueError, match="nothing carries load"):
        solve_structure(cut, problem)
