"""Elimination plans: every displacement is eliminated in each system where it is free."""

import numpy as np
import pytest

from metafast.homogenization.elimination.plan import elimination_plan
from metafast.homogenization.elimination.tables import MAPS, PIVOTS


@pytest.mark.parametrize(("kind", "size"), [("quarter", 25), ("periodic", 50)])
def test_every_displacement_is_eliminated_once(kind, size):
    plan = elimination_plan(size, size, kind, "none")
    eliminated = []
    for front in plan.tables.fronts:
        first, pivots = front[MAPS], front[PIVOTS]
        eliminated += plan.tables.variables[first : first + pivots].tolist()
    counts = np.bincount(eliminated, minlength=plan.unknowns)
    if kind == "periodic":
        assert counts.tolist() == [0, 0] + [1] * (plan.unknowns - 2)
        return
    # inside the quarter once for both systems; on its edges each displacement is free in one
    counts = counts.reshape(size + 1, size + 1, 2)
    assert (counts[[0, 0, -1, -1], [0, -1, 0, -1]] == 0).all()
    assert (counts[0, 1:-1] == 1).all()
    assert (counts[1:-1, -1] == 1).all()
    assert set(np.unique(counts[1:-1, 1:-1])) <= {1, 2}
