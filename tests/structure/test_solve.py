"""Full-resolution solution: plain twin, general solvers, threads, progress, messages."""

from __future__ import annotations

import numpy as np
import pytest
from reference import direct
from reference import structure as reference

from metafast.material import Material
from metafast.problems.bridge import bridge
from metafast.problems.graded_beam import graded_beam
from metafast.problems.smiley import smiley
from metafast.structure import solve_structure

MATERIAL = Material()
SIDE = 6


def close(a, b, tolerance=1e-9):
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


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


@pytest.mark.parametrize("solver", [None, "superlu"])
def test_general_solvers_agree(solver):
    problem = bridge(3, 5)
    pixels = reference.random_structure(3, 5, 10, seed=5)
    response = solve_structure(pixels, problem, MATERIAL)
    other, energy = direct.solve_structure(pixels, problem, MATERIAL, solver=solver)
    close(response.nodal_displacement, other)
    assert response.energy == pytest.approx(energy, rel=1e-10)


def test_threads_do_not_change_a_bit():
    problem = bridge(3, 5)
    pixels = reference.random_structure(3, 5, 10, seed=5)
    one, two = (solve_structure(pixels, problem, MATERIAL, threads=k) for k in (1, 2))
    np.testing.assert_array_equal(one.nodal_displacement, two.nodal_displacement)
    np.testing.assert_array_equal(one.displacement, two.displacement)
    assert (one.energy, one.residual) == (two.energy, two.residual)


def test_progress_names_the_phases():
    problem, told = bridge(2, 3), []
    pixels = reference.random_structure(2, 3, 10, seed=5)
    solve_structure(pixels, problem, MATERIAL, progress=lambda *step: told.append(step))
    names = ["supports", "assembly", "order", "factor", "solve"]
    assert told[:-1] == [("structure", k, 5, name) for k, name in enumerate(names)]
    assert told[-1] == ("structure", 5, 5)
    response = solve_structure(pixels, problem, MATERIAL)
    assert list(response.timings) == [*names, "total"]
    assert sum(response.timings[name] for name in names) <= response.timings["total"]


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
    with pytest.raises(ValueError, match="threads"):
        solve_structure(np.ones((20, 30)), problem, threads=0)
    with pytest.raises(ValueError, match=r"problem is a str; a metafast\.Problem is needed"):
        solve_structure(np.ones((20, 30)), "bridge")
    with pytest.raises(ValueError, match=r"phases is 'steel'; a metafast\.Phases or"):
        solve_structure(np.ones((20, 30)), problem, "steel")
    with pytest.raises(MemoryError, match="refine"):
        solve_structure(np.ones((20, 30)), problem, refine=10**6)
    middle = np.zeros((20, 30))
    middle[:, 10:20] = 1
    with pytest.raises(ValueError, match=r"no part .* held"):
        solve_structure(middle, problem)
    cut = np.ones((20, 30))
    cut[:, 14] = 0
    with pytest.raises(ValueError, match="nothing carries load"):
        solve_structure(cut, problem)
