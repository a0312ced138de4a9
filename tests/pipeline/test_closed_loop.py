"""Closed loop on a small bridge: never worse, honest rounds, the same for any threads."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import metafast as mf
from metafast.assembly.costs import assembly_costs
from metafast.assembly.tiling import choose_cells
from metafast.macro import MacroModel
from metafast.pipeline.closed_loop import close_loop
from metafast.pipeline.every_pixel import BodySolver
from metafast.pipeline.swap_effects import SwapEffects
from metafast.pipeline.swap_loop import SwapLoop

PROBLEM = mf.problems.bridge(3, 9, compression=0.3)


@pytest.fixture(scope="module")
def database():
    return mf.CellDatabase.default()


@pytest.fixture(scope="module")
def costs(database):
    stiff = (database.side_solid() >= 0.5) & (database.properties[:, 0] > 0.02)
    rng = np.random.default_rng(1)
    candidates = rng.choice(np.flatnonzero(stiff), (3, 9, 5))
    return assembly_costs(database, database.properties[candidates[:, :, 0]], candidates)


@pytest.fixture(scope="module")
def solver(database):
    return BodySolver(PROBLEM, database)


@pytest.fixture(scope="module")
def start(costs, solver):
    return solver.with_adjoints(solver(choose_cells(costs)))


@pytest.fixture
def run(database, costs, solver, start):
    """The loop after some rounds; a solver and effects may stand in for the real ones."""

    def run_loop(rounds, *, windows=40, threads=None, stand_in=None, change=None):
        effects = SwapEffects(PROBLEM, database, costs, windows=windows, threads=threads)
        effects = effects if change is None else change(effects)
        solves = stand_in or solver
        loop = SwapLoop(PROBLEM, costs, start, effects, solves)
        close_loop(loop, solves, rounds)
        return loop

    return run_loop


class Failing:
    """A solver whose trials of the given numbers, counted from 1, fall apart."""

    def __init__(self, solver, numbers):
        self.solver, self.numbers, self.trials, self.renewed = solver, numbers, [], []

    def trial(self, assembly):
        self.trials.append(assembly)
        return None if len(self.trials) in self.numbers else self.solver.trial(assembly)

    def with_adjoints(self, body):
        self.renewed.append(body)
        return self.solver.with_adjoints(body)


class Recorded:
    """Effects that keep the adjoint fields by which they judge."""

    def __init__(self, effects):
        self.effects, self.adjoints = effects, []

    def judge(self, body, adjoints, residual):
        self.adjoints.append(adjoints)
        self.effects.judge(body, adjoints, residual)

    def __getattr__(self, name):
        return getattr(self.effects, name)


@pytest.fixture(scope="module")
def closed(database, costs, solver, start):
    loop = SwapLoop(
        PROBLEM, costs, start, SwapEffects(PROBLEM, database, costs, windows=40), solver
    )
    close_loop(loop, solver, 3)
    return loop


def test_the_loop_improves_and_says_by_how_much(start, closed):
    best, rounds = closed.best, closed.rounds
    kept = [row.pixels for row in rounds if row.kept]
    assert best.response.rrmse < 0.8 * start.response.rrmse
    assert rounds[0].pixels == start.response.rrmse
    assert kept[-1] == best.response.rrmse
    assert (np.diff(kept) < 0).all()
    assert all(row.swaps > 0 for row in rounds[1:])
    assert np.isnan(rounds[0].predicted)
    assert best.assembly.energy == [row.energy for row in rounds if row.kept][-1]


def test_the_result_is_what_it_says(database, costs, closed):
    best = closed.best
    again = mf.solve_structure(best.pixels, PROBLEM, database.phases)
    assert again.rrmse == best.response.rrmse
    assert (best.assembly.cells == costs.chosen(costs.candidates, best.assembly.labels)).all()
    block = best.pixels[50:100, 100:150]
    assert (block == database.take([best.assembly.cells[1, 2]])[0]).all()


def test_any_number_of_threads_gives_the_same(run, closed):
    one = run(3, threads=1)
    assert (one.best.pixels == closed.best.pixels).all()
    assert str(one.rounds) == str(closed.rounds)  # nan is itself in text


def test_no_rounds_change_nothing(run, start):
    loop = run(0)
    assert loop.best is start
    assert len(loop.rounds) == 1


def test_adjoint_fields_are_solved_for_when_they_are_needed(run, database, costs, solver, start):
    effects = SwapEffects(PROBLEM, database, costs, windows=40)
    loop = SwapLoop(PROBLEM, costs, replace(start, adjoints=None), effects, solver)
    close_loop(loop, solver, 3, tolerance=2.0)
    assert len(loop.rounds) == 1
    close_loop(loop, solver, 1)
    assert str(loop.rounds) == str(run(1).rounds)  # nan is itself in text


def test_a_loop_without_room_for_adjoint_fields_says_so(costs, database, solver, start):
    class Full(Failing):
        def with_adjoints(self, body):
            raise MemoryError

    full, effects = Full(solver, set()), SwapEffects(PROBLEM, database, costs)
    loop = SwapLoop(PROBLEM, costs, replace(start, adjoints=None), effects, full)
    with pytest.warns(RuntimeWarning, match="no memory for adjoint fields"):
        close_loop(loop, full, 3)
    assert len(loop.rounds) == 1


def test_adjoint_fields_are_solved_for_once(solver, start):
    assert solver.with_adjoints(start) is start


def test_worse_bodies_are_rejected(run, solver, start):
    """Every trial falls apart: the start is returned, each further round tries half the swaps."""
    loop = run(3, stand_in=Failing(solver, {1, 2, 3}))
    assert loop.best is start
    assert not any(row.kept for row in loop.rounds[1:])
    assert all(np.isinf(row.pixels) for row in loop.rounds[1:])
    swaps = [row.swaps for row in loop.rounds[1:]]
    assert all(after <= before // 2 for before, after in pairwise(swaps))


def test_old_adjoint_fields_are_renewed_when_a_round_fails(run, solver, start):
    """The second trial falls apart; the third is predicted with fields of the first one's body."""
    failing, seen = Failing(solver, {2}), []

    def record(effects):
        seen.append(Recorded(effects))
        return seen[0]

    loop = run(3, stand_in=failing, change=record)
    assert [row.kept for row in loop.rounds[:3]] == [True, True, False]
    first, second, third = seen[0].adjoints
    assert first is second is start.adjoints
    assert [body.assembly for body in failing.renewed] == [failing.trials[0]]
    fresh = solver.with_adjoints(solver(failing.trials[0])).adjoints
    np.testing.assert_array_equal(third.rows, fresh.rows)
    assert loop.best.response.rrmse <= loop.rounds[1].pixels


