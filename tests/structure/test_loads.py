"""Forces, tractions and springs at every pixel: closed forms, a plain twin, work and moments."""

import dataclasses

import numpy as np
import pytest
from reference import loads as twin
from reference.loaded_problems import afloat, bar, cantilever, end_traction, loaded
from reference.problems import mirrored
from reference.structure import random_structure

import metafast as mf
from metafast.structure import solve_load_cases, solve_structure
from metafast.structure.loads import MacroLoads, pixel_loads
from metafast.structure.supports import NotCarriedError, support

MATERIAL = mf.Material(poisson=0.3)


def test_traction_patch():
    """A pure traction on solid pixels: uniform stress, to rounding."""
    stress = 0.01
    problem = bar(2, 3, tractions=end_traction(2, 3, (stress, 0.0)))
    found = solve_structure(np.ones((12, 18)), problem, MATERIAL, stresses=True)
    np.testing.assert_allclose(
        found.stress, np.broadcast_to([stress, 0, 0], (12, 18, 3)), atol=1e-9
    )
    x = np.broadcast_to(np.arange(19) / 6 * stress, (13, 19))
    np.testing.assert_allclose(found.nodal_displacement[..., 0], x, atol=1e-13)
    y = np.broadcast_to(-0.3 * stress * np.arange(12, -1.0, -1.0)[:, None] / 6, (13, 19))
    np.testing.assert_allclose(found.nodal_displacement[..., 1], y, atol=1e-13)
    assert found.residual < 1e-11
    assert found.work == pytest.approx(2 * found.energy, rel=1e-12)
    np.testing.assert_allclose(found.reactions.sum(axis=0), [-2 * stress, 0.0], atol=1e-13)


def test_bar_with_a_spring():
    """The bar bears what the springs leave of the load; away from the ends it is a bar."""
    rows, cols, k, stress = 1, 6, 0.2, 0.01
    springs = np.zeros((2, cols + 1, 2))
    springs[:, -1, 0] = k / 2
    problem = bar(rows, cols, tractions=end_traction(rows, cols, (stress, 0.0)), springs=springs)
    found = solve_structure(np.ones((30, 180)), problem, mf.Material(poisson=0.0))
    left = stress - k * found.displacement[:, -1, 0].mean()
    assert -found.reactions[:, 0].sum() == pytest.approx(left, rel=1e-11)
    np.testing.assert_allclose(found.displacement[:, 3, 0], 3 * left, rtol=5e-3)
    energy = found.energy + found.spring_energy
    assert found.work == pytest.approx(2 * energy, rel=1e-11)


def test_springs_by_flexibilities():
    """u = (1 + A k)^-1 u0 with the flexibility A between the ends of the springs."""
    problem, pixels = loaded(), random_structure(2, 3, 8, seed=6)
    free = dataclasses.replace(problem, springs=None)
    ends = [tuple(end) for end in np.argwhere(problem.springs)]
    cases = [free]
    for end in ends:
        forces = np.zeros_like(problem.forces)
        forces[end] = 1.0
        cases.append(cantilever(2, 3, forces=forces))
    first, *others = solve_load_cases(pixels, cases, MATERIAL)
    flexibility = np.array([[each.displacement[end] for each in others] for end in ends])
    k = np.diag([problem.springs[end] for end in ends])
    before = np.array([first.displacement[end] for end in ends])
    exact = np.linalg.solve(np.eye(len(ends)) + flexibility @ k, before)
    found = solve_structure(pixels, problem, MATERIAL)
    np.testing.assert_allclose([found.displacement[end] for end in ends], exact, rtol=1e-9)


@pytest.mark.parametrize("seed", [None, 0, 1, 2, 3])
@pytest.mark.parametrize("plane", ["stress", "strain"])
@pytest.mark.parametrize("make", [loaded, afloat])
def test_twin(make, seed, plane):
    problem, material = make(), mf.Material(poisson=0.3, plane=plane)
    pixels = np.ones((16, 24), int)
    if seed is not None:
        pixels = random_structure(2, 3, 8, seed=seed, solid=0.7)
    held = support(pixels.astype(bool), problem, 8)
    found = solve_structure(pixels, problem, material)
    exact = twin.solve(held.solid, problem, material, held.prescribed)
    size = np.nanmax(np.abs(exact))
    np.testing.assert_allclose(found.nodal_displacement, exact, atol=1e-9 * size)
    assert found.residual < 1e-8
    assert found.work == pytest.approx(2 * (found.energy + found.spring_energy), rel=1e-8)
    for spring in pixel_loads(MacroLoads.of(problem), held.solid, 8, "twin").springs:
        at = (*spring.macro, spring.component)
        assert spring.stretch(found.nodal_displacement) == pytest.approx(found.displacement[at])


