"""Assembly of a body under several load cases: one choice, certified for all copies."""

from dataclasses import replace

import numpy as np
import pytest

import metafast as mf

BRIDGE = mf.problems.bridge(2, 4)


def test_the_choice_is_that_of_one_body_and_costs_as_many_times():
    whole = mf.CellDatabase.default()
    rows = np.arange(0, 4000, 40)
    database = mf.CellDatabase(whole.take(rows), whole.properties[rows])
    rng = np.random.default_rng(0)
    targets = database.properties[rng.integers(0, len(database), (2, 4))]
    candidates = rng.integers(0, len(database), (2, 4, 5))
    three = mf.load_cases("three", [replace(BRIDGE, name=name) for name in "abc"])
    everywhere = [np.concatenate([a, a[:, :1]] * 3, axis=1)[:, :-1] for a in (targets, candidates)]
    one = mf.assemble(database, targets, candidates)
    all_three = mf.assemble(database, *everywhere, problem=three)
    assert all_three.optimal
    for copy in range(3):
        np.testing.assert_array_equal(all_three.cells[:, 5 * copy : 5 * copy + 4], one.cells)
    assert (all_three.cells[:, 4::5] == -1).all()
    assert all_three.energy == pytest.approx(3 * one.energy, rel=1e-12)
    assert all_three.lower_bound <= all_three.energy * (1 + 1e-12)
    assert all_three.node_cost + all_three.edge_cost == pytest.approx(all_three.energy, rel=1e-12)
    everywhere[1][0, 6] = everywhere[1][0, 7]
    with pytest.raises(ValueError, match="candidates differ between the copies"):
        mf.assemble(database, *everywhere, problem=three)
