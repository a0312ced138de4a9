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
    """A loop whose best body is another one from rest, and makes up for what it learns."""

    def __init__(self):
        self.best, self.rounds, self.learnt, self.share = body(0.02), [None], [], 0.6

    def take_from_rest(self):
        if not self.learnt:
            self.best = body(0.05)

    def learn(self, change):
        self.learnt.append(change)

    def reached(self, goal):
        return False

    def next_trial(self):
        displacement = PROBLEM.target - self.share * self.learnt[-1]
        response = SimpleNamespace(displacement=displacement, rrmse=PROBLEM.rrmse(displacement))
        self.best = SimpleNamespace(assembly=object(), response=response)


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


def corrected(loop, fine, trace, goal=1e-3):
    return correct_mesh(PROBLEM, loop, None, fine, 2, 9, goal, trace)


def test_the_loop_learns_what_the_finer_mesh_changes_and_the_better_of_both_is_kept():
    loop, trace = Loop(), mf.Trace()
    found = corrected(loop, Fine(), trace)
    offset = 0.1 * np.nanmax(PROBLEM.target)
    np.testing.assert_allclose(loop.learnt[0][PROBLEM.wanted], offset, rtol=1e-12)
    size = PROBLEM.rrmse(np.nan_to_num(PROBLEM.target) + offset)
    assert trace.meshes[-1].coarse == pytest.approx(0.6 * size)
    assert trace.meshes[-1].fine == pytest.approx(0.4 * size)
    assert found.body.response.rrmse == pytest.approx(0.6 * size)
    assert PROBLEM.rrmse(found.fine_displacement) == pytest.approx(0.4 * size)
    # with a body that serves the finer mesh only, the first one is better on both
    loop.__init__()
    loop.share = 1.0
    found = corrected(loop, Fine(), mf.Trace())
    assert found.body.response.rrmse == pytest.approx(0.05)


def test_a_goal_that_both_meshes_meet_ends_the_loop():
    loop, trace = Loop(), mf.Trace()
    size = PROBLEM.rrmse(np.nan_to_num(PROBLEM.target) + 0.1 * np.nanmax(PROBLEM.target))
    corrected(loop, Fine(), trace, goal=(size + 0.05) / 1.5)
    assert not loop.learnt
    assert len(trace.meshes) == 1


def test_a_body_that_stays_is_not_solved_again():
    loop, trace = Loop(), mf.Trace()
    loop.next_trial = lambda: None
    corrected(loop, Fine(), trace)
    assert len(trace.meshes) == 1
    assert len(loop.learnt) == 1


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
