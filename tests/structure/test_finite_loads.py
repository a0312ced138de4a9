"""Forces, tractions and springs at finite deformation: closed forms, an outside judge, work."""

import dataclasses
import importlib.util

import numpy as np
import pytest
from reference import hyperelastic
from reference.loaded_problems import afloat, bar, cantilever, end_traction, loaded
from reference.structure import random_structure
from scipy.optimize import brentq

import metafast as mf
from metafast.structure import solve_structure
from metafast.structure.finite.laws import LAWS
from metafast.verification.judges import scikit_fem

MATERIAL = mf.Material(poisson=0.3)
needs_scikit_fem = pytest.mark.skipif(
    importlib.util.find_spec("skfem") is None, reason="scikit-fem is not installed"
)


@pytest.mark.parametrize("plane", ["stress", "strain"])
@pytest.mark.parametrize("law", LAWS)
def test_traction_patch(law, plane):
    """A dead traction stretches a bar evenly: P11 is the traction, P22 nothing."""
    material, stress = mf.Material(poisson=0.3, plane=plane), 0.3
    problem = bar(2, 3, tractions=end_traction(2, 3, (stress, 0.0)))
    found = solve_structure(np.ones((8, 12)), problem, material, kinematics="finite", law=law)
    u = found.nodal_displacement
    along, across = 1.0 + u[0, -1, 0] / 3, 1.0 + u[0, 0, 1] / 2
    p, _ = hyperelastic.first_piola(np.diag([along, across]), law, material)
    np.testing.assert_allclose(p, [[stress, 0.0], [0.0, 0.0]], atol=1e-8)
    assert along > 1.2
    x = np.broadcast_to(np.arange(13) / 4 * (along - 1.0), (9, 13))
    np.testing.assert_allclose(u[..., 0], x, atol=1e-8)
    assert found.stable


def test_springs_alone_take_the_force():
    """Without supports the springs bear the resultant of the forces."""
    problem = afloat()
    found = solve_structure(np.ones((16, 24)), problem, MATERIAL, kinematics="finite")
    pull = 0.05 * found.displacement[1, 0, 0]
    assert pull == pytest.approx(problem.forces[..., 0].sum(), rel=1e-7)
    ends = found.displacement[[0, 2], [0, -1], 1]
    assert 0.1 * ends.sum() == pytest.approx(problem.forces[..., 1].sum(), rel=1e-7)
    assert found.stable
    assert len(found.reactions) == 0


@needs_scikit_fem
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("make", [loaded, afloat])
def test_scikit_fem_has_the_same_displacement(make, law):
    problem = make()
    pixels = random_structure(2, 3, 10, seed=3, solid=0.75)
    found = solve_structure(pixels, problem, MATERIAL, kinematics="finite", law=law)
    theirs = scikit_fem.displacement(pixels, problem, MATERIAL, law)
    ours = found.nodal_displacement
    size = np.nanmax(np.abs(ours))
    assert size > 0.05
    assert np.nanmax(np.abs(theirs - ours)) < 1e-7 * size


@pytest.mark.parametrize("make", [loaded, afloat])
def test_small_loads_give_the_linear_solution_with_slope_two(make):
    pixels, differences = random_structure(2, 3, 8, seed=1), []
    for share in (0.2, 0.1, 0.05):
        problem = make()
        problem = dataclasses.replace(
            problem,
            forces=share * problem.forces,
            tractions=None if problem.tractions is None else share * problem.tractions,
        )
        finite = solve_structure(pixels, problem, MATERIAL, kinematics="finite")
        linear = solve_structure(pixels, problem, MATERIAL)
        np.testing.assert_allclose(finite.linear_displacement, linear.displacement, atol=1e-10)
        differences.append(np.abs(finite.displacement - linear.displacement).max())
    slopes = np.log2(np.array(differences[:-1]) / differences[1:])
    assert slopes[-1] == pytest.approx(2.0, abs=0.1)


