"""Compliance and the bound on the solid: gradients, closed forms, what a problem refuses."""

import dataclasses

import numpy as np
import pytest
from reference.loaded_problems import end_traction, loaded

import metafast as mf
from metafast.macro import macro_model
from metafast.macro.compliance import design_objective
from metafast.macro.passive import DesignedVariables, passive_properties
from metafast.macro.share_bound import ShareBound
from metafast.macro.smoothing import SmoothVariables
from metafast.macro.symmetric import SymmetricVariables
from metafast.macro.variables import GradationVariables, SpaceVariables
from metafast.problems.symmetry import Symmetry
from metafast.properties import PropertySpace, SolidShare
from metafast.properties.share_along import SolidShareAlong

SOLID = np.array([1.0, 0.0, 1.0, 0.4])  # without lateral contraction
OBJECTIVES = {
    "compliance": {"objective": "compliance"},
    "both": {"compliance_weight": 3.0},
    "displacement": {},
}


def random_field(cells, seed=0):
    rng = np.random.default_rng(seed)
    return np.array([0.8, 0.2, 0.5, 0.2]) * np.exp(rng.uniform(-0.3, 0.3, (cells, 4)))


@pytest.mark.parametrize("kinematics", ["linear", "finite"])
@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(("mesh", "share"), [(1, 1.0), (2, 0.7)])
def test_gradients(objective, kinematics, mesh, share):
    problem = dataclasses.replace(loaded(2, 3), **OBJECTIVES[objective])
    model, properties = macro_model(problem, mesh, kinematics), random_field(6, 1)
    model.take_share(share)
    _, gradient, u = design_objective(model, properties)
    assert np.abs(u).max() > 0.05
    numeric = np.empty_like(gradient)
    for cell, k in np.ndindex(*properties.shape):
        step = np.zeros_like(properties)
        step[cell, k] = 1e-5 * properties[cell, k]
        rise = (
            design_objective(model, properties + step)[0]
            - design_objective(model, properties - step)[0]
        )
        numeric[cell, k] = rise / (2.0 * step[cell, k])
    np.testing.assert_allclose(gradient, numeric, atol=1e-6 * np.abs(numeric).max())


@pytest.mark.parametrize("kinematics", ["linear", "finite"])
def test_both_is_the_sum_of_its_parts(kinematics):
    problem, properties = loaded(2, 3), random_field(6)
    values = {}
    for name, objective in OBJECTIVES.items():
        model = macro_model(dataclasses.replace(problem, **objective), 1, kinematics)
        values[name] = design_objective(model, properties)[0]
    norm = np.sum(problem.target[problem.wanted] ** 2)
    total = values["displacement"] + 3.0 * norm * values["compliance"]
    assert values["both"] == pytest.approx(total, rel=1e-12)


def test_compliance_is_what_the_loads_do():
    """Twice the energy at small displacements; a force times the displacement of its node."""
    forces, springs = np.zeros((2, 3, 4, 2))
    forces[1, 3], springs[0, 3, 1] = (0.01, -0.02), 0.03
    prescribed = np.full((3, 4, 2), np.nan)
    prescribed[:, 0] = 0.0
    problem = mf.Problem("pulled", prescribed, objective="compliance", forces=forces)
    problem = dataclasses.replace(problem, springs=springs)
    model = macro_model(problem, 1, "linear")
    u = model.solve(random_field(6))
    energy = model.stiffness_product(u, u) * random_field(6)
    at = model.macro_nodes(u)
    assert model.work(u) == pytest.approx(0.01 * at[1, 3, 0] - 0.02 * at[1, 3, 1])
    assert model.work(u) == pytest.approx(energy.sum() + 0.03 * at[0, 3, 1] ** 2)


@pytest.fixture(scope="module")
def space():
    return PropertySpace.from_properties(mf.CellDatabase.default().properties[::50], 12)


def test_gradient_of_the_bound_through_all_variables(space):
    """Filtered, symmetric variables of a body with passive and absent cells."""
    kinds = np.zeros((4, 5), int)
    kinds[1:3, 2], kinds[[0, -1], 2] = -1, 1
    problem = mf.Problem("held", loaded(4, 5).prescribed, loaded(4, 5).target * 0.0 + 1.0, kinds)
    database = mf.CellDatabase.default()
    shares = SolidShare.fitted(database.properties[::50], database.solid_share[::50])
    inner = SmoothVariables(SpaceVariables(space), problem.designed, 1.8)
    passive = passive_properties(problem)
    variables = DesignedVariables(inner, problem.designed, passive)
    variables = SymmetricVariables(variables, problem.designed, Symmetry(True, True))
    bound = ShareBound(shares, 0.6, problem.designed.ravel())
    rng = np.random.default_rng(0)
    x = rng.uniform(0.3, 0.7, variables.start(20).shape)
    value, slope = bound.constraint(variables, x)
    mean = shares.at(variables.properties(x)[problem.designed.ravel()]).value.mean()
    assert value == pytest.approx(mean / 0.6 - 1.0)
    for _ in range(5):
        way = rng.standard_normal(x.shape)
        rise = (
            bound.constraint(variables, x + 1e-5 * way)[0]
            - bound.constraint(variables, x - 1e-5 * way)[0]
        )
        assert (slope * way).sum() == pytest.approx(rise / 2e-5, rel=1e-6)


def sheet(least=0.05):
    """Stiffness in proportion to the solid share."""
    share = np.linspace(least, 1.0, 201)
    gradation = mf.Gradation(share, share[:, None] * SOLID)
    return gradation, SolidShareAlong(gradation, gradation.properties, share)


