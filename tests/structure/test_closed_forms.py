"""Full-resolution solution: patch test, closed forms, symmetries."""

from __future__ import annotations

import numpy as np
import pytest
from reference import structure as reference
from reference.problems import (
    boundary_problem,
    mirrored,
    transposed,
    transposed_field,
    transposed_pixels,
)

from metafast.material import Material
from metafast.problems.bridge import bridge
from metafast.problems.problem import Problem
from metafast.structure import solve_structure

MATERIAL = Material()
SIDE = 6


def close(a, b, tolerance=1e-9):
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


@pytest.mark.parametrize("plane", ["stress", "strain"])
def test_patch_test_affine_field_is_exact(plane):
    def affine(x, y):
        return np.stack([0.1 + 0.02 * x - 0.03 * y, -0.2 + 0.05 * x + 0.01 * y], -1)

    problem, u = boundary_problem(3, 4, affine)
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
    problem, u = boundary_problem(2, 3, lambda x, y: np.stack([-0.01 * y, 0.01 * x], -1))
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
    turned = solve_structure(transposed_pixels(pixels), transposed(problem), MATERIAL)
    close(turned.displacement, transposed_field(straight.displacement))


def test_a_beam_notched_from_below_arches_upward():
    """The thrust passes below the centroid of the notched middle and bends it upward."""
    problem = bridge(4, 8)
    pixels = np.ones((4 * SIDE, 8 * SIDE))
    pixels[-SIDE // 2 :, 2 * SIDE : 6 * SIDE] = 0
    for image, sign in ((pixels, 1.0), (pixels[::-1], -1.0)):
        axis = solve_structure(image, problem, MATERIAL).displacement[2, :, 1]
        assert sign * (axis[4] - axis[0]) > 0.05


def test_refining_a_patch_changes_nothing_and_a_porous_body_softens():
    problem, u = boundary_problem(2, 2, lambda x, y: np.stack([0.1 * x, 0.05 * x - 0.1 * y], -1))
    fine = solve_structure(np.ones((6, 6)), problem, MATERIAL, refine=3)
    assert fine.solid.shape == (18, 18)
    close(fine.displacement, u, 1e-13)
    beam, pixels = bridge(2, 3), reference.random_structure(2, 3, 8, seed=1)
    energies = [solve_structure(pixels, beam, MATERIAL, refine=k).energy for k in (1, 2, 4)]
    assert energies[0] > energies[1] > energies[2] > 0
