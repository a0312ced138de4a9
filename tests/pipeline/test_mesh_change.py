"""Change by a finer mesh: of labellings and of single swaps, measured and guessed."""

import numpy as np
import pytest

import metafast as mf
from metafast.database import mesh_differences
from metafast.homogenization import homogenize, properties_of
from metafast.macro.finite import macro_model
from metafast.macro.jacobian import target_jacobian
from metafast.pipeline.mesh_change import MeshChange, costs_by_mesh, differences, mesh_change

ROWS, COLS, COUNT, TARGETS = 2, 3, 4, 5


@pytest.fixture
def example():
    rng = np.random.default_rng(0)
    difference = rng.normal(size=(ROWS, COLS, COUNT, 4))
    jacobian = rng.normal(size=(TARGETS, ROWS * COLS, 4))
    change = MeshChange(difference)
    change.linearise(jacobian)
    return change, difference, jacobian


def plain(difference, jacobian, labels):
    return sum(
        jacobian[:, r * COLS + c] @ difference[r, c, labels[r, c]]
        for r in range(ROWS)
        for c in range(COLS)
    )


def test_a_labelling_changes_by_the_sum_of_its_cells(example):
    change, difference, jacobian = example
    labels = np.random.default_rng(1).integers(0, COUNT, (ROWS, COLS))
    guess = change.of(labels)
    np.testing.assert_allclose(guess, change.factor * plain(difference, jacobian, labels))
    effects = change.effects(labels)
    other = labels.copy()
    other[1, 2] = (labels[1, 2] + 1) % COUNT
    np.testing.assert_allclose(change.of(other) - guess, effects[1, 2, other[1, 2]])
    np.testing.assert_array_equal(np.take_along_axis(effects, labels[..., None, None], 2), 0.0)


def test_a_solution_on_the_finer_mesh_tells_size_and_place(example):
    change, difference, jacobian = example
    labels = np.ones((ROWS, COLS), int)
    own = plain(difference, jacobian, labels)
    aside = np.random.default_rng(2).normal(size=TARGETS)
    aside -= (aside @ own) / (own @ own) * own
    before = change.factor
    change.learn(labels, 1.1 * own + aside)
    np.testing.assert_allclose(change.of(labels), 1.1 * own + aside)
    assert 1.1 < change.factor < before
    other = np.zeros((ROWS, COLS), int)
    moved = plain(difference, jacobian, other) - own
    np.testing.assert_allclose(change.of(other), 1.1 * own + aside + change.factor * moved)
    # where the cells cancel, little is learnt about them
    change.learn(labels, 1e-3 * own + 1e3 * aside)
    assert change.factor == pytest.approx(before, rel=1e-2)


def test_before_a_jacobian_only_what_was_measured_is_known():
    change = MeshChange(np.ones((ROWS, COLS, COUNT, 4)))
    assert change.of(np.zeros((ROWS, COLS), int)) is None
    change.learn(np.zeros((ROWS, COLS), int), np.ones(TARGETS))
    assert change.of(np.zeros((ROWS, COLS), int)) is None


def test_cheap_cells_lower_the_change():
    rng = np.random.default_rng(3)
    difference, jacobian = -rng.random((6, 9, 4)), rng.normal(size=(TARGETS, 6, 4))
    cost = costs_by_mesh(jacobian, difference)

    def change(order):
        chosen = np.take_along_axis(difference, order[:, :3, None], 1).mean(axis=1)
        mean = np.einsum("tek,ek->t", jacobian, difference.mean(axis=1))
        return np.einsum("tek,ek->t", jacobian, chosen) @ mean

    assert change(np.argsort(cost, axis=1)) < change(np.argsort(-cost, axis=1))
    np.testing.assert_array_equal(costs_by_mesh(jacobian * 0.0, difference), 0.0)


def test_differences_are_those_of_homogenized_cells():
    database = mf.CellDatabase.default()
    rows = np.array([10, 70_000, 500])
    found = differences(database, rows, 1, 2)
    np.testing.assert_array_equal(found, mesh_differences(database, rows))
    cells = database.take(rows)
    fine, middle = (properties_of(homogenize(cells, refine=refine)) for refine in (4, 2))
    np.testing.assert_allclose(differences(database, rows, 2, 2), fine - middle, atol=1e-12)


def test_the_change_of_a_body_is_that_of_its_macro_model_to_first_order():
    """A passive cell counts too."""
    body = np.zeros((2, 4), int)
    body[1, 3] = mf.problems.CellKind.GIVEN
    database = mf.CellDatabase.default()
    given = database.take([40_000])
    bridge = mf.problems.bridge(2, 4, compression=0.2)
    problem = mf.Problem("passive", bridge.prescribed, bridge.target, body, given)
    candidates = np.where(body[..., None] == 0, [[[50_000, 60_000]]], -1)
    change = mesh_change(problem, database, candidates, 1, 2)
    rows = np.where(body == 0, 60_000, 40_000)
    coarse = database.properties[rows]
    fine = coarse + mesh_differences(database, rows.ravel()).reshape(2, 4, 4)
    model = macro_model(problem, 1, "finite")
    change.linearise(target_jacobian(model, model.solve(0.5 * (coarse + fine))))
    moved = model.macro_nodes(model.solve(fine)) - model.macro_nodes(model.solve(coarse))
    found = change.of(np.where(body == 0, 1, 0)) / change.factor
    np.testing.assert_allclose(found, moved[problem.wanted], atol=2e-2 * np.abs(found).max())
