"""Property optimisation: targets are reached, constraints met, and failures said."""

from dataclasses import replace

import numpy as np
import pytest

import metafast as mf


@pytest.fixture(scope="module")
def properties():
    return mf.CellDatabase.default().properties


@pytest.mark.parametrize("kind", ["log", "linear"])
def test_bridge(properties, kind):
    space = mf.PropertySpace.from_properties(properties, coordinates=kind)
    problem = mf.problems.bridge()
    field = mf.optimize_properties(problem, space, smoothing=0.0)
    assert field.rrmse <= 0.007
    assert field.feasible
    assert field.rrmse == problem.rrmse(field.displacement)
    assert field.properties.shape == (4, 30, 4)
    # the aggregated constraint lets one cell's worth of S through, so none is far outside
    distance, _ = space.signed_distance(field.properties.reshape(-1, 4))
    assert distance.min() > -0.5 * space.step
    held = problem.fixed
    np.testing.assert_allclose(field.displacement[held], problem.prescribed[held], atol=1e-14)
    best = field.history[field.history["paper_constraint"] <= 1e-3]["rrmse"].min()
    assert field.rrmse >= best - 1e-12


def test_small_smiley(properties):
    space = mf.PropertySpace.from_properties(properties)
    field = mf.optimize_properties(mf.problems.smiley(size=20), space, smoothing=0.0)
    assert field.feasible
    assert field.rrmse < 0.05


def test_infeasible_is_said(properties):
    space = mf.PropertySpace.from_properties(properties)
    empty = replace(space, distance=space.distance - 1.0)
    field = mf.optimize_properties(mf.problems.bridge(2, 6), empty, smoothing=0.0, max_iterations=5)
    assert not field.feasible
    assert len(field.history) == 5


def test_progress_is_reported(properties):
    calls = []
    space = mf.PropertySpace.from_properties(properties, 12)
    mf.optimize_properties(
        mf.problems.bridge(2, 6), space, max_iterations=3, progress=lambda *a: calls.append(a)
    )
    assert calls[0] == ("macro optimisation", 1, 3)
    assert calls[-1] == ("macro optimisation", 3, 3)


def test_bad_arguments_are_named(properties):
    space = mf.PropertySpace.from_properties(properties, 10)
    with pytest.raises(ValueError, match="problem is a str and space a PropertySpace; a Problem"):
        mf.optimize_properties("bridge", space)
    with pytest.raises(ValueError, match="max_iterations is 0"):
        mf.optimize_properties(mf.problems.bridge(), space, max_iterations=0)
    with pytest.raises(ValueError, match="move is 2"):
        mf.optimize_properties(mf.problems.bridge(), space, move=2)
    with pytest.raises(ValueError, match="mesh is 0"):
        mf.optimize_properties(mf.problems.bridge(), space, mesh=0)