@pytest.mark.parametrize("kinematics", ["linear", "finite"])
def test_bar_pulled_at_two_places(kinematics):
    """Bars in series with normal forces 2F and F: the stiffest have shares as 2 to 1.

    ``c = sum N^2 L / (E t)`` with ``sum t L`` given has its minimum where t is in proportion to N.
    """
    force, bound = 1e-4, 0.45
    forces = np.zeros((2, 7, 2))
    forces[:, [3, 6], 0] = 0.5 * force
    prescribed = np.full((2, 7, 2), np.nan)
    prescribed[:, 0, 0] = prescribed[-1, :, 1] = 0.0
    problem = mf.Problem(
        "bar", prescribed, forces=forces, objective="compliance", solid_share=bound
    )
    gradation, shares = sheet()
    field = mf.optimize_properties(
        problem, gradation, shares=shares, smoothing=0.0, kinematics=kinematics, tolerance=1e-5
    )
    thick, thin = 4.0 / 3.0 * bound, 2.0 / 3.0 * bound
    exact = (2.0 * force) ** 2 * 3.0 / thick + force**2 * 3.0 / thin
    assert field.compliance == pytest.approx(exact, rel=4e-3)  # shares are smoothed by 0.3 %
    assert field.feasible
    assert bound * 0.998 < field.solid_share <= bound * 1.0001
    np.testing.assert_allclose(field.properties[0, :3, 0], thick, rtol=0.02)
    np.testing.assert_allclose(field.properties[0, 3:, 0], thin, rtol=0.02)
    assert np.isnan(field.rrmse)
    assert np.isnan(field.history["rrmse"]).all()
    assert field.history["compliance"][-1] == pytest.approx(field.compliance, rel=1e-3)


def test_a_sheet_of_variable_thickness_is_evenly_strained():
    """Optimality of the convex problem: equal energy per solid where the share is not at a limit.

    At the upper limit there is more, and the even distribution is worse.
    """
    prescribed = np.full((4, 7, 2), np.nan)
    prescribed[:, 0] = 0.0
    tractions = end_traction(3, 6, (0.0, -1e-3))
    problem = mf.Problem(
        "sheet", prescribed, tractions=tractions, objective="compliance", solid_share=0.5
    )
    gradation, shares = sheet()
    field = mf.optimize_properties(
        problem, gradation, shares=shares, smoothing=0.0, kinematics="linear", margin=0.0
    )
    share = field.properties[..., 0].ravel()
    model = macro_model(problem, 1, "linear")
    u = model.solve(field.properties)
    energy = model.stiffness_product(u, u) @ SOLID
    between = (share > 0.07) & (share < 0.97)
    assert between.sum() > 6
    np.testing.assert_allclose(energy[between], energy[between].mean(), rtol=0.02)
    assert (energy[share > 0.97] > 0.98 * energy[between].mean()).all()
    even = model.solve(np.tile(0.5 * SOLID, (18, 1)))
    assert field.compliance < 0.9 * model.work(even)


def test_the_bound_holds_in_a_property_space(space):
    database = mf.CellDatabase.default()
    shares = SolidShare.fitted(database.properties[::50], database.solid_share[::50])
    prescribed = np.full((4, 7, 2), np.nan)
    prescribed[:, 0] = 0.0
    tractions = end_traction(3, 6, (0.0, -1e-3))
    found = {}
    for bound in (0.4, 0.6, None):
        problem = mf.Problem(
            "cantilever",
            prescribed,
            tractions=tractions,
            objective="compliance",
            solid_share=bound,
        )
        field = mf.optimize_properties(problem, space, shares=shares, max_iterations=120)
        assert field.feasible
        found[bound] = field.compliance
        if bound is not None:
            assert 0.98 * bound < field.solid_share < 1.0001 * bound
    assert found[None] < 0.8 * found[0.6] < 0.7 * found[0.4]
    with pytest.raises(ValueError, match="'cantilever' bounds the solid share; give shares"):
        mf.optimize_properties(dataclasses.replace(problem, solid_share=0.5), space)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"objective": "stiffness"}, "objective is 'stiffness'; use one of 'displacement'"),
        ({"objective": "compliance", "compliance_weight": 1.0}, "compliance alone counts"),
        ({"compliance_weight": -1.0}, "compliance_weight is -1; a finite number at least 0"),
        ({"compliance_weight": 1.0, "forces": None, "tractions": None}, "add forces or tractions"),
        ({"solid_share": 0.0}, "solid_share is 0; a share above 0"),
        ({"solid_share": 1.2}, "solid_share is 1.2; a finite number at least 0 and at most 1"),
        ({"target": None}, "has no target"),
    ],
)
def test_what_a_problem_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(loaded(2, 3), **changes)


def test_moved_supports_are_no_rest_for_compliance():
    problem = loaded(2, 3)
    moved = problem.prescribed.copy()
    moved[:, 0, 0] = 0.1
    with pytest.raises(ValueError, match="let all supports prescribe 0"):
        dataclasses.replace(problem, prescribed=moved, objective="compliance")
    assert np.isnan(dataclasses.replace(problem, objective="compliance").solid_share or np.nan)


def test_variables_of_a_gradation_have_no_other_constraint():
    gradation, shares = sheet()
    bound = ShareBound(shares, 0.5, np.ones(3, bool))
    x = np.full((3, 1), 0.5)
    value, slope = bound.constraint(GradationVariables(gradation), x)
    step = 1e-3
    rise = bound.constraint(GradationVariables(gradation), x + step)[0] - value
    assert slope.sum() == pytest.approx(rise / step, rel=0.01)
