"""The choice of swaps against brute force; costs of neighbours against their definition."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from metafast.assembly.costs import AssemblyCosts
from metafast.assembly.mrf import solve_mrf
from metafast.assembly.tiling import choose_cells, relabelled
from metafast.pipeline.swap_choice import best_swaps

ROWS, COLS, COUNT, TARGETS = 3, 4, 3, 5


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def costs(rng):
    candidates = rng.permutation(ROWS * COLS * COUNT).reshape(ROWS, COLS, COUNT)
    return AssemblyCosts(
        candidates,
        rng.random((ROWS, COLS, COUNT)),
        rng.random((ROWS, COLS - 1, COUNT, COUNT)),
        rng.random((ROWS - 1, COLS, COUNT, COUNT)),
        0.3,
    )


@pytest.fixture
def labels(rng):
    return rng.integers(0, COUNT, (ROWS, COLS))


def effects_relative_to(labels, rng):
    effects = 0.3 * rng.standard_normal((ROWS, COLS, COUNT, TARGETS))
    return effects - np.take_along_axis(effects, labels[..., None, None], 2)


def test_mismatch_around_is_the_change_of_the_sum(costs, labels):
    around = costs.mismatch_around(labels)
    for r, c, k in itertools.product(range(ROWS), range(COLS), range(COUNT)):
        other = labels.copy()
        other[r, c] = k
        change = costs.mismatches(other).sum() - costs.mismatches(labels).sum()
        assert around[r, c, k] - around[r, c, labels[r, c]] == pytest.approx(change, abs=1e-12)


@pytest.mark.parametrize("price", [0.0, 0.2])
def test_the_first_swap_is_the_best_one(costs, labels, rng, price):
    effects = effects_relative_to(labels, rng)
    residual = rng.standard_normal(TARGETS)
    everything = np.ones((*labels.shape, COUNT), bool)
    swapped, left = best_swaps(
        costs, labels, effects, everything, residual, count=1, edge_price=price
    )
    place = np.argwhere(swapped != labels)
    assert len(place) == 1
    np.testing.assert_allclose(left, residual + effects[(*place[0], swapped[tuple(place[0])])])

    def value(r, c, k):
        other = labels.copy()
        other[r, c] = k
        effect = effects[r, c, k]
        doubted = np.square(residual + effect).sum() + 0.1 * np.square(effect).sum()
        return doubted + price * costs.mismatches(other).sum()

    every = itertools.product(range(ROWS), range(COLS), range(COUNT))
    best = min(every, key=lambda swap: value(*swap))
    assert tuple(place[0]) == best[:2]
    assert swapped[best[:2]] == best[2]


def test_neighbours_of_a_swap_stay(costs, labels, rng):
    effects = effects_relative_to(labels, rng)
    swapped, _ = best_swaps(
        costs,
        labels,
        effects,
        np.ones((*labels.shape, COUNT), bool),
        3.0 * rng.standard_normal(TARGETS),
        count=99,
        edge_price=0.0,
    )
    places = np.argwhere(swapped != labels)
    assert len(places) > 1
    for a, b in itertools.combinations(places, 2):
        assert np.abs(a - b).max() > 1


def test_swaps_that_hold_among_any_neighbours_end_where_none_gains(costs, labels, rng):
    """Neighbours are swapped too, and cells again, until no single swap lowers the objective."""
    effects, price = effects_relative_to(labels, rng), 0.05
    before, residual = effects.copy(), 2.0 * rng.standard_normal(TARGETS)
    everything = np.ones((*labels.shape, COUNT), bool)
    options = {"edge_price": price, "isolated": False}
    swapped, left = best_swaps(costs, labels, effects, everything, residual, count=99, **options)
    np.testing.assert_array_equal(effects, before)
    places = np.argwhere(swapped != labels)
    assert any(np.abs(a - b).max() == 1 for a, b in itertools.combinations(places, 2))
    chosen = np.take_along_axis(effects, swapped[..., None, None], 2)
    np.testing.assert_allclose(left, residual + chosen.sum(axis=(0, 1, 2)))
    value = left @ left + price * costs.mismatches(swapped).sum()
    for r, c, k in itertools.product(range(ROWS), range(COLS), range(COUNT)):
        other, effect = swapped.copy(), effects[r, c, k] - chosen[r, c, 0]
        other[r, c] = k
        doubted = np.square(left + effect).sum() + 0.1 * effect @ effect
        assert doubted + price * costs.mismatches(other).sum() >= value - 1e-6 * residual @ residual


def test_only_usable_swaps_that_gain(costs, labels, rng):
    effects = effects_relative_to(labels, rng)
    residual = rng.standard_normal(TARGETS)
    nothing = np.zeros((*labels.shape, COUNT), bool)
    options = {"count": 9, "edge_price": 0.0}
    swapped, left = best_swaps(costs, labels, effects, nothing, residual, **options)
    assert (swapped == labels).all()
    assert (left == residual).all()
    swapped, _ = best_swaps(costs, labels, effects, ~nothing, 0.0 * residual, **options)
    assert (swapped == labels).all()


def test_mismatch_can_be_too_dear(costs, labels, rng):
    effects = 1e-3 * effects_relative_to(labels, rng)
    residual = rng.standard_normal(TARGETS)
    everything = np.ones((*labels.shape, COUNT), bool)
    swapped, _ = best_swaps(costs, labels, effects, everything, residual, count=99, edge_price=1e3)
    assert costs.mismatches(swapped).sum() <= costs.mismatches(labels).sum()


def test_other_labels_keep_the_bound_and_tell_their_energy(costs, labels):
    made = choose_cells(costs)
    assert made.optimal
    other = relabelled(made, costs, labels)
    weight = costs.edge_weight
    energy = np.take_along_axis(costs.unary, labels[..., None], 2).sum()
    energy += weight * costs.mismatches(labels).sum()
    assert other.energy == pytest.approx(energy, rel=1e-12)
    assert other.lower_bound == made.lower_bound <= other.energy
    assert other.gap == pytest.approx((energy - made.lower_bound) / energy, rel=1e-12)
    assert not other.optimal
    assert (other.cells == costs.chosen(costs.candidates, labels)).all()
    assert relabelled(made, costs, made.labels) is made
    exact = solve_mrf(costs.unary, weight * costs.horizontal, weight * costs.vertical)
    assert made.energy == pytest.approx(exact.energy, rel=1e-12)


def test_no_swap_opens_a_joined_side(costs, labels, rng):
    """If every pair but the present ones is open, nothing is left to swap."""
    effects = effects_relative_to(labels, rng)
    usable = np.ones(effects.shape[:3], bool)
    residual = np.ones(TARGETS)
    free, _ = best_swaps(
        costs, labels, effects, usable, residual, count=ROWS * COLS, edge_price=0.0
    )
    assert (free != labels).any()
    r, c = np.ogrid[:ROWS, :COLS]
    across = np.ones(costs.horizontal.shape, bool)
    down = np.ones(costs.vertical.shape, bool)
    across[r, c[:, :-1], labels[:, :-1], labels[:, 1:]] = False
    down[r[:-1], c, labels[:-1], labels[1:]] = False
    bound = replace(costs, open_pairs=(across, down))
    assert bound.open_sides(labels) == 0
    kept, left = best_swaps(
        bound, labels, effects, usable, residual, count=ROWS * COLS, edge_price=0.0
    )
    assert (kept == labels).all()
    np.testing.assert_array_equal(left, residual)


def test_an_open_side_is_not_traded_for_a_joined_one(costs, labels):
    """The side of (0, 0) and (0, 1) is open; (0, 1) may join it, but not by leaving (0, 2)."""
    across = np.zeros(costs.horizontal.shape, bool)
    down = np.zeros(costs.vertical.shape, bool)
    across[0, 0, labels[0, 0], labels[0, 1]] = True
    across[0, 1, :, labels[0, 2]] = True
    across[0, 1, labels[0, 1], labels[0, 2]] = False
    opens = replace(costs, open_pairs=(across, down)).would_open(labels)
    assert not opens[0, 0].any()
    others = np.arange(COUNT) != labels[0, 1]
    assert (opens[0, 1] == others).all()
    assert not opens[1:].any()
