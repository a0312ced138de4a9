"""Held-out problems of the benchmarks: they can be posed, and ask for different things."""

import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = str(Path(__file__).parents[2] / "benchmarks")


@pytest.fixture
def heldout(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    import heldout_problems

    yield heldout_problems
    sys.modules.pop("heldout_problems", None)


def test_held_out_problems_can_be_posed_and_differ(heldout):
    problems = [make() for make in heldout.HELD_OUT]
    assert len({p.name for p in problems}) == len(problems) >= 10
    for problem in problems:
        problem.require_load()
        assert 60 <= problem.designed.sum() <= 300
        reached = np.isfinite(problem.prescribed) & problem.wanted
        np.testing.assert_allclose(problem.prescribed[reached], problem.target[reached])
    wanted = np.array([p.wanted.any(axis=(0, 1)) for p in problems])
    assert wanted.any(axis=0).all()  # both components are asked for
