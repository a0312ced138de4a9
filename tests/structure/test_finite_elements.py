"""Elements at finite deformation: gradients, plain twin, objectivity, patch test."""

import os
import subprocess
import sys

import numpy as np
import pytest
from reference import hyperelastic as reference
from reference import structure
from reference.problems import boundary_problem

import metafast as mf
from metafast import q4
from metafast.structure.body import prepare
from metafast.structure.finite.body import finite_body
from metafast.structure.finite.elements import fill_tangents, forces, product
from metafast.structure.finite.laws import LAWS, law_of
from metafast.structure.finite.stresses import cauchy_stresses, largest_strain

MATERIALS = [
    mf.Material(2.0, 0.3),
    mf.Material(2.0, 0.3, "strain"),
    mf.Material(1.0, 0.49, "strain"),
]
CASES = [(law, material) for law in LAWS for material in MATERIALS]
SIDE = 3


def of_elements(law, u, side=SIDE):
    """Energy, force and tangent (e, 8, 8) of elements with corners of their own."""
    dofs = np.arange(u.size, dtype=np.int32).reshape(-1, 8)
    energy, force = forces(dofs, side, law, u.ravel())
    packed = np.empty((len(dofs), 36))
    fill_tangents(dofs, side, law, u.ravel(), packed)
    tangent = np.zeros((len(dofs), 8, 8))
    low = np.tril_indices(8)
    tangent[:, low[0], low[1]] = tangent[:, low[1], low[0]] = packed
    return energy, force.reshape(-1, 8), tangent


def displacements(count, size=0.2, seed=0):
    return size / SIDE * np.random.default_rng(seed).uniform(-1, 1, (count, 8))


@pytest.mark.parametrize(("name", "material"), CASES)
def test_energy_and_force_equal_the_plain_twin(name, material):
    u = displacements(5)
    energy, force, _ = of_elements(law_of(material, name), u)
    for k in range(len(u)):
        expected, gradient = reference.element(u[k], name, material, SIDE)
        assert energy[k] == pytest.approx(expected, rel=1e-10)
        np.testing.assert_allclose(force[k], gradient, atol=1e-10 * np.abs(gradient).max())


@pytest.mark.parametrize(("name", "material"), CASES)
def test_the_tangent_is_the_gradient_of_the_force(name, material):
    law, u, step = law_of(material, name), displacements(600, seed=1), 1e-6
    _, _, tangent = of_elements(law, u)
    for k in range(8):
        move = step * np.eye(8)[k]
        difference = (of_elements(law, u + move)[1] - of_elements(law, u - move)[1]) / (2 * step)
        np.testing.assert_allclose(tangent[:, :, k], difference, atol=1e-7 * np.abs(tangent).max())


@pytest.mark.parametrize(("name", "material"), CASES)
def test_at_rest_the_tangent_is_the_linear_stiffness(name, material):
    _, force, tangent = of_elements(law_of(material, name), np.zeros((1, 8)))
    np.testing.assert_array_equal(force, 0.0)
    np.testing.assert_allclose(tangent[0], q4.material_stiffness(material), atol=1e-14)


def test_linear_plane_strain_keeps_affine_fields_and_drops_the_lock():
    """Equal to full integration for affine fields; bending costs no volume energy."""
    material = mf.Material(1.0, 0.4999, "strain")
    mean, full = q4.material_stiffness(material), reference.full_integration(material)
    corners = np.array(q4.NODE_OFFSETS, float)
    for gradient in np.eye(4).reshape(4, 2, 2):
        affine = (corners @ gradient.T).ravel()
        np.testing.assert_allclose(mean @ affine, full @ affine, atol=1e-12 * np.abs(full).max())
    bending = np.array([1.0, 0, -1, 0, 1, 0, -1, 0])
    assert bending @ mean @ bending < 0.01 * bending @ full @ bending
    assert np.linalg.matrix_rank(mean, tol=1e-9) == 5
    stress = mf.Material(1.0, 0.4999)
    np.testing.assert_array_equal(q4.material_stiffness(stress), q4.stiffness(stress.stiffness))


@pytest.mark.parametrize(("name", "material"), CASES)
def test_rigid_motions_leave_no_force_and_no_energy(name, material):
    angle = 2.3
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    place = np.array(q4.NODE_OFFSETS) / SIDE
    u = place @ turn.T - place + [0.3, -5.0]
    energy, force, tangent = of_elements(law_of(material, name), u[None])
    assert abs(energy[0]) < 1e-14
    np.testing.assert_allclose(force, 0.0, atol=1e-13)
    # the tangent has turned with the element
    both = np.kron(np.eye(4), turn)
    expected = both @ q4.material_stiffness(material) @ both.T
    np.testing.assert_allclose(tangent[0], expected, atol=1e-11)


