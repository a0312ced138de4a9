"""Macro stage on bodies with holes and passive cells: limits, patch test, gradients, optima."""

import numpy as np
import pytest
from reference.problems import random_body, with_body

import metafast as mf
from metafast.macro import FiniteMacroModel, MacroModel
from metafast.macro.objective import displacement_objective
from metafast.macro.passive import DesignedVariables, passive_properties
from metafast.macro.smoothing import SmoothVariables
from metafast.macro.variables import GradationVariables, SpaceVariables
from metafast.properties import PropertySpace

HOLE = np.array(
    [[0, 0, 0, 1, 0, 0], [0, 0, -1, -1, 0, 0], [0, 0, -1, -1, 0, 1], [0, 1, 0, 0, 0, 0]]
)


def beam(body, compression=0.3):
    return with_body(mf.problems.graded_beam(*np.shape(body), compression=compression), body)


def random_field(rows, cols, seed=0):
    rng = np.random.default_rng(seed)
    return np.array([0.8, 0.2, 0.5, 0.2]) * np.exp(rng.uniform(-0.3, 0.3, (rows, cols, 4)))


@pytest.mark.parametrize("mesh", [1, 2])
@pytest.mark.parametrize("seed", range(4))
def test_holes_are_the_limit_of_soft_cells(seed, mesh):
    """The difference falls in proportion to the stiffness that stands in place of holes."""
    rng = np.random.default_rng(seed)
    while (body := random_body(rng, 4, 6)) is None or not (body < 0).any():
        pass
    whole, field = mf.problems.graded_beam(4, 6, compression=0.3), random_field(4, 6, seed)
    holes = with_body(whole, body)
    model = MacroModel(holes, mesh)
    exact = model.macro_nodes(model.solve(field))
    assert (np.isfinite(exact[..., 0]) == holes.nodes).all()
    differences = []
    for soft in (1e-5, 1e-6):
        filled = np.where((body < 0)[..., None], soft * field, field)
        # supports stay where the body has them
        same = mf.Problem("soft", holes.prescribed, holes.target)
        softened = MacroModel(same, mesh)
        near = softened.macro_nodes(softened.solve(filled))
        differences.append(np.abs(near - exact)[holes.nodes].max())
    assert differences[1] < 1e-4
    assert differences[1] == pytest.approx(0.1 * differences[0], rel=0.05)


@pytest.mark.parametrize("model", [MacroModel, FiniteMacroModel])
@pytest.mark.parametrize("mesh", [1, 2])
def test_patch_on_an_l(model, mesh):
    """An affine displacement of the boundary goes on inside, around the re-entrant corner."""
    body = np.zeros((5, 5), int)
    body[:2, 2:] = -1
    y, x = 5 - np.arange(6)[:, None], np.arange(6)[None, :]
    u = np.stack([0.02 * x + 0.01 * y, -0.03 * y + 0.0 * x], -1)
    prescribed = u.copy()
    prescribed[1:3, 1] = prescribed[3:5, 1:5] = np.nan
    target = np.full_like(u, np.nan)
    target[3, 2] = 1.0
    nodes = with_body(mf.problems.graded_beam(5, 5), body).nodes[..., None]
    problem = mf.Problem("L", np.where(nodes, prescribed, np.nan), target, body)
    solved = model(problem, mesh)
    found = solved.macro_nodes(solved.solve(np.tile([0.8, 0.2, 0.5, 0.2], (5, 5, 1))))
    np.testing.assert_allclose(found, np.where(nodes, u, np.nan), atol=1e-10)


@pytest.mark.parametrize("model", [MacroModel, FiniteMacroModel])
def test_separate_parts_do_not_feel_each_other(model):
    strip, field = mf.problems.graded_beam(1, 5, compression=0.2), random_field(1, 5)
    alone = model(strip)
    expected = alone.macro_nodes(alone.solve(field))
    prescribed = np.concatenate([strip.prescribed, strip.prescribed])
    target = np.concatenate([strip.target, strip.target])
    both = model(mf.Problem("both", prescribed, target, [[0] * 5, [-1] * 5, [0] * 5]))
    found = both.macro_nodes(both.solve(np.concatenate([field, field, field])))
    np.testing.assert_allclose(found, np.concatenate([expected, expected]), atol=1e-8)