def test_half_the_swaps_are_tried_if_there_is_no_room_for_new_fields(run, solver):
    class Full(Failing):
        def with_adjoints(self, body):
            raise MemoryError("no room")

    loop = run(3, stand_in=Full(solver, {2, 3}))
    _, first, second, third = loop.rounds
    assert first.kept
    assert not second.kept
    assert second.swaps > 1
    assert 0 < third.swaps <= second.swaps // 2


def test_a_single_bad_swap_is_not_tried_twice(run, solver, start):
    """One usable swap, and it is bad: the loop ends instead of trying it in every round."""

    class One(Recorded):
        def judge(self, body, adjoints, residual):
            super().judge(body, adjoints, residual)
            best = tuple(np.argwhere(self.usable)[0])
            self.usable[:] = False
            self.usable[best], self.values[best] = True, -0.5 * residual

    loop = run(5, windows=10, stand_in=Failing(solver, {1, 2, 3, 4, 5}), change=One)
    assert [row.swaps for row in loop.rounds] == [0, 1]


def test_the_best_body_survives_when_memory_ends(run, solver, start):
    class Full(Failing):
        def trial(self, assembly):
            raise MemoryError("full")

    with pytest.warns(RuntimeWarning, match="the closed loop ends early: full"):
        loop = run(2, windows=10, stand_in=Full(solver, ()))
    assert loop.best is start


def test_a_cut_body_is_rejected_and_other_errors_are_not():
    corner = np.array([[0.1, 0.0, 0.1, 0.1]])
    diagonal = mf.CellDatabase(np.eye(50)[None], corner)
    problem = mf.problems.bridge(1, 4, compression=0.1)
    targets = np.broadcast_to(corner, (1, 4, 4))
    chain = choose_cells(assembly_costs(diagonal, targets, np.zeros((1, 4, 1), int)))
    assert BodySolver(problem, diagonal).trial(chain) is None
    other = mf.problems.bridge(2, 4, compression=0.1)
    with pytest.raises(ValueError, match="pixels have shape"):
        BodySolver(other, diagonal).trial(chain)


def test_guesses_are_first_order(database, costs, start):
    """Homogenized guesses against the macro model with properties a little different."""
    model = MacroModel(PROBLEM)
    guess = SwapEffects(PROBLEM, database, costs).guess(start.assembly.labels)
    properties = database.properties[start.assembly.cells]
    base = model.solve(properties)[model.target]
    for r, c, k in ((0, 3, 1), (2, 7, 4), (1, 8, 2)):
        step = 1e-5
        moved = properties.copy()
        other = database.properties[costs.candidates[r, c, k]]
        moved[r, c] += step * (other - moved[r, c])
        change = (model.solve(moved)[model.target] - base) / step
        np.testing.assert_allclose(
            guess[r, c, k], change, rtol=1e-3, atol=1e-4 * np.abs(change).max()
        )


def test_promising_swaps_are_new_possible_and_other(database, costs, start):
    effects = SwapEffects(PROBLEM, database, costs)
    labels = start.assembly.labels
    residual = (start.response.displacement - PROBLEM.target)[PROBLEM.wanted]
    possible = np.ones(labels.shape, bool)
    possible[1] = False
    swaps = effects.promising(labels, residual, possible, 50)
    assert 0 < len(swaps) <= 50
    assert len(np.unique(swaps, axis=0)) == len(swaps)
    assert (swaps[:, 0] != 1).all()
    assert (labels[swaps[:, 0], swaps[:, 1]] != swaps[:, 2]).all()
