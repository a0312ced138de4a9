"""Choice within a budget of solid: certificate and choice against brute force, swaps."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from reference.grid_mrf import energy, random_tables

from metafast.assembly.costs import AssemblyCosts
from metafast.assembly.solid_budget import SolidBudget
from metafast.assembly.tiling import choose_cells
from metafast.pipeline.swap_choice import best_swaps
from metafast.problems.symmetry import Symmetry

SHAPE, COUNT = (2, 3), 3
NONE = Symmetry()


def random_costs(seed, tightness):
    """Costs with a budget between the least solid and that of the best choice without one."""
    tables = random_tables(seed, *SHAPE, COUNT, 0.5)
    shares = np.random.default_rng(seed).random((*SHAPE, COUNT))
    costs = AssemblyCosts(np.zeros((*SHAPE, COUNT), int), *tables, 1.0)
    free = SolidBudget(shares, np.inf).total(choose_cells(costs).labels)
    least = shares.min(axis=2).sum()
    return replace(costs, budget=SolidBudget(shares, least + tightness * (free - least)))


def labellings(symmetry):
    every = itertools.product(range(COUNT), repeat=SHAPE[0] * SHAPE[1])
    arrays = (np.reshape(flat, SHAPE) for flat in every)
    return [labels for labels in arrays if symmetry.holds(labels)]


@pytest.mark.parametrize("symmetry", [NONE, Symmetry(True, False)], ids=str)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("tightness", [0.05, 0.5, 0.9])
def test_bound_and_choice_against_brute_force(seed, tightness, symmetry):
    costs = random_costs(seed, tightness)
    if symmetry:
        limit = symmetry.spread(costs.budget.shares).min(axis=2).sum() * (1.0 + 0.3 * tightness)
        shares = symmetry.spread(costs.budget.shares)
        costs = replace(costs, budget=SolidBudget(shares, limit))
    made = choose_cells(costs, symmetry)
    budget, tables = costs.budget, (costs.unary, costs.horizontal, costs.vertical)
    assert budget.total(made.labels) <= budget.limit * (1.0 + 1e-9)
    assert made.energy == pytest.approx(energy(*tables, made.labels), rel=1e-12)
    every = [(energy(*tables, x), budget.total(x)) for x in labellings(symmetry)]
    best = min(value for value, solid in every if solid <= budget.limit)
    assert made.lower_bound <= best + 1e-12
    assert best <= made.energy + 1e-12
    # no single change within the budget is better
    for r, c, label in itertools.product(*map(range, (*SHAPE, COUNT))):
        other = made.labels.copy()
        for i, j in symmetry.images(r, c, SHAPE):
            other[i, j] = label
        if budget.holds(other):
            assert energy(*tables, other) >= made.energy - 1e-12
    # the bound is the top of the Lagrangian dual
    values, solid = np.array(every).T
    prices = np.linspace(0.0, 20.0, 2001)[:, None]
    dual = (values + prices * (solid - budget.limit)).min(axis=1).max()
    assert made.lower_bound >= dual - 1e-9


def test_a_budget_that_is_met_anyway_changes_nothing():
    costs = random_costs(5, 1.0)
    free, within = choose_cells(replace(costs, budget=None)), choose_cells(costs)
    np.testing.assert_array_equal(free.labels, within.labels)
    assert within.energy == pytest.approx(free.energy, rel=1e-14)
    assert within.lower_bound == pytest.approx(free.lower_bound, rel=1e-9)


def test_a_budget_that_no_candidates_meet_is_refused():
    costs = random_costs(0, -0.1)
    with pytest.raises(ValueError, match=r"the candidates of least solid have .* on average"):
        choose_cells(costs)


@pytest.mark.parametrize("symmetry", [NONE, Symmetry(True, True)], ids=str)
def test_swaps_stay_within_the_budget(symmetry):
    rng = np.random.default_rng(8)
    costs = random_costs(8, 0.5)
    shares = symmetry.spread(costs.budget.shares)
    labels = symmetry.spread(shares.argmin(axis=2))
    effects, residual = 0.3 * rng.standard_normal((*SHAPE, COUNT, 4)), rng.standard_normal(4)
    effects -= np.take_along_axis(effects, labels[..., None, None], 2)
    usable = np.ones((*SHAPE, COUNT), bool)
    least = SolidBudget(shares, np.inf).total(labels)
    reached: list[float] = []
    for middle in (None, 0.5, 0.0):
        limit = np.inf if middle is None else least + middle * (reached[0] - least)
        within = replace(costs, budget=SolidBudget(shares, limit))
        swapped, _ = best_swaps(
            within,
            labels,
            effects,
            usable,
            residual,
            count=9,
            edge_price=0.0,
            symmetry=symmetry,
        )
        reached.append(within.budget.total(swapped))
        assert reached[-1] <= limit + 1e-9
    assert reached[0] > least + 1e-3
    assert reached[2] == pytest.approx(least)
