"""Pixels that touch in a corner only carry no load there, between parts and inside one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from reference import direct
from reference import structure as reference

from metafast.material import Material
from metafast.problems.bridge import bridge
from metafast.problems.graded_beam import graded_beam
from metafast.structure import solve_structure

MATERIAL = Material()


def close(a, b, tolerance=1e-11):
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


def salted(rows, cols, side, seed=0, solid=0.7):
    """Independent random pixels, full of corner contacts, in a frame."""
    image = np.random.default_rng(seed).random((rows * side, cols * side)) < solid
    image[:, [0, -1]] = image[[0, -1]] = True
    return image


def count_contacts(solid):
    a, b, c, d = solid[:-1, :-1], solid[:-1, 1:], solid[1:, :-1], solid[1:, 1:]
    return int(((a == d) & (b == c) & (a != b)).sum())


def two_strips():
    """Strips held at both ends, with a block each; the blocks touch at node (10, 20)."""
    upper, lower = np.zeros((2, 20, 40), bool)
    upper[2:7], upper[7:10, 17:20] = True, True
    lower[13:18], lower[10:13, 20:23] = True, True
    return upper, lower


@pytest.mark.parametrize("refine", [1, 3])
@pytest.mark.parametrize("flip", [False, True])
def test_two_held_parts_move_as_if_alone(flip, refine):
    problem = graded_beam(2, 4)
    target = np.full_like(problem.target, np.nan)
    target[1, 1:4, 1] = -0.5
    problem = dataclasses.replace(problem, target=target)
    upper, lower = (part[:, ::-1] if flip else part for part in two_strips())
    both, one, other = (
        solve_structure(image, problem, MATERIAL, refine=refine)
        for image in (upper | lower, upper, lower)
    )
    assert (both.corner_contacts, one.corner_contacts, other.corner_contacts) == (1, 0, 0)
    assert both.dofs == one.dofs + other.dofs
    assert both.energy == pytest.approx(one.energy + other.energy, rel=1e-10)
    alone = np.stack([one.nodal_displacement, other.nodal_displacement])
    place = 10 * refine, 20 * refine
    assert np.abs(alone[0][place] - alone[1][place]).max() > 1e-3
    close(both.nodal_displacement[place], alone[(slice(None), *place)].mean(0))
    alone[(slice(None), *place)] = both.nodal_displacement[place] / 2
    close(np.nansum(alone, axis=0), np.nan_to_num(both.nodal_displacement))


def test_a_corner_does_not_carry_load_between_the_supports():
    pixels = np.zeros((20, 30), bool)
    pixels[:13, :15] = pixels[13:, 15:] = True
    with pytest.raises(ValueError, match="nothing carries load"):
        solve_structure(pixels, bridge(2, 3), MATERIAL)


@pytest.mark.parametrize("refine", [1, 2])
def test_a_ring_that_closes_in_a_corner_stays_open(refine):
    """A bar whose upper chord is cut to a corner contact is as stiff as one with a cut column."""
    problem = bridge(2, 3)
    pixels = np.ones((20, 30), bool)
    pixels[4:10, 5:25] = False
    pixels[0:2, 14], pixels[2:4, 15] = False, False
    macro, field, energy, _ = reference.solve(pixels, problem, MATERIAL, refine)
    ring = solve_structure(pixels, problem, MATERIAL, refine=refine)
    assert (ring.corner_contacts, ring.removed_parts) == (1, 0)
    close(ring.displacement, macro, 1e-9)
    close(ring.nodal_displacement, field, 1e-9)
    assert ring.energy == pytest.approx(energy, rel=1e-9)
    cut, joined = pixels.copy(), pixels.copy()
    cut[0:4, 14:16] = False
    joined[0:2, 14] = True
    energies = [solve_structure(p, problem, MATERIAL, refine=refine).energy for p in (cut, joined)]
    assert energies[0] <= ring.energy < 0.9 * energies[1]
    assert ring.energy == pytest.approx(energies[0], rel=0.01)


@pytest.mark.parametrize("refine", [1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_random_pixels_equal_the_twin(seed, refine):
    problem, pixels = bridge(3, 4), salted(3, 4, 6, seed)
    macro, field, energy, kept = reference.solve(pixels, problem, MATERIAL, refine)
    response = solve_structure(pixels, problem, MATERIAL, refine=refine)
    np.testing.assert_array_equal(response.solid, kept)
    assert response.corner_contacts == count_contacts(kept) > 10
    close(response.nodal_displacement, field, 1e-9)
    close(response.displacement, macro, 1e-9)
    assert response.energy == pytest.approx(energy, rel=1e-9)
    assert response.residual < 1e-9
    other, _ = direct.solve_structure(pixels, problem, MATERIAL, refine)
    close(response.nodal_displacement, other)


@pytest.mark.parametrize("component", [0, 1])
def test_a_value_prescribed_at_a_contact_moves_both_pixels(component):
    problem = bridge(4, 4)
    prescribed, target = problem.prescribed.copy(), np.full_like(problem.target, np.nan)
    prescribed[2, 1:4, component] = [0.1, 0.3, -0.2]
    target[1, 1:4, 1] = 0.2
    problem = dataclasses.replace(problem, prescribed=prescribed, target=target)
    pixels = salted(4, 4, 8, seed=4)
    macro, field, energy, kept = reference.solve(pixels, problem, MATERIAL)
    at_line = kept[15:17, 8:24]
    assert count_contacts(at_line) > 0
    response = solve_structure(pixels, problem, MATERIAL)
    close(response.nodal_displacement, field, 1e-9)
    close(response.displacement, macro, 1e-9)
    assert response.energy == pytest.approx(energy, rel=1e-9)