@pytest.mark.parametrize("name", LAWS)
def test_a_deformed_element_that_turns_keeps_its_energy(name):
    law, place = law_of(MATERIALS[1], name), np.array(q4.NODE_OFFSETS) / SIDE
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    u = displacements(4, seed=2)
    turned = ((place + u.reshape(-1, 4, 2)) @ turn.T - place).reshape(-1, 8)
    one, other = of_elements(law, u), of_elements(law, turned)
    np.testing.assert_allclose(other[0], one[0], rtol=1e-12)
    np.testing.assert_allclose(
        other[1].reshape(-1, 4, 2), one[1].reshape(-1, 4, 2) @ turn.T, atol=1e-13
    )


def test_an_element_turned_inside_out_has_infinite_energy():
    u = np.zeros((2, 8))
    u[1, 0] = 1.5 / SIDE  # the lower left corner passes the lower right one
    energy, _, _ = of_elements(law_of(mf.Material(), "neo-hookean"), u)
    assert energy[0] == 0.0
    assert energy[1] == np.inf


def test_forces_and_products_are_sums_over_elements():
    """Elements that share corners, against a dense sum."""
    rng = np.random.default_rng(4)
    dofs = np.stack([rng.permutation(20)[:8] for _ in range(30)]).astype(np.int32)
    packed, u = rng.random((30, 36)), displacements(1, size=0.05).repeat(3)[:20]
    dense = np.zeros((20, 20))
    low = np.tril_indices(8)
    for own, values in zip(dofs, packed, strict=True):
        tangent = np.zeros((8, 8))
        tangent[low] = values
        dense[np.ix_(own, own)] += tangent + np.tril(tangent, -1).T
    law = law_of(MATERIALS[0], "neo-hookean")
    energy, total = forces(dofs, SIDE, law, u)
    expected = np.zeros(20)
    for own, part in zip(dofs, energy, strict=True):
        of_one, force, _ = of_elements(law, u[None, own])
        assert of_one[0] == part
        expected[own] += force[0]
    np.testing.assert_allclose(total, expected, atol=1e-15)
    np.testing.assert_allclose(product(dofs, packed, u), dense @ u)


@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
def test_every_vector_width_and_any_number_of_threads_give_the_same_bits(vector_bytes):
    script = """
import hashlib, numba, numpy as np, metafast as mf
from metafast.structure.finite.elements import fill_tangents, forces
from metafast.structure.finite.laws import LAWS, law_of
u = np.random.default_rng(3).uniform(-0.05, 0.05, 1600)
dofs = np.random.default_rng(4).integers(0, 1600, (3001, 8)).astype(np.int32)
for name in LAWS:
    for material in mf.Material(2.0, 0.3), mf.Material(1.0, 0.49, "strain"):
        for threads in 1, 2:
            numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
            law, packed = law_of(material, name), np.empty((3001, 36))
            fill_tangents(dofs, 3, law, u, packed)
            energy, total = forces(dofs, 3, law, u)
            print(hashlib.sha256(energy.tobytes() + total.tobytes() + packed.tobytes()).hexdigest())
"""
    found = []
    for width in (str(vector_bytes), "16"):
        run = subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"METAFAST_VECTOR_BYTES": width},
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(run.stdout.split())
    assert found[0] == found[1]
    assert found[0][0::2] == found[0][1::2]


@pytest.mark.parametrize(("name", "material"), CASES)
def test_patch_test_affine_boundary_gives_the_homogeneous_deformation(name, material):
    f = np.array([[0.85, 0.2], [-0.1, 1.15]])

    def affine(x, y):
        move = f - np.eye(2)
        return np.stack([move[0, 0] * x + move[0, 1] * y, move[1, 0] * x + move[1, 1] * y], -1)

    problem, u = boundary_problem(2, 3, affine)
    pixels = np.ones((2 * SIDE, 3 * SIDE))
    found = mf.solve_structure(
        pixels, problem, material, kinematics="finite", law=name, stresses=True
    )
    np.testing.assert_allclose(found.displacement, u, atol=1e-9)
    i, j = np.indices((2 * SIDE + 1, 3 * SIDE + 1))
    everywhere = affine(j / SIDE, (2 * SIDE - i) / SIDE)
    np.testing.assert_allclose(found.nodal_displacement, everywhere, atol=1e-9)
    expected = reference.plane_energy(f, name, material)
    assert found.energy == pytest.approx(6 * expected, rel=1e-8)
    sigma = reference.cauchy(f, name, material)
    for k, value in enumerate((sigma[0, 0], sigma[1, 1], sigma[0, 1])):
        np.testing.assert_allclose(found.stress[..., k], value, rtol=1e-5, atol=1e-6)
    deviator = sigma - np.trace(sigma) / 3 * np.eye(3)
    equivalent = np.sqrt(1.5 * (deviator * deviator).sum())
    np.testing.assert_allclose(found.von_mises, equivalent, rtol=1e-5)
    stretch = np.linalg.svd(f, compute_uv=False)
    assert found.largest_strain == pytest.approx(np.abs(stretch - 1).max(), rel=1e-8)


