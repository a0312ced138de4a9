"""Swaps by properties: the macro model agrees, passive cells stay, and nothing gets worse."""

import numpy as np
import pytest

import metafast as mf
from metafast.assembly.body_cells import body_properties
from metafast.assembly.costs import assembly_costs
from metafast.assembly.tiling import choose_cells
from metafast.macro.finite import macro_model
from metafast.pipeline.mesh_change import mesh_change
from metafast.pipeline.property_swaps import swap_by_properties

PROBLEM = mf.problems.bridge(3, 9, compression=0.3)


def costs_of(problem, count, seed=1):
    """Candidates near one stiffness, in random places."""
    database = mf.CellDatabase.default()
    near = database.nearest([[0.4, 0.1, 0.4, 0.1]], 200).rows[0]
    candidates = np.random.default_rng(seed).choice(near, (problem.rows, problem.cols, count))
    candidates[~problem.designed] = -1
    targets = body_properties(database, candidates[..., 0], problem)
    return database, assembly_costs(database, targets, candidates, problem=problem)


def error_of(problem, model, database, costs, labels):
    rows = costs.chosen(costs.candidates, labels)
    moved = model.macro_nodes(model.solve(body_properties(database, rows, problem)))
    return problem.rrmse(moved)


@pytest.fixture(scope="module", params=["linear", "finite"])
def case(request):
    database, costs = costs_of(PROBLEM, 6)
    model = macro_model(PROBLEM, 1, request.param)
    return model, database, costs, choose_cells(costs)


def test_the_error_of_the_cells_own_properties_falls(case):
    model, database, costs, start = case
    problem = PROBLEM.aiming_at(within_reach(case))
    found = swap_by_properties(problem, model, database, costs, start, rounds=20)
    before = error_of(problem, model, database, costs, start.labels)
    after = error_of(problem, model, database, costs, found.labels)
    assert after < 0.3 * before
    assert (found.cells == costs.chosen(costs.candidates, found.labels)).all()
    assert found.lower_bound == start.lower_bound
    assert found.energy > start.energy


def within_reach(case):
    """Targets that some random labelling of the candidates meets."""
    model, database, costs, _ = case
    labels = np.random.default_rng(3).integers(0, 6, (3, 9))
    rows = costs.chosen(costs.candidates, labels)
    moved = model.macro_nodes(model.solve(database.properties[rows]))
    return np.where(PROBLEM.wanted, moved, np.nan)


def test_more_rounds_are_never_worse(case):
    model, database, costs, start = case
    problem, errors = PROBLEM.aiming_at(within_reach(case)), []
    for rounds in (0, 1, 2, 4, 8):
        options = {"rounds": rounds, "edge_price": 0.0}
        found = swap_by_properties(problem, model, database, costs, start, **options)
        errors.append(error_of(problem, model, database, costs, found.labels))
    assert errors[0] == pytest.approx(error_of(problem, model, database, costs, start.labels))
    assert (np.diff(errors) <= 1e-9).all()


def test_passive_cells_stay():
    body = np.zeros((2, 4), int)
    body[:, 0] = mf.problems.CellKind.SOLID
    body[1, 3] = mf.problems.CellKind.ABSENT
    bridge = mf.problems.bridge(2, 4, compression=0.05)
    prescribed = np.where(np.isfinite(bridge.prescribed), bridge.prescribed, np.nan)
    prescribed[2, 4] = np.nan
    target = bridge.target.copy()
    target[2] = np.nan
    problem = mf.Problem("some", prescribed, target, body)
    database, costs = costs_of(problem, 5)
    model, start = macro_model(problem, 1, "linear"), choose_cells(costs)
    found = swap_by_properties(problem, model, database, costs, start, rounds=20)
    assert (found.labels[body != 0] == 0).all()
    assert (found.cells[body != 0] == -1).all()
    before, after = (error_of(problem, model, database, costs, a.labels) for a in (start, found))
    assert after < before


def test_mismatch_has_a_price(case):
    """The objective falls at any price, and the dearer the mismatch, the less of it is left."""
    model, database, costs, start = case
    problem, found = PROBLEM.aiming_at(within_reach(case)), []
    prices = (1e-7, 1e-4, 1e-2)
    for price in prices:
        options = {"rounds": 20, "edge_price": price}
        found.append(swap_by_properties(problem, model, database, costs, start, **options).labels)

    def objective(labels, price):
        error = error_of(problem, model, database, costs, labels)
        return error**2 + price * costs.mismatches(labels).sum()

    mismatch = [costs.mismatches(labels).sum() for labels in found]
    assert mismatch[0] > mismatch[1] > mismatch[2]
    for labels, price in zip(found, prices, strict=True):
        assert objective(labels, price) <= objective(start.labels, price)


def test_no_equilibrium_leaves_the_start(case, monkeypatch):
    model, database, costs, start = case

    def lost(_):
        raise mf.NoEquilibriumError("collapsed", 0.3)

    monkeypatch.setattr(model, "solve", lost)
    assert swap_by_properties(PROBLEM, model, database, costs, start, rounds=5) is start


def test_both_meshes_count(case):
    """With a finer mesh that changes much, the error there falls at the cost of the other."""
    model, database, costs, start = case

    def errors(labels):
        rows = costs.chosen(costs.candidates, labels)
        own = model.macro_nodes(model.solve(database.properties[rows]))[PROBLEM.wanted]
        target, change = problem.target[PROBLEM.wanted], finer.of(labels)
        return [np.linalg.norm(u - target) / np.linalg.norm(target) for u in (own, own + change)]

    problem = PROBLEM.aiming_at(within_reach(case))
    finer = mesh_change(PROBLEM, database, costs.candidates, 1, 2)
    finer.factor = 5.0
    both = swap_by_properties(problem, model, database, costs, start, finer=finer, rounds=20)
    alone = swap_by_properties(problem, model, database, costs, start, rounds=20)
    assert errors(both.labels)[1] < errors(alone.labels)[1]
    assert np.hypot(*errors(both.labels)) < np.hypot(*errors(alone.labels))
