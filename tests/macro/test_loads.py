"""Forces, tractions and springs on the macro model: closed forms, gradients, work and stability."""

import dataclasses

import numpy as np
import pytest
from reference.loaded_problems import bar, cantilever
from scipy.optimize import brentq

import metafast as mf
from metafast.macro import FiniteMacroModel, MacroModel, macro_model
from metafast.macro.jacobian import target_jacobian
from metafast.macro.objective import displacement_objective

STIFF = np.array([0.8, 0.2, 0.5, 0.2])
BAR = np.array([0.8, 0.0, 0.5, 0.2])  # without lateral contraction


def end_traction(rows, cols, traction):
    tractions = np.zeros((rows, cols, 4, 2))
    tractions[:, -1, 1] = traction
    return tractions


def random_field(cells, seed=0):
    rng = np.random.default_rng(seed)
    return STIFF * np.exp(rng.uniform(-0.3, 0.3, (cells, 4)))


def loaded(rows=2, cols=4, size=0.01):
    """A cantilever with a force, a traction and springs in both directions."""
    forces, springs = np.zeros((2, rows + 1, cols + 1, 2))
    forces[0, cols] = 0.5 * size, -size
    springs[-1, cols] = 0.03, 0.02
    springs[0, 1, 1] = 0.05
    tractions = np.zeros((rows, cols, 4, 2))
    tractions[0, 1:, 2] = 0.2 * size, -0.3 * size
    return cantilever(rows, cols, forces=forces, springs=springs, tractions=tractions)


@pytest.mark.parametrize("mesh", [1, 3])
def test_bar_under_end_traction(mesh):
    """Pure traction: the stress is uniform, u = sigma x / E and contraction nu sigma y / E."""
    rows, cols, stress = 3, 5, 0.01
    problem = bar(rows, cols, tractions=end_traction(rows, cols, (stress, 0.0)))
    model = MacroModel(problem, mesh)
    u = model.macro_nodes(model.solve(np.tile(STIFF, (rows * cols, 1))))
    c11, c12, c22, _ = STIFF
    young = c11 - c12**2 / c22
    np.testing.assert_allclose(u[:, :, 0], np.tile(stress / young * np.arange(cols + 1), (4, 1)))
    up = np.arange(rows, -1.0, -1.0)[:, None]
    exact = np.broadcast_to(-c12 / c22 * stress / young * up, u.shape[:2])
    np.testing.assert_allclose(u[:, :, 1], exact, atol=1e-14)


def test_tractions_on_holes_balance():
    """Pressure in a hole has no resultant, and opens it."""
    prescribed = np.full((6, 6, 2), np.nan)
    prescribed[0, [0, -1], 1] = prescribed[0, 0, 0] = 0.0
    target = np.full_like(prescribed, np.nan)
    target[2, 2, 0] = -1.0
    body = np.zeros((5, 5), int)
    body[2, 2] = -1
    tractions = np.zeros((5, 5, 4, 2))
    tractions[2, 1, 1, 0], tractions[2, 3, 0, 0] = -0.01, 0.01
    tractions[1, 2, 3, 1], tractions[3, 2, 2, 1] = 0.01, -0.01
    problem = mf.Problem("pressed", prescribed, target, body, tractions=tractions)
    model = MacroModel(problem)
    np.testing.assert_allclose(model._pull.reshape(-1, 2).sum(axis=0), 0.0, atol=1e-16)
    u = model.macro_nodes(model.solve(np.tile(STIFF, (25, 1))))
    assert u[2, 3, 0] - u[2, 2, 0] > 0.001
    assert u[2, 3, 0] - u[2, 2, 0] == pytest.approx(u[3, 3, 0] - u[3, 2, 0], rel=1e-10)
    tractions[0, 0, 1, 0] = 1.0
    with pytest.raises(ValueError, match=r"right side of cell \(0, 0\) lies inside of the body"):
        dataclasses.replace(problem, tractions=tractions)


def test_bar_with_a_spring():
    """Force F on a bar of stiffness C11 h / L with springs of k in all: u = F / (C11 h / L + k)."""
    rows, cols, force, stiffness = 2, 6, 0.02, 0.3
    forces, springs = np.zeros((2, rows + 1, cols + 1, 2))
    share = np.array([0.25, 0.5, 0.25])  # as the nodes of an edge share a uniform load
    forces[:, -1, 0], springs[:, -1, 0] = force * share, stiffness * share
    model = MacroModel(bar(rows, cols, forces=forces, springs=springs))
    u = model.macro_nodes(model.solve(np.tile(BAR, (rows * cols, 1))))
    exact = force / (BAR[0] * rows / cols + stiffness)
    np.testing.assert_allclose(u[:, -1, 0], exact, rtol=1e-12)