def test_spread_forces_have_the_resultant_and_the_moment():
    problem = loaded()
    solid = random_structure(2, 3, 10, seed=5).astype(bool)
    alone = dataclasses.replace(problem, tractions=None, springs=None)
    force = pixel_loads(MacroLoads.of(alone), solid, 10, "twin").force
    np.testing.assert_allclose(force.sum(axis=(0, 1)), problem.forces.sum(axis=(0, 1)), atol=1e-15)
    assert _moment(force, 10) == pytest.approx(_moment(problem.forces, 1), rel=1e-12)


def _moment(forces, side):
    down, right = np.indices(forces.shape[:2]) / side
    return float((right * forces[..., 1] + down * forces[..., 0]).sum())


def test_reactions_balance_the_loads():
    problem = dataclasses.replace(loaded(), springs=None)
    found = solve_structure(random_structure(2, 3, 10, seed=3), problem, MATERIAL)
    applied = problem.forces.sum(axis=(0, 1)) + problem.tractions.sum(axis=(0, 1, 2))
    np.testing.assert_allclose(found.reactions.sum(axis=0), -applied, atol=1e-12)


def test_force_is_spread_by_what_reads_it():
    """Maxwell and Betti: force times displacement at the macro nodes is symmetric."""
    pixels, nodes = random_structure(2, 4, 10, seed=7), [(0, 4, 0), (1, 2, 1), (2, 3, 0)]
    cases = []
    for node in nodes:
        forces = np.zeros((3, 5, 2))
        forces[node] = 1e-3
        cases.append(cantilever(2, 4, forces=forces))
    found = solve_load_cases(pixels, cases, MATERIAL)
    flexibility = np.array([[each.displacement[node] for node in nodes] for each in found])
    np.testing.assert_allclose(flexibility, flexibility.T, rtol=1e-9)
    assert found[0].work == pytest.approx(1e-3 * flexibility[0, 0], rel=1e-12)


def test_mirror_image():
    problem, pixels = loaded(), random_structure(2, 3, 8, seed=4)
    bare = dataclasses.replace(problem, forces=None, tractions=None, springs=None)
    left = mirrored(bare, 1)
    left = dataclasses.replace(
        left,
        forces=problem.forces[:, ::-1] * [-1.0, 1.0],
        springs=problem.springs[:, ::-1],
        tractions=problem.tractions[:, ::-1, [1, 0, 2, 3]] * [-1.0, 1.0],
    )
    one, two = solve_structure(pixels, problem), solve_structure(pixels[:, ::-1], left)
    np.testing.assert_allclose(
        two.displacement[:, ::-1] * [-1.0, 1.0], one.displacement, atol=1e-11
    )


def test_load_cases_share_their_springs():
    problem = loaded()
    other = dataclasses.replace(problem, forces=2.0 * problem.forces, tractions=None)
    pixels = random_structure(2, 3, 8, seed=4)
    both = solve_load_cases(pixels, [problem, other])
    for found, case in zip(both, (problem, other), strict=True):
        alone = solve_structure(pixels, case)
        np.testing.assert_allclose(found.displacement, alone.displacement, atol=1e-12)
    stiffer = dataclasses.replace(problem, springs=2.0 * problem.springs)
    with pytest.raises(ValueError, match="has other springs than 'cantilever'; load cases share"):
        solve_load_cases(pixels, [problem, stiffer])


def test_loads_need_solid():
    problem, pixels = loaded(), np.ones((20, 30))
    pixels[:10, 10:20] = 0  # under the traction on the top of the middle cell
    with pytest.raises(NotCarriedError, match=r"the top side of cell \(0, 1\), which bears a trac"):
        solve_structure(pixels, problem)
    pixels = np.ones((20, 30))
    pixels[4:17, 4:17] = 0
    alone = dataclasses.replace(problem, tractions=None, springs=None)
    with pytest.raises(NotCarriedError, match=r"macro node \(1, 1\), which bears a force"):
        solve_structure(pixels, alone)
