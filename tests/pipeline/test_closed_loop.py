"""The closed loop on a small bridge: never worse, honest history, the same for any threads."""

import numpy as np
import pytest

import metafast as mf
from metafast.assembly.costs import assembly_costs
from metafast.assembly.tiling import choose_cells
from metafast.macro import MacroModel
from metafast.pipeline import closed_loop as module
from metafast.pipeline.closed_loop import close_loop, solve_assembly
from metafast.pipeline.swap_effects import SwapEffects


@pytest.fixture(scope="module")
def start():
    database = mf.CellDatabase.default()
    problem = mf.problems.bridge(3, 9, compression=0.3)
    stiff = (database.side_solid() >= 0.5) & (database.properties[:, 0] > 0.02)
    rng = np.random.default_rng(1)
    candidates = rng.choice(np.flatnonzero(stiff), (3, 9, 5))
    targets = database.properties[candidates[:, :, 0]]
    costs = assembly_costs(database, targets, candidates)
    made = solve_assembly(problem, database, choose_cells(costs), adjoint=True, threads=None)
    return problem, database, costs, made


@pytest.fixture(scope="module")
def closed(start):
    problem, database, costs, made = start
    return close_loop(problem, database, costs, made, rounds=3, windows=40)


def test_the_loop_improves_and_tells_what_it_did(start, closed):
    *_, made = start
    best, history = closed
    assert best.response.rrmse < 0.8 * made.response.rrmse
    assert history["every_pixel"][0] == made.response.rrmse
    assert history["every_pixel"][history["kept"]][-1] == best.response.rrmse
    assert (np.diff(history["every_pixel"][history["kept"]]) < 0).all()
    assert (history["round"] == np.arange(len(history))).all()
    assert (history["swaps"][1:] > 0).all()
    assert np.isnan(history["predicted"][0])
    assert best.assembly.energy == history["energy"][history["kept"]][-1]


def test_the_result_is_what_it_says(start, closed):
    problem, database, costs, _ = start
    best, _ = closed
    again = mf.solve_structure(best.pixels, problem, database.phases)
    assert again.rrmse == best.response.rrmse
    assert (best.assembly.cells == costs.chosen(costs.candidates, best.assembly.labels)).all()
    block = best.pixels[50:100, 100:150]
    assert (block == database.take([best.assembly.cells[1, 2]])[0]).all()


def test_any_number_of_threads_gives_the_same(start, closed):
    problem, database, costs, made = start
    best, history = close_loop(problem, database, costs, made, rounds=3, windows=40, threads=1)
    assert (best.pixels == closed[0].pixels).all()
    for name in history.dtype.names:
        np.testing.assert_array_equal(history[name], closed[1][name])


def test_no_rounds_change_nothing(start):
    problem, database, costs, made = start
    best, history = close_loop(problem, database, costs, made, rounds=0)
    assert best is made
    assert len(history) == 1


def test_a_start_without_adjoint_fields_is_refused(start):
    problem, database, costs, made = start
    bare = solve_assembly(problem, database, made.assembly, adjoint=False, threads=None)
    with pytest.raises(ValueError, match="adjoint=True"):
        close_loop(problem, database, costs, bare, rounds=1)


