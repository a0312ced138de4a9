"""Sensitivities against finite differences, in both coordinates; Eq. 15's trap."""

import numpy as np
import pytest

import metafast as mf
from metafast.macro import MacroModel
from metafast.macro.constraint import feasibility_constraint, paper_constraint
from metafast.macro.jacobian import target_jacobian
from metafast.macro.objective import displacement_objective
from metafast.properties import PropertyCoordinates


def random_properties(n, seed):
    rng = np.random.default_rng(seed)
    c11, c22 = np.exp(rng.uniform(-2, 0, (2, n)))
    c12 = rng.uniform(-0.4, 0.5, n) * np.sqrt(c11 * c22)
    return np.stack([c11, c12, c22, np.exp(rng.uniform(-3, -1, n))], 1)


def central_difference(function, x, step=1e-6):
    result = np.empty_like(x)
    for index in np.ndindex(x.shape):
        moved = x.copy()
        moved[index] += step
        up = function(moved)
        moved[index] -= 2 * step
        result[index] = (up - function(moved)) / (2 * step)
    return result


@pytest.mark.parametrize("mesh", [1, 2])
@pytest.mark.parametrize("kind", ["log", "linear"])
def test_objective_gradient(kind, mesh):
    model = MacroModel(mf.problems.bridge(2, 4), mesh)
    properties = random_properties(8, 1)
    axes = PropertyCoordinates.spanning(properties, kind)
    unit = axes.to_unit(properties)

    def value(x):
        return displacement_objective(model, axes.to_properties(x))[0]

    _, by_property, _ = displacement_objective(model, properties)
    gradient = axes.gradient_to_unit(properties, by_property)
    numeric = central_difference(value, unit)
    scale = np.abs(numeric).max()
    np.testing.assert_allclose(gradient, numeric, atol=2e-6 * scale)


def test_the_objective_is_the_squared_distance_from_the_target():
    """Eq. 8: by hand; and zero, with its derivatives, where the target is the displacement."""
    problem = mf.problems.bridge(2, 4)
    model, properties = MacroModel(problem), random_properties(8, 3)
    value, _, u = displacement_objective(model, properties)
    nodes = model.macro_nodes(u)
    gap = (nodes - problem.target)[problem.wanted]
    assert value == pytest.approx((gap**2).sum(), rel=1e-12)
    reached = MacroModel(problem.aiming_at(np.where(problem.wanted, nodes, np.nan)))
    value, gradient, _ = displacement_objective(reached, properties)
    assert value == pytest.approx(0.0, abs=1e-24)
    np.testing.assert_allclose(gradient, 0.0, atol=1e-11)


def test_paper_equation_15_is_off_for_c12():
    """Doubling lambda^T B^T E12 B u (Eq. 15) is not the derivative, since lambda != u."""
    model = MacroModel(mf.problems.bridge(3, 6))
    properties = random_properties(18, 2)

    def value(x):
        p = properties.copy()
        p[:, 1] = x
        return displacement_objective(model, p)[0]

    numeric = central_difference(value, properties[:, 1].copy())
    _, gradient, u = displacement_objective(model, properties)
    np.testing.assert_allclose(gradient[:, 1], numeric, atol=1e-6 * np.abs(numeric).max())
    from metafast import q4

    e12 = np.zeros((3, 3))
    e12[0, 1] = 1
    error = u[model.target] - model.target_values
    multiplier = model.adjoint(2 * error)
    a, b = multiplier[model.element_dofs], u[model.element_dofs]
    equation_15 = -2 * np.einsum("ei,ij,ej->e", a, q4.stiffness(e12), b)
    relative = np.linalg.norm(equation_15 - numeric) / np.linalg.norm(numeric)
    assert relative > 0.5


@pytest.fixture(scope="module")
def space():
    rng = np.random.default_rng(0)
    return mf.PropertySpace.from_properties(random_properties(300_000, rng), 12)


def test_constraint_is_an_upper_bound_and_keeps_its_slope(space):
    rng = np.random.default_rng(1)
    for beta in (25.0, 100.0, 400.0):
        x = rng.uniform(-0.28, 1.28, (50, 4))
        value, gradient, distance = feasibility_constraint(space, x, beta)
        softplus = np.log1p(np.exp(-2 * beta * np.abs(distance))) + np.maximum(
            -2 * beta * distance, 0
        )
        assert value == pytest.approx(softplus.sum() - 1.0)
        assert value >= paper_constraint(distance, beta) - 1e-12
        far = distance < -2 * space.step
        assert far.any()
        assert (np.linalg.norm(gradient[far], axis=1) > beta / 2).all()


def test_the_paper_lets_two_cells_touch_the_boundary():
    """Eqs. 11 and 12: S is 1/2 on the boundary, 1 far outside and 0 far inside."""
    assert paper_constraint(np.zeros(2), 400.0) == pytest.approx(0.0, abs=1e-12)
    assert paper_constraint(np.zeros(3), 25.0) == pytest.approx(0.5)
    assert paper_constraint(np.array([-1.0, -1.0, 1.0]), 400.0) == pytest.approx(1.0)
    share = paper_constraint(np.array([-0.01]), 25.0) + 1.0
    assert share == pytest.approx(1 / (1 + np.exp(-2 * 25 * 0.01)))  # a logistic curve
    assert paper_constraint(np.array([-0.01, 0.01]), 25.0) == pytest.approx(0.0)


def test_constraint_gradient_follows_the_distance(space):
    """d value / d distance times the interpolated nodal gradient, entry by entry."""
    x = np.random.default_rng(2).uniform(0.2, 0.8, (5, 4))
    beta = 25.0
    _, gradient, distance = feasibility_constraint(space, x, beta)
    slope = central_difference(
        lambda d: np.logaddexp(0, -2 * beta * d).sum() - 1, distance.copy(), 1e-7
    )
    expected = slope[:, None] * space.signed_distance_at(x)[1]
    np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=1e-6)


def test_jacobian_of_the_targets():
    """Every column against central differences; C11 and C22 are not exchanged."""
    problem = mf.problems.bridge(2, 5, compression=0.3)
    model = MacroModel(problem)
    rng = np.random.default_rng(2)
    properties = np.tile([0.4, 0.1, 0.2, 0.06], (10, 1)) * rng.uniform(0.8, 1.2, (10, 4))
    jacobian = target_jacobian(model, model.solve(properties))
    assert jacobian.shape == (len(model.target), 10, 4)
    for cell, k in ((0, 0), (3, 1), (7, 2), (9, 3), (4, 0)):
        step = np.zeros_like(properties)
        step[cell, k] = 1e-5
        up = model.solve(properties + step)[model.target]
        down = model.solve(properties - step)[model.target]
        np.testing.assert_allclose(jacobian[:, cell, k], (up - down) / 2e-5, rtol=1e-5, atol=1e-8)
