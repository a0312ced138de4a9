"""Supports: held and floating parts, and the places of prescribed values."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from reference import structure as reference

from metafast.material import Material
from metafast.problems.bridge import bridge
from metafast.problems.graded_beam import graded_beam
from metafast.problems.smiley import smiley
from metafast.structure import solve_structure

MATERIAL = Material()


def close(a, b, tolerance=1e-9):
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


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