def test_worse_structures_are_thrown_away(start, monkeypatch):
    """Every trial falls apart: the start is returned, each further round tries half the swaps."""
    problem, database, costs, made = start
    monkeypatch.setattr(module, "_solved", lambda *_, **__: None)
    best, history = close_loop(problem, database, costs, made, rounds=3, windows=40)
    assert best is made
    assert not history["kept"][1:].any()
    assert np.isinf(history["every_pixel"][1:]).all()
    assert (history["swaps"][2:] <= history["swaps"][1:-1] // 2).all()


def test_old_adjoint_fields_are_made_anew_when_a_round_fails(start, monkeypatch):
    """The second trial falls apart; the third is foretold with fields of the first one's result."""
    problem, database, costs, made = start
    solved, trials, views = module._solved, [], []

    def second_fails(*arguments):
        trials.append(arguments[2])
        return None if len(trials) == 2 else solved(*arguments)

    class Recorded(module.SwapWindows):
        def __init__(self, *arguments):
            views.append(arguments[3])
            super().__init__(*arguments)

    monkeypatch.setattr(module, "_solved", second_fails)
    monkeypatch.setattr(module, "SwapWindows", Recorded)
    best, history = close_loop(problem, database, costs, made, rounds=3, windows=40)
    assert history["kept"].tolist()[:3] == [True, True, False]
    assert views[0] is views[1] is made.adjoints
    anew = solve_assembly(problem, database, trials[0], adjoint=True, threads=None).adjoints
    np.testing.assert_array_equal(views[2].rows, anew.rows)
    assert best.response.rrmse <= history["every_pixel"][1]


def test_a_single_bad_swap_is_not_tried_twice(start, monkeypatch):
    """One usable swap, and it is bad: the loop ends instead of trying it in every round."""
    problem, database, costs, made = start
    monkeypatch.setattr(module, "_solved", lambda *_, **__: None)
    original = SwapEffects.look

    def look(self, *arguments, **options):
        original(self, *arguments, **options)
        best = np.argwhere(self.usable)[:1]
        self.usable[:] = False
        self.usable[tuple(best.T)] = True
        self.values[tuple(best.T)] = -0.5 * residual

    residual = made.response.displacement[problem.wanted] - problem.target[problem.wanted]
    monkeypatch.setattr(SwapEffects, "look", look)
    _, history = close_loop(problem, database, costs, made, rounds=5, windows=10)
    assert history["swaps"].tolist() == [0, 1]


def test_the_best_so_far_survives_when_memory_ends(start, monkeypatch):
    problem, database, costs, made = start

    def full(*_, **__):
        raise MemoryError("full")

    monkeypatch.setattr(module, "_solved", full)
    with pytest.warns(RuntimeWarning, match="the closed loop ends early: full"):
        best, _ = close_loop(problem, database, costs, made, rounds=2, windows=10)
    assert best is made


def test_a_cut_body_is_thrown_away_and_other_errors_are_not(start, monkeypatch):
    problem, database, _, made = start
    cell = np.full((50, 50), 0, np.uint8)
    monkeypatch.setattr(
        module, "tile", lambda *_: np.tile(cell, (3, 9)) + np.eye(150, 450, dtype="u1")
    )
    assert module._solved(problem, database, made.assembly, None) is None
    monkeypatch.setattr(module, "tile", lambda *_: np.ones((3, 3)))
    with pytest.raises(ValueError, match="pixels have shape"):
        module._solved(problem, database, made.assembly, None)


def test_guesses_are_first_order(start):
    """Homogenized guesses against the macro model with properties a little different."""
    problem, database, costs, made = start
    model = MacroModel(problem)
    effects = SwapEffects(costs, database, model)
    labels = made.assembly.labels
    guess = effects._guess(labels)
    properties = database.properties[made.assembly.cells]
    base = model.solve(properties)[model.target]
    for r, c, k in ((0, 3, 1), (2, 7, 4), (1, 8, 2)):
        step = 1e-5
        other = properties.copy()
        wanted = database.properties[costs.candidates[r, c, k]]
        other[r, c] += step * (wanted - other[r, c])
        change = (model.solve(other)[model.target] - base) / step
        np.testing.assert_allclose(
            guess[r, c, k], change, rtol=1e-3, atol=1e-4 * np.abs(change).max()
        )


def test_promising_swaps_are_new_possible_and_other(start):
    problem, database, costs, made = start
    effects = SwapEffects(costs, database, MacroModel(problem))
    labels = made.assembly.labels
    residual = made.response.displacement[problem.wanted] - problem.target[problem.wanted]
    possible = np.ones(labels.shape, bool)
    possible[1] = False
    swaps = effects.promising(labels, residual, possible, 50)
    assert 0 < len(swaps) <= 50
    assert len(np.unique(swaps, axis=0)) == len(swaps)
    assert (swaps[:, 0] != 1).all()
    assert (labels[swaps[:, 0], swaps[:, 1]] != swaps[:, 2]).all()
