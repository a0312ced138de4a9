"""Mesh correction with stand-ins for loop and solvers: what is kept, and what is aimed at."""

from types import SimpleNamespace

import numpy as np
import pytest

import metafast as mf
from metafast.pipeline.mesh_correction import correct_mesh
from metafast.pipeline.swap_loop import SwapLoop

PROBLEM = mf.problems.bridge(2, 4)


def body(error):
    """A body whose displacement misses the target by a share of it."""
    displacement = (1.0 + error) * PROBLEM.target
    response = SimpleNamespace(displacement=displacement, rrmse=PROBLEM.rrmse(displacement))
    return SimpleNamespace(assembly=object(), response=response)


class Loop:
    """A loop whose best body is another one from rest, and meets every aim that it is given."""

    def __init__(self):
        self.best, self.rounds, self.aims = body(0.02), [None], []

    def take_from_rest(self):
        if not self.aims:
            self.best = body(0.05)

    def aim_at(self, aim):
        self.aims.append(aim)

    def next_trial(self):
        aim = self.aims[-1].target
        self.best = SimpleNamespace(
            assembly=object(), response=SimpleNamespace(displacement=aim, rrmse=0.0)
        )


class Fine:
    """A finer mesh on which every displacement grows by a constant field."""

    def on_finer_mesh(self, coarse, times):
        displacement = coarse.response.displacement + 0.1 * np.nanmax(PROBLEM.target)
        response = SimpleNamespace(displacement=displacement, rrmse=PROBLEM.rrmse(displacement))
        return SimpleNamespace(response=response)


class Full:
    """A finer mesh that does not fit."""

    def on_finer_mesh(self, coarse, times):
        raise MemoryError("full")


def corrected(loop, fine, trace):
    solver = SimpleNamespace(aim_at=lambda problem: None)
    return correct_mesh(PROBLEM, loop, solver, fine, 2, 9, 1e-3, trace)


def test_the_aim_makes_up_for_most_of_what_the_finer_mesh_changes():
    loop, trace = Loop(), mf.Trace()
    found = corrected(loop, Fine(), trace)
    change = PROBLEM.target - loop.aims[0].target
    offset = 0.1 * np.nanmax(PROBLEM.target)
    np.testing.assert_allclose(change[PROBLEM.wanted], 0.75 * offset, rtol=1e-12)
    assert trace.meshes[0].fine > 0.05
    left = PROBLEM.rrmse(np.nan_to_num(PROBLEM.target) + offset)
    assert trace.meshes[-1].fine == pytest.approx(0.25 * left)
    assert trace.meshes[-1].coarse == pytest.approx(0.75 * left)
    assert PROBLEM.rrmse(found.fine_displacement) == pytest.approx(0.25 * left)


def test_both_meshes_count_and_a_loop_that_finds_nothing_ends():
    """A fine error of 1.5 times the goal will do; a body that stays is not solved again."""
    loop, trace = Loop(), mf.Trace()
    loop.next_trial = lambda: None
    size = PROBLEM.rrmse(np.nan_to_num(PROBLEM.target) * 0 + 0.1 * np.nanmax(PROBLEM.target))
    solver = SimpleNamespace(aim_at=lambda problem: None)
    correct_mesh(PROBLEM, loop, solver, Fine(), 2, 9, 1e-3, trace)
    assert len(trace.meshes) == 1
    assert len(loop.aims) == 1
    loop, trace = Loop(), mf.Trace()
    correct_mesh(PROBLEM, loop, solver, Fine(), 2, 9, 2 * size, trace)
    assert not loop.aims
    assert trace.meshes[0].fine > trace.meshes[0].coarse


def test_without_a_finer_mesh_the_body_from_rest_is_the_result():
    loop, trace = Loop(), mf.Trace()
    with pytest.warns(RuntimeWarning, match="no finer mesh is solved: full"):
        found = corrected(loop, Full(), trace)
    assert found.body is loop.best
    assert found.body.response.rrmse == pytest.approx(0.05)
    assert np.isnan(found.fine_displacement).all()


@pytest.mark.parametrize("lost", [mf.NoEquilibriumError("gone", 0.4), MemoryError("full")])
def test_a_result_that_cannot_be_followed_from_rest_stays(lost):
    def from_rest(_):
        raise lost

    loop = SwapLoop.__new__(SwapLoop)
    loop.best, loop._solver = body(0.02), SimpleNamespace(from_rest=from_rest)
    before = loop.best
    with pytest.warns(RuntimeWarning, match="not followed from rest: (gone|full)"):
        loop.take_from_rest()
    assert loop.best is before
