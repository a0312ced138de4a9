"""Symmetric property fields: derivatives, images to the bit, and an optimum no worse."""

import numpy as np
import pytest

import metafast as mf
from metafast.macro.passive import DesignedVariables, passive_properties
from metafast.macro.smoothing import SmoothVariables
from metafast.macro.symmetric import SymmetricVariables
from metafast.macro.variables import SpaceVariables
from metafast.problems.symmetry import Symmetry, symmetry_of


@pytest.fixture(scope="module")
def space():
    database = mf.CellDatabase.default()
    return mf.PropertySpace.from_properties(database.properties, 24, coordinates="log")


def test_derivatives_are_those_of_finite_differences(space):
    problem = mf.problems.cloak(7)
    inner = SmoothVariables(SpaceVariables(space), problem.designed, 1.5)
    inner = DesignedVariables(inner, problem.designed, passive_properties(problem))
    variables = SymmetricVariables(inner, problem.designed, symmetry_of(problem))
    rng = np.random.default_rng(0)
    x = variables.start(49)
    assert x.shape == (9, 4)  # of 25 - 9 designed cells, two of them on the mid-line
    x = np.clip(x + 0.02 * rng.standard_normal(x.shape), 0, 1)
    weights = rng.standard_normal((49, 4))
    gradient = variables.gradient(x, weights)
    orbits = np.unique(symmetry_of(problem).numbers((7, 7))[problem.designed], return_inverse=True)
    of_cells = inner.constraint(x[orbits[1]], 25.0)
    value, slope, distance = variables.constraint(x, 25.0)
    assert value == of_cells[0]
    np.testing.assert_array_equal(distance, of_cells[2])
    for orbit in range(9):
        expected = of_cells[1][orbits[1] == orbit].sum(axis=0)
        np.testing.assert_allclose(slope[orbit], expected, rtol=1e-12)
    for place in [(0, 0), (3, 1), (8, 3)]:
        step = np.zeros_like(x)
        step[place] = 1e-6
        values = [(weights * variables.properties(x + s)).sum() for s in (step, -step)]
        assert gradient[place] == pytest.approx((values[0] - values[1]) / 2e-6, rel=1e-4)
    np.testing.assert_allclose(variables.nearest(variables.properties(x)).shape, x.shape)


@pytest.mark.parametrize(
    "problem",
    [mf.problems.bridge(3, 9, compression=0.3), mf.problems.cloak(7)],
    ids=lambda problem: problem.name,
)
def test_a_symmetric_optimum_is_no_worse(problem, space):
    symmetry = symmetry_of(problem)
    assert symmetry
    free = mf.optimize_properties(problem, space, kinematics="linear")
    field = mf.optimize_properties(problem, space, kinematics="linear", symmetry=symmetry)
    assert symmetry.holds(field.properties)
    assert not Symmetry(True, True).holds(free.properties)
    assert field.feasible
    assert field.rrmse <= free.rrmse + 0.003