def test_a_body_on_springs_alone():
    """Without any support: the spring in the line of the force takes it all."""
    forces, springs = np.zeros((2, 3, 5, 2))
    free = np.full((3, 5, 2), np.nan)
    target = free.copy()
    target[0, 2, 0] = 1.0
    springs[1, 0, 0], springs[1, [0, -1], 1] = 0.05, 0.1
    forces[1, -1, 0] = 0.002
    problem = mf.Problem("afloat", free, target, forces=forces, springs=springs)
    for kinematics in ("linear", "finite"):
        model = macro_model(problem, 1, kinematics)
        u = model.macro_nodes(model.solve(np.tile(STIFF, (8, 1))))
        assert u[1, 0, 0] == pytest.approx(0.002 / 0.05, rel=1e-9)
        assert abs(u[1, 0, 1]) < 1e-12
    with pytest.raises(ValueError, match="leave a rigid motion free"):
        dataclasses.replace(problem, springs=None)


def test_cantilever_is_timoshenkos():
    """Tip shear of a slender isotropic beam, spread as a parabola has it, on a fine mesh."""
    rows, cols, nu, force = 2, 16, 0.3, 1e-3
    tractions = end_traction(rows, cols, (0.0, force / rows))
    field = np.array([1.0, nu, 1.0, 0.5 * (1 - nu)]) / (1 - nu**2)
    model = MacroModel(cantilever(rows, cols, tractions=tractions), 8)
    u = model.macro_nodes(model.solve(np.tile(field, (rows * cols, 1))))
    inertia, shear = rows**3 / 12, field[3] * 5 / 6 * rows
    exact = force * (cols**3 / (3 * inertia) + cols / shear)
    assert u[1, -1, 1] == pytest.approx(exact, rel=5e-3)


@pytest.mark.parametrize("mesh", [1, 2])
@pytest.mark.parametrize("kinematics", ["linear", "finite"])
def test_gradients(kinematics, mesh):
    problem, properties = loaded(), random_field(8, 1)
    model = macro_model(problem, mesh, kinematics)
    _, gradient, u = displacement_objective(model, properties)
    assert np.abs(u).max() > 0.1
    jacobian = target_jacobian(model, u)
    numeric = np.empty_like(gradient)
    for cell, k in np.ndindex(*properties.shape):
        moved, step = properties.copy(), 1e-5 * properties[cell, k]
        moved[cell, k] += step
        up = displacement_objective(model, moved)
        moved[cell, k] -= 2 * step
        down = displacement_objective(model, moved)
        numeric[cell, k] = (up[0] - down[0]) / (2 * step)
        rates = (up[2] - down[2])[model.target] / (2 * step)
        np.testing.assert_allclose(jacobian[:, cell, k], rates, atol=1e-6 * np.abs(jacobian).max())
    np.testing.assert_allclose(gradient, numeric, atol=1e-6 * np.abs(numeric).max())


def test_gradient_of_the_barrier():
    """A strut under a thrust that takes most of its stiffness against bending."""
    problem, properties = loaded(2, 8, 0.002), random_field(16, 2)
    problem = dataclasses.replace(problem, forces=8.0 * problem.forces * [-2.0, 0.1])
    model = FiniteMacroModel(problem)

    def value(field):
        model.solve(field)
        for _ in range(30):
            model._stability.modes()
        return model.barrier(model._last, margin)

    model.solve(properties)
    margin = 1.2 * model.margin()
    first, gradient = value(properties)
    assert first > 0.0
    for cell, k in ((0, 0), (3, 2), (7, 3), (12, 1)):
        step = np.zeros_like(properties)
        step[cell, k] = 1e-4 * properties[cell, k]
        rise = value(properties + step)[0] - value(properties - step)[0]
        slope = rise / (2.0 * step[cell, k])
        assert gradient[cell, k] == pytest.approx(slope, abs=1e-5 * np.abs(gradient).max())


