"""Kernels at finite deformation: derivatives, objectivity, closed forms."""

import numpy as np
import pytest

import metafast as mf
from metafast.macro.finite import FiniteMacroModel

C = np.array([0.8, 0.1, 0.4, 0.2])


def random_body(mesh=1, rows=2, cols=3, seed=0):
    """A body with a random field, and a random displacement with strains of a few tenths."""
    rng = np.random.default_rng(seed)
    model = FiniteMacroModel(mf.problems.bridge(rows, cols), mesh)
    scale = np.exp(rng.uniform(-1, 1, (rows * cols, 4)))
    body = model._body
    body.properties = model._elements(C * scale)
    u = rng.uniform(-0.15, 0.15, model._fixed.size) / mesh
    return model, body, u, rng


def dense(model, data):
    pattern = model._pattern.copy()
    pattern.data = data
    upper = pattern.toarray()
    return upper + np.triu(upper, 1).T


@pytest.mark.parametrize("mesh", [1, 2])
def test_forces_are_the_slope_of_the_energy(mesh):
    _, body, u, rng = random_body(mesh)
    _, forces = body.energy_and_forces(u)
    for _ in range(5):
        way, step = rng.standard_normal(u.size), 1e-5
        up, down = (body.energy_and_forces(u + s * step * way)[0] for s in (1, -1))
        assert (up - down) / (2 * step) == pytest.approx(forces @ way, rel=1e-7)


@pytest.mark.parametrize("mesh", [1, 2])
def test_tangent_is_the_slope_of_the_forces(mesh):
    model, body, u, _ = random_body(mesh)
    tangent, free = dense(model, body.tangent(u)), body.free
    numeric, step = np.zeros_like(tangent), 1e-6
    for k, dof in enumerate(free):
        way = np.zeros_like(u)
        way[dof] = step
        rates = body.energy_and_forces(u + way)[1] - body.energy_and_forces(u - way)[1]
        numeric[k] = rates[free] / (2 * step)
        np.testing.assert_allclose(body.force_rates(u, way)[free] / step, tangent[k], atol=1e-12)
    np.testing.assert_allclose(tangent, numeric, atol=1e-8)


def test_derivative_of_the_forces_by_the_properties():
    _, body, u, rng = random_body()
    v = rng.standard_normal(u.size)
    slope = body.force_by_property(u, v)
    kept = body.properties
    for element, k in ((0, 0), (2, 1), (4, 2), (5, 3)):
        step = np.zeros_like(kept)
        step[element, k] = 1e-3  # the forces are linear in it
        body.properties = kept + step
        moved = body.energy_and_forces(u)[1] @ v
        body.properties = kept
        change = (moved - body.energy_and_forces(u)[1] @ v) / 1e-3
        assert slope[element, k] == pytest.approx(change, rel=1e-9)


def test_a_rigid_motion_costs_nothing():
    _, body, _, _ = random_body()
    y, x = 2 - np.arange(3)[:, None], np.arange(4)[None, :]
    for angle in (0.3, 2.0, -3.0):
        c, s = np.cos(angle), np.sin(angle)
        u = np.stack([c * x - s * y - x + 5.0, s * x + c * y - y - 7.0], -1).ravel()
        energy, forces = body.energy_and_forces(u)
        assert energy == pytest.approx(0.0, abs=1e-28)
        np.testing.assert_allclose(forces, 0.0, atol=1e-14)


def test_energy_is_objective():
    """A deformed body that is turned has the same energy, and its forces turn with it."""
    _, body, u, _ = random_body()
    y, x = 2 - np.arange(3)[:, None], np.arange(4)[None, :]
    place = np.stack(np.broadcast_arrays(x, y), -1).reshape(-1, 2)
    turn = np.array([[np.cos(1.0), -np.sin(1.0)], [np.sin(1.0), np.cos(1.0)]])
    turned = (place + u.reshape(-1, 2)) @ turn.T - place
    energy, forces = body.energy_and_forces(u)
    same, turned_forces = body.energy_and_forces(turned.ravel())
    assert same == pytest.approx(energy, rel=1e-12)
    expected = forces.reshape(-1, 2) @ turn.T
    np.testing.assert_allclose(turned_forces.reshape(-1, 2), expected, atol=1e-12)


def test_small_displacements_have_the_linear_stiffness():
    model, body, u, _ = random_body()
    stiffness = np.tensordot(body.properties, model.basis, 1)
    local = u[model.element_dofs]
    expected = np.zeros_like(u)
    np.add.at(expected, model.element_dofs, np.einsum("eij,ej->ei", stiffness, local))
    np.testing.assert_allclose(body.force_rates(np.zeros_like(u), u), expected, atol=1e-14)


@pytest.mark.parametrize("mesh", [1, 2])
def test_homogeneous_deformation_in_closed_form(mesh):
    """W = E:C:E/2 for each unit of area, and the forces on the right side are F S e_1."""
    model = FiniteMacroModel(mf.problems.bridge(2, 3), mesh)
    model._body.properties = np.tile(C, (6 * mesh**2, 1))
    gradient = np.array([[0.2, 0.1], [-0.05, -0.15]])
    y, x = 2 - np.arange(2 * mesh + 1)[:, None] / mesh, np.arange(3 * mesh + 1)[None, :] / mesh
    u = np.stack([gradient[0, 0] * x + gradient[0, 1] * y, gradient[1, 0] * x + gradient[1, 1] * y])
    energy, forces = model._body.energy_and_forces(np.moveaxis(u, 0, -1).ravel())
    f = np.eye(2) + gradient
    e = 0.5 * (f.T @ f - np.eye(2))
    s11, s22 = C[0] * e[0, 0] + C[1] * e[1, 1], C[1] * e[0, 0] + C[2] * e[1, 1]
    s = np.array([[s11, 2 * C[3] * e[0, 1]], [2 * C[3] * e[0, 1], s22]])
    assert energy == pytest.approx(6 * 0.5 * (s * e).sum(), rel=1e-12)
    right = forces.reshape(2 * mesh + 1, 3 * mesh + 1, 2)[:, -1]
    np.testing.assert_allclose(right.sum(axis=0), 2 * (f @ s)[:, 0], atol=1e-12)
    inner = forces.reshape(2 * mesh + 1, 3 * mesh + 1, 2)[1:-1, 1:-1]
    np.testing.assert_allclose(inner, 0.0, atol=1e-13)


def test_an_inverted_element_has_infinite_energy():
    model, body, _, _ = random_body()
    u = np.zeros(model._fixed.size)
    u[2] = 1.5  # the second node of the first row passes the third
    assert body.energy_and_forces(u)[0] == np.inf