@pytest.mark.parametrize(("name", "material"), CASES)
def test_stress_at_the_centre_is_that_of_the_element(name, material):
    """In plane strain the pressure is that of the element's mean dilatation."""
    problem, _ = boundary_problem(2, 2, lambda x, y: np.stack([0 * x, 0.1 * y], -1))
    prepared = prepare(np.ones((4, 4)), [problem], material, 1)
    held = np.isfinite(prepared.held.prescribed)
    body = finite_body(prepared.system, prepared.held.solid, held, law_of(material, name), 2)
    field = 0.08 * np.random.default_rng(5).uniform(-1, 1, (5, 5, 2))
    u = body.gather_from_nodes(field)
    stress, _ = cauchy_stresses(body, u)
    lam, _ = reference.lame(material)
    for e, (r, c) in enumerate(body.pixels):
        corners = np.array([field[r + 1 - y, c + x] for x, y in q4.NODE_OFFSETS])
        b = q4.strain_displacement(0.5, 0.5)
        f = np.eye(2) + corners.T @ (2 * np.stack([b[0, 0::2], b[1, 1::2]], axis=1))
        sigma = reference.cauchy(f, name, material)[:2, :2]
        if material.plane == "strain" and name == "st-venant-kirchhoff":
            mean = 0.0
            for gradient in reference.point_gradients(2):
                point = reference.whole(np.eye(2) + corners.T @ gradient, name, material)
                mean += reference.dilatation(point, name) / 4
            centre = reference.dilatation(reference.whole(f, name, material), name)
            change = lam * (mean - centre)
            sigma = sigma + change * f @ f.T / np.linalg.det(f)
        np.testing.assert_allclose(stress[r, c, [0, 1, 2]], sigma[[0, 1, 0], [0, 1, 1]], atol=2e-6)
        stretch = np.linalg.svd(f, compute_uv=False)
        assert largest_strain(body, u) >= np.abs(stretch - 1).max() * (1 - 1e-12)
        assert body.element[r, c] == e


@pytest.mark.parametrize(("name", "material"), CASES[:4])
def test_a_body_is_the_sum_of_its_elements(name, material):
    """Energy, forces and corner contacts against the plain twin, on a random deformation."""
    pixels = structure.random_structure(2, 2, 5, seed=3)
    pixels[3:7, 3:7] = [[1, 1, 1, 1], [1, 1, 0, 1], [1, 0, 1, 1], [1, 1, 1, 1]]
    problem, _ = boundary_problem(2, 2, lambda x, y: np.stack([0.1 * x, 0 * y], -1))
    prepared = prepare(pixels, [problem], material, 1)
    held = np.isfinite(prepared.held.prescribed)
    body = finite_body(prepared.system, prepared.held.solid, held, law_of(material, name), 5)
    u = 0.02 * np.random.default_rng(1).uniform(-1, 1, body.size)
    forces = body.forces(u)
    energy, total = 0.0, np.zeros(body.size)
    for own in body.dofs:
        part, gradient = reference.element(u[own], name, material, 5)
        energy += part
        total[own] += gradient
    assert forces.energy == pytest.approx(energy, rel=1e-10)
    np.testing.assert_allclose(forces.force, total, atol=1e-10 * np.abs(total).max())
    # elements share the nodes that the plain twin of the linear solution joins
    number, places = structure.joined_nodes({(int(r), int(c)) for r, c in body.pixels})
    numbers = {}
    for (r, c), own in zip(body.pixels, body.dofs.reshape(-1, 4, 2), strict=True):
        for k, node in enumerate(number[int(r), int(c)]):
            assert numbers.setdefault(node, tuple(own[k])) == tuple(own[k])
    assert len(places) > len(set(places))
    free = {k for pair in numbers.values() for k in pair}
    assert len(free) == body.size
    body.update_tangents(u)
    move = np.random.default_rng(2).uniform(-1, 1, body.size)
    step = 1e-6
    difference = body.forces(u + step * move).force - body.forces(u - step * move).force
    np.testing.assert_allclose(body.product(move), difference / (2 * step), atol=1e-6)