def test_passive_cells_have_their_own_stiffness():
    given = np.ones((1, 10, 10), int)
    given[0, 3:7, 3:7] = 0
    material = mf.Material(2.0, 0.3)
    problem = with_body(mf.problems.graded_beam(2, 3), [[0, 1, 2], [-1, 0, 0]], given)
    properties = passive_properties(problem, material)
    c = material.stiffness
    np.testing.assert_allclose(properties[0, 1], [c[0, 0], c[0, 1], c[1, 1], c[2, 2]])
    expected = mf.homogenize(given, material)[0]
    np.testing.assert_allclose(properties[0, 2, :2], expected[0, :2])
    assert not properties[problem.designed].any()
    assert not properties[~problem.present].any()


@pytest.fixture(scope="module")
def space():
    return PropertySpace.from_properties(mf.CellDatabase.default().properties[::50], 12)


@pytest.mark.parametrize("kind", ["space", "gradation"])
@pytest.mark.parametrize("radius", [0.0, 1.8])
@pytest.mark.parametrize(
    ("make", "mesh"), [(MacroModel, 1), (MacroModel, 2), (FiniteMacroModel, 1)]
)
def test_gradients_are_those_of_finite_differences(space, make, mesh, radius, kind):
    problem = beam(HOLE)
    curve = mf.Gradation.isotropic_like()
    inner = SpaceVariables(space) if kind == "space" else GradationVariables(curve)
    if radius:
        inner = SmoothVariables(inner, problem.designed, radius)
    variables = DesignedVariables(inner, problem.designed, passive_properties(problem))
    model, rng = make(problem, mesh), np.random.default_rng(1)
    low, high = (0.4, 0.6) if kind == "space" else (0.5, 0.9)
    shape = variables.start(HOLE.size).shape
    assert len(shape) == 2
    assert shape[0] == problem.designed.sum()
    x, way = rng.uniform(low, high, shape), rng.standard_normal(shape)

    def value(x):
        return displacement_objective(model, variables.properties(x))[0]

    _, by_property, _ = displacement_objective(model, variables.properties(x))
    assert not by_property[(HOLE < 0).ravel()].any()
    slope = float((variables.gradient(x, by_property) * way).sum())
    step = 1e-5
    numeric = (value(x + step * way) - value(x - step * way)) / (2 * step)
    assert slope == pytest.approx(numeric, rel=1e-6)


@pytest.mark.parametrize("kinematics", ["linear", "finite"])
def test_optimum_around_a_hole(space, kinematics):
    problem = beam(HOLE)
    field = mf.optimize_properties(problem, space, kinematics=kinematics, max_iterations=80)
    start = mf.optimize_properties(problem, space, kinematics=kinematics, max_iterations=1)
    assert field.rrmse < 0.5 * start.rrmse
    assert field.feasible
    c = mf.Material().stiffness
    np.testing.assert_allclose(field.properties[HOLE == 1][:, 3], c[2, 2])
    assert not field.properties[HOLE < 0].any()
    assert np.isnan(field.displacement[2, 3]).all()
    again = mf.optimize_properties(
        problem, space, kinematics=kinematics, start=field.properties, max_iterations=1
    )
    assert again.rrmse < start.rrmse


def test_a_body_of_designed_cells_changes_nothing(space):
    plain = mf.problems.bridge(2, 5, compression=0.2)
    body = mf.Problem(plain.name, plain.prescribed, plain.target, np.zeros((2, 5), int))
    first, second = (mf.optimize_properties(p, space, max_iterations=20) for p in (plain, body))
    assert (first.properties == second.properties).all()
    assert (first.displacement == second.displacement).all()