def test_small_loads_give_the_linear_solution_with_slope_two():
    properties, differences = random_field(8), []
    for size in (0.004, 0.002, 0.001):
        problem = loaded(size=size)
        linear = MacroModel(problem).solve(properties)
        differences.append(np.abs(FiniteMacroModel(problem).solve(properties) - linear).max())
    slopes = np.log2(np.array(differences[:-1]) / differences[1:])
    assert slopes[-1] == pytest.approx(2.0, abs=0.05)


def test_finite_bar_under_dead_traction():
    """Uniaxial St. Venant-Kirchhoff bar: (1 + e) E (e + e^2 / 2) = sigma."""
    stress = 0.2
    problem = bar(2, 4, tractions=end_traction(2, 4, (stress, 0.0)))
    model = FiniteMacroModel(problem)
    u = model.macro_nodes(model.solve(np.tile(BAR, (8, 1))))
    strain = brentq(lambda e: BAR[0] * (1 + e) * (e + e * e / 2) - stress, 0.0, 1.0)
    np.testing.assert_allclose(u[:, -1, 0], 4 * strain, rtol=1e-8)


def test_energy_is_the_work_of_the_loads():
    """Trapezoidal work of the dead loads along the path against strain and spring energy."""
    problem, field = loaded(size=0.02), random_field(8)
    errors = []
    for steps in (8, 16):
        model, work, before = FiniteMacroModel(problem), 0.0, None
        for share in np.arange(1, steps + 1) / steps:
            model.take_share(share)
            u = model.solve(field)
            last = np.zeros_like(u) if before is None else before
            work += (share - 0.5 / steps) * float(model._whole_load[2] @ (u - last))
            before = u
        potential, forces = model._body.energy_and_forces(u)
        assert np.abs(forces[model._body.free]).max() < 1e-9
        errors.append(abs(work / (potential + model._pull @ u) - 1.0))
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.1)
    assert errors[1] < 1e-3


def test_a_column_under_a_dead_load_buckles_where_euler_says():
    """A clamped-free strut gives way at pi^2 E I / (4 L^2); a small side load tells the way."""
    rows, cols = 1, 16
    euler = np.pi**2 / 12 / (4 * cols**2)
    field = np.tile([1.0, 0.0, 1.0, 0.5], (rows * cols, 1))
    moved = {}
    for share in (0.9, 1.1):
        thrust = end_traction(rows, cols, (-share * euler, 1e-3 * euler))
        model = FiniteMacroModel(cantilever(rows, cols, tractions=thrust), 4)
        moved[share] = abs(model.macro_nodes(model.solve(field))[0, -1, 1])
        if share < 1.0:
            assert model.margin() == pytest.approx(1.0 - share, abs=0.03)
    assert moved[0.9] < 0.2
    assert moved[1.1] > 5.0  # the elastica has 0.42 of the length


def test_stiffness_matters_under_forces():
    """Ten times the stiffness of cells and springs: a tenth of the displacement."""
    problem, field = loaded(), random_field(8)
    soft, stiff = (
        MacroModel(dataclasses.replace(problem, springs=scale * problem.springs)).solve(
            scale * field
        )
        for scale in (1.0, 10.0)
    )
    np.testing.assert_allclose(10.0 * stiff, soft, atol=1e-12)


@pytest.mark.parametrize(
    ("loads", "message"),
    [
        ({"forces": np.zeros((2, 5, 2))}, r"forces has shape \(2, 5, 2\); .*\(3, 5, 2\) is needed"),
        ({"forces": np.full((3, 5, 2), np.nan)}, "forces has a value that is not finite; use 0"),
        ({"springs": np.full((3, 5, 2), -1.0)}, r"springs\[0, 0, 0\] is -1; a stiffness of at"),
        ({"forces": np.ones((3, 5, 2))}, r"forces\[0, 0, 0\] is not 0, but a support prescribes"),
        ({"tractions": np.ones((2, 4, 4, 2))}, r"tractions\[0, 0, 1\] is not 0, but the right"),
    ],
)
def test_invalid_loads(loads, message):
    with pytest.raises(ValueError, match=message):
        cantilever(2, 4, **loads)


def test_problems_without_load():
    problem = cantilever(2, 4, forces=np.zeros((3, 5, 2)))
    assert problem.forces is None
    with pytest.raises(ValueError, match="or add forces"):
        problem.require_load()
    loaded().require_load()
