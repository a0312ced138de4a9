"""Macro model at finite deformation: linear limit, patch test, adjoint gradients, work."""

import itertools

import numpy as np
import pytest

import metafast as mf
from metafast.macro import FiniteMacroModel, MacroModel, macro_model
from metafast.macro.jacobian import target_jacobian
from metafast.macro.objective import displacement_objective
from metafast.macro.variables import GradationVariables
from metafast.properties import PropertyCoordinates

STIFF = np.array([0.8, 0.2, 0.5, 0.2])


def random_field(cells, seed=0):
    rng = np.random.default_rng(seed)
    return STIFF * np.exp(rng.uniform(-0.3, 0.3, (cells, 4)))


def held_edges(rows, cols, displacement):
    """The whole boundary moved as given, (rows+1, cols+1, 2); one inner node of interest."""
    prescribed = displacement.copy()
    prescribed[1:-1, 1:-1] = np.nan
    target = np.full_like(prescribed, np.nan)
    target[1, 1] = displacement[1, 1] + 1.0
    return mf.Problem("held", prescribed, target)


def places(rows, cols):
    y, x = rows - np.arange(rows + 1)[:, None], np.arange(cols + 1)[None, :]
    return np.stack(np.broadcast_arrays(x, y), -1).astype(float)


def test_the_factory_knows_both():
    problem = mf.problems.bridge(2, 4)
    assert type(macro_model(problem, 1, "linear")) is MacroModel
    assert type(macro_model(problem)) is FiniteMacroModel
    with pytest.raises(ValueError, match="kinematics is 'small'; use 'finite'"):
        macro_model(problem, 1, "small")


@pytest.mark.parametrize("mesh", [1, 2])
def test_small_loads_give_the_linear_solution_with_slope_two(mesh):
    """The difference is quadratic in the load: halved loads, quartered differences."""
    field = random_field(3 * 8)
    differences = []
    for compression in (0.08, 0.04, 0.02, 0.01):
        problem = mf.problems.bridge(3, 8, compression=compression)
        linear = MacroModel(problem, mesh).solve(field)
        differences.append(np.abs(FiniteMacroModel(problem, mesh).solve(field) - linear).max())
    slopes = [np.log2(a / b) for a, b in itertools.pairwise(differences)]
    assert slopes[-1] == pytest.approx(2.0, abs=0.05)
    assert differences[-1] < 1e-3


@pytest.mark.parametrize("mesh", [1, 2])
def test_patch(mesh):
    """Affine displacements of the boundary are those of the inside, strains of any size."""
    gradient = np.array([[0.25, 0.3], [-0.2, -0.2]])
    exact = places(3, 4) @ gradient.T
    model = FiniteMacroModel(held_edges(3, 4, exact), mesh)
    u = model.solve(np.tile(STIFF, (12, 1)))
    np.testing.assert_allclose(model.macro_nodes(u), exact, atol=1e-10)


def test_a_turned_body_has_no_forces():
    angle = np.pi / 3
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    exact = places(3, 4) @ (turn - np.eye(2)).T
    model = FiniteMacroModel(held_edges(3, 4, exact))
    u = model.solve(random_field(12))
    np.testing.assert_allclose(model.macro_nodes(u), exact, atol=1e-8)
    energy, forces = model._body.energy_and_forces(u)
    assert energy < 1e-14
    assert np.abs(forces).max() < 1e-8


def central_difference(function, x, step=2e-5):
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
    """Against finite differences, in both coordinates, at strains of more than a tenth."""
    problem = mf.problems.bridge(2, 4, compression=0.5)
    model = FiniteMacroModel(problem, mesh)
    properties = random_field(8, 1)
    axes = PropertyCoordinates.spanning(properties, kind)

    def value(x):
        return displacement_objective(model, axes.to_properties(x))[0]

    numeric = central_difference(value, axes.to_unit(properties))
    _, by_property, _ = displacement_objective(model, properties)
    gradient = axes.gradient_to_unit(properties, by_property)
    np.testing.assert_allclose(gradient, numeric, atol=1e-6 * np.abs(numeric).max())
    _, linear, _ = displacement_objective(MacroModel(problem, mesh), properties)
    assert np.linalg.norm(linear - by_property) > 0.1 * np.linalg.norm(by_property)


def test_gradient_along_a_gradation():
    variables = GradationVariables(mf.Gradation.isotropic_like())
    model = FiniteMacroModel(mf.problems.graded_beam(3, 6, compression=0.4))
    place = variables._place  # between two knots, where the curve has a derivative
    knots = np.random.default_rng(3).choice(np.flatnonzero(np.diff(place) > 1e-4), 18)
    x = 0.5 * (place[knots] + place[knots + 1])[:, None]
    numeric = central_difference(
        lambda x: displacement_objective(model, variables.properties(x))[0], x
    )
    _, by_property, _ = displacement_objective(model, variables.properties(x))
    gradient = variables.gradient(x, by_property)
    np.testing.assert_allclose(gradient, numeric, atol=1e-6 * np.abs(numeric).max())


def test_jacobian_of_the_targets():
    model = FiniteMacroModel(mf.problems.bridge(2, 5, compression=0.4))
    properties = random_field(10, 2)
    jacobian = target_jacobian(model, model.solve(properties))
    for cell, k in ((0, 0), (3, 1), (7, 2), (9, 3)):
        step = np.zeros_like(properties)
        step[cell, k] = 1e-5
        up = model.solve(properties + step)[model.target]
        down = model.solve(properties - step)[model.target]
        np.testing.assert_allclose(jacobian[:, cell, k], (up - down) / 2e-5, rtol=1e-5, atol=1e-8)


def test_the_last_equilibrium_helps_and_does_not_change_the_result():
    """From the last equilibrium and from zero, one factorisation against several."""
    model, other = (FiniteMacroModel(mf.problems.bridge(2, 8)) for _ in range(2))
    field = random_field(16)
    model.solve(field)
    moved = field * 1.01 ** np.arange(4)
    before = model._tangent.count
    u = model.solve(moved)
    assert model._tangent.count - before <= 2
    np.testing.assert_allclose(u, other.solve(moved), atol=1e-10)


def test_mirror_image_and_only_ratios():
    model = FiniteMacroModel(mf.problems.bridge(3, 6, compression=0.5))
    field = random_field(18).reshape(3, 6, 4)
    u = model.macro_nodes(model.solve(field))
    v = model.macro_nodes(model.solve(field[:, ::-1]))
    np.testing.assert_allclose(v[:, ::-1] * [-1, 1], u, atol=1e-9)
    np.testing.assert_allclose(model.macro_nodes(model.solve(30 * field)), u, atol=1e-9)


def test_energy_is_the_work_of_the_reactions():
    """Trapezoidal work of the held nodes along the load; its error falls with the square."""
    problem = mf.problems.bridge(2, 5, compression=0.6)
    field = random_field(10)
    errors = []
    for steps in (8, 16, 32):
        work, before, u = 0.0, None, None
        model = FiniteMacroModel(problem)
        for share in np.arange(1, steps + 1) / steps:
            model.take_share(share)
            now = model.solve(field)
            energy, forces = model._body.energy_and_forces(now)
            if before is None:
                u, before = np.zeros_like(now), np.zeros_like(forces)
            held = model._fixed
            work += 0.5 * float((forces + before)[held] @ (now - u)[held])
            u, before = now, forces
        errors.append(abs(work / energy - 1.0))
    assert errors[-1] < 1e-3
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.1)
    assert errors[1] / errors[2] == pytest.approx(4.0, rel=0.1)
