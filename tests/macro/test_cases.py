"""Property optimisation under several load cases: gradients, equal copies, both shapes."""

from dataclasses import replace

import numpy as np
import pytest
from reference.load_cases import squeezed_and_pressed

import metafast as mf
from metafast.macro.compliance import design_objective
from metafast.macro.finite import macro_model
from metafast.macro.objective import displacement_objective
from metafast.macro.smoothing import cone_filter

CASES = squeezed_and_pressed()
BOTH = mf.load_cases("both", CASES, weights=(1.0, 2.0))
WORST = mf.load_cases("both", CASES, worst=True)


@pytest.fixture(scope="module")
def space():
    database = mf.CellDatabase.default()
    return mf.PropertySpace.from_properties(database.properties, 24, coordinates="log")


@pytest.mark.parametrize("kinematics", ["linear", "finite"])
@pytest.mark.parametrize("problem", [BOTH, WORST], ids=["weighted", "worst"])
def test_derivatives_are_those_of_finite_differences(problem, kinematics):
    model = macro_model(problem, 1, kinematics)
    properties = np.array([0.2, 0.05, 0.25, 0.08]) * np.linspace(1, 2, 27)[:, None]
    _, gradient, _ = displacement_objective(model, properties)
    for place in [(0, 0), (3, 1), (11, 2), (16, 3), (25, 0)]:
        step = np.zeros_like(properties)
        step[place] = 1e-5
        high, low = (displacement_objective(model, properties + sign * step)[0] for sign in (1, -1))
        assert gradient[place] == pytest.approx((high - low) / 2e-5, rel=1e-5)


def test_the_model_of_the_copies_is_that_of_each_case():
    properties = np.array([0.2, 0.05, 0.25, 0.08]) * np.linspace(1, 2, 12)[:, None]
    copies = np.zeros((3, 9, 4))
    copies[:, :4] = copies[:, 5:] = properties.reshape(3, 4, 4)
    whole = macro_model(BOTH, 1, "finite")
    u = whole.macro_nodes(whole.solve(copies))
    for number, case in enumerate(CASES):
        own = macro_model(case, 1, "finite")
        alone = own.macro_nodes(own.solve(properties))
        part = u[:, 5 * number : 5 * number + 5]
        np.testing.assert_allclose(part, alone, atol=1e-9)


@pytest.mark.parametrize("kinematics", ["linear", "finite"])
def test_one_field_takes_both_shapes(space, kinematics):
    field = mf.optimize_properties(WORST, space, kinematics=kinematics, max_iterations=150)
    np.testing.assert_array_equal(field.properties[:, :4], field.properties[:, 5:])
    assert not field.properties[:, 4].any()
    errors = WORST.rrmse_by_case(field.displacement)
    assert field.rrmse == pytest.approx(max(errors.values()))
    assert field.rrmse < 0.03
    one = mf.optimize_properties(CASES[0], space, kinematics=kinematics, max_iterations=150)
    alone = macro_model(CASES[1], 1, kinematics)
    other = CASES[1].rrmse(alone.macro_nodes(alone.solve(one.properties)))
    assert other > 5 * field.rrmse  # a field for one shape does not take the other


def test_no_mean_reaches_another_copy():
    designed = WORST.designed
    whole, one = cone_filter(designed, 3.5, WORST.period), cone_filter(designed[:, :4], 3.5)
    number = np.cumsum(designed.ravel()).reshape(designed.shape) - 1
    for part in (number[:, :4].ravel(), number[:, 5:].ravel()):
        np.testing.assert_allclose(whole[part][:, part].toarray(), one.toarray(), rtol=1e-14)
        assert whole[part].sum() == pytest.approx(12)


@pytest.mark.parametrize("kinematics", ["linear", "finite"])
def test_compliance_is_the_sum_over_the_cases(kinematics):
    prescribed, (down, right) = np.full((3, 4, 2), np.nan), np.zeros((2, 3, 4, 2))
    prescribed[:, 0] = 0.0
    down[1, 3, 1], right[0, 3, 0] = -0.001, 0.002
    asked = {"target": None, "objective": "compliance", "solid_share": 0.5}
    cases = [
        mf.Problem(name, prescribed, forces=forces, **asked)
        for name, forces in (("down", down), ("right", right))
    ]
    both = mf.load_cases("both", cases)
    properties = np.array([0.2, 0.05, 0.25, 0.08]) * np.linspace(1, 2, 6)[:, None]
    copies = np.zeros((2, 7, 4))
    copies[:, :3] = copies[:, 4:] = properties.reshape(2, 3, 4)
    value, gradient, _ = design_objective(macro_model(both, 1, kinematics), copies.reshape(-1, 4))
    alone = [design_objective(macro_model(case, 1, kinematics), properties) for case in cases]
    assert value == pytest.approx(alone[0][0] + alone[1][0], rel=1e-9)
    parts = gradient.reshape(2, 7, 4)[:, :3], gradient.reshape(2, 7, 4)[:, 4:]
    for part, (_, own, _) in zip(parts, alone, strict=True):
        np.testing.assert_allclose(part.reshape(-1, 4), own, rtol=1e-6, atol=1e-9)
    with pytest.raises(ValueError, match="compliance is the sum over the load cases"):
        mf.load_cases("both", cases, worst=True)
    with pytest.raises(ValueError, match="another solid_share than 'down'"):
        mf.load_cases("both", [cases[0], replace(cases[1], solid_share=0.4)])