def test_energy_is_the_work_of_the_loads():
    """Work along the load path by the trapezoidal rule, its error quartered by halved steps."""
    pixels, errors = random_structure(2, 3, 6, seed=2), []
    for steps in (8, 16):
        work, last = 0.0, 0.0
        for step in range(1, steps + 1):
            problem = loaded(size=0.02 * step / steps)
            found = solve_structure(pixels, problem, MATERIAL, kinematics="finite")
            # force times displacement, per unit of load, for the whole load
            now = found.work * steps / step
            work += (step - 0.5) / steps * (now - last)
            last = now
        errors.append(abs(work / (found.energy + found.spring_energy) - 1.0))
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.1)
    assert errors[1] < 5e-3


def test_path_tells_energy_and_work():
    found = solve_structure(
        random_structure(2, 3, 8, seed=2), loaded(size=1e-5), MATERIAL, kinematics="finite"
    )
    end = found.path[-1]
    assert end["energy"] == pytest.approx(found.energy + found.spring_energy, rel=1e-9)
    assert end["reaction"] == pytest.approx(2.0 * end["energy"], rel=1e-3)


def test_column_under_a_dead_load_buckles_where_euler_says():
    rows, cols, side = 1, 10, 4
    euler = np.pi**2 / 12 / (4 * cols**2)
    for share, low, high in ((0.9, 0.0, 0.5), (1.1, 3.0, 8.0)):
        thrust = end_traction(rows, cols, (-share * euler, 2e-3 * euler))
        problem = cantilever(rows, cols, tractions=thrust)
        found = solve_structure(
            np.ones((side, cols * side)), problem, mf.Material(poisson=0.0), kinematics="finite"
        )
        assert low < abs(found.displacement[0, -1, 1]) < high


def test_a_spring_keeps_a_column_from_buckling():
    """Twice Euler's load, and a stiff spring across the free end: clamped and pinned."""
    rows, cols, side = 1, 10, 4
    euler = np.pi**2 / 12 / (4 * cols**2)
    springs = np.zeros((2, 11, 2))
    springs[:, -1, 1] = 1.0
    problem = cantilever(
        rows, cols, tractions=end_traction(rows, cols, (-2 * euler, 1e-3 * euler)), springs=springs
    )
    found = solve_structure(
        np.ones((side, cols * side)), problem, mf.Material(poisson=0.0), kinematics="finite"
    )
    assert found.stable
    assert np.abs(found.displacement[..., 1]).max() < 0.05


def test_dead_bar_follows_its_law():
    """One cell under compression, neo-Hookean in plane strain without contraction."""
    material = mf.Material(poisson=0.0, plane="strain")
    problem = bar(1, 1, tractions=end_traction(1, 1, (-0.2, 0.0)))
    found = solve_structure(np.ones((4, 4)), problem, material, kinematics="finite")
    stretch = brentq(lambda t: 0.5 * (t - 1.0 / t) + 0.2, 0.3, 1.0)  # mu = 1/2, lambda = 0
    np.testing.assert_allclose(1.0 + found.displacement[:, -1, 0], stretch, rtol=1e-8)


def test_a_perfect_column_with_a_soft_spring_buckles():
    """Nothing tells the way: the straight equilibrium is found unstable, and left."""
    rows, cols, side = 1, 10, 4
    euler = np.pi**2 / 12 / (4 * cols**2)
    springs = np.zeros((2, 11, 2))
    springs[:, -1, 1] = 1e-6
    for share, critical in ((0.9, False), (1.3, True)):
        thrust = end_traction(rows, cols, (-share * euler, 0.0))
        problem = cantilever(rows, cols, tractions=thrust, springs=springs)
        found = solve_structure(
            np.ones((side, cols * side)), problem, mf.Material(poisson=0.0), kinematics="finite"
        )
        assert found.stable
        assert np.isfinite(found.critical_load) == critical
        assert (np.abs(found.displacement[..., 1]).max() > 1.0) == critical
