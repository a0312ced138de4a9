"""Laws at finite deformation: derivatives of energies of three-dimensional solids."""

import numpy as np
import pytest
from reference import hyperelastic as reference

import metafast as mf
from metafast.structure.finite.laws import (
    LAWS,
    law_of,
    moduli,
    require_law,
    stress,
    thickness_stretch,
)

MATERIALS = [
    mf.Material(1.0, 0.49),
    mf.Material(2.0, 0.3),
    mf.Material(1.0, 0.0),
    mf.Material(1.5, -0.3),
    mf.Material(2.0, 0.3, "strain"),
    mf.Material(1.0, 0.49, "strain"),
]
CASES = [(law, material) for law in LAWS for material in MATERIALS]


def gradients(count, size=0.25, seed=0):
    return np.eye(2) + size * np.random.default_rng(seed).uniform(-1, 1, (count, 2, 2))


def voigt(c):
    return c[0, 0], c[1, 1], c[0, 1]


def response(law, c):
    """Energy, stress (3,) and tangent (3, 3) of a law at C (2, 2)."""
    energy, *s = stress(law, *voigt(c))
    d11, d22, d33, d12, d13, d23 = moduli(law, *voigt(c))
    return energy, np.array(s), np.array([[d11, d12, d13], [d12, d22, d23], [d13, d23, d33]])


def point_energy(f, name, material):
    """W, in plane strain without its part with lambda, which belongs to the whole element."""
    if material.plane == "stress":
        return reference.plane_energy(f, name, material)
    return reference.energy(
        reference.whole(f, name, material), name, 0.0, reference.lame(material)[1]
    )


def by_strain(function, c, step=1e-5):
    """Derivative of a function of C = 1 + 2 E by the strains (11, 22, 12), engineering shear."""
    changes = [np.diag([2.0, 0.0]), np.diag([0.0, 2.0]), np.array([[0.0, 1.0], [1.0, 0.0]])]
    return np.stack(
        [(function(c + step * d) - function(c - step * d)) / (2 * step) for d in changes], axis=-1
    )


@pytest.mark.parametrize(("name", "material"), CASES)
def test_the_energy_is_that_of_the_solid_in_space(name, material):
    law = law_of(material, name)
    for f in gradients(6):
        energy, _, _ = response(law, f.T @ f)
        assert energy == pytest.approx(point_energy(f, name, material), rel=1e-11, abs=1e-14)


@pytest.mark.parametrize(("name", "material"), CASES)
def test_stress_and_tangent_are_derivatives(name, material):
    law = law_of(material, name)
    for f in gradients(6, seed=1):
        c = f.T @ f
        _, given, tangent = response(law, c)
        by_difference = by_strain(lambda x: response(law, x)[0], c)
        np.testing.assert_allclose(given, by_difference, rtol=1e-7, atol=1e-8)
        by_difference = by_strain(lambda x: response(law, x)[1], c)
        np.testing.assert_allclose(tangent, by_difference, rtol=1e-7, atol=1e-8)
        np.testing.assert_array_equal(tangent, tangent.T)


@pytest.mark.parametrize(
    ("name", "material"), [case for case in CASES if case[1].plane == "stress"]
)
def test_stress_in_the_plane_is_that_of_the_solid_in_space(name, material):
    law = law_of(material, name)
    for f in gradients(6, seed=2):
        _, (s11, s22, s12), _ = response(law, f.T @ f)
        piola, _ = reference.first_piola(f, name, material)
        np.testing.assert_allclose(f @ [[s11, s12], [s12, s22]], piola, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("material", [m for m in MATERIALS if m.plane == "stress"])
def test_nothing_presses_across_the_plane(material):
    """The thickness of plane stress is the root that bracketing finds, over a wide range."""
    law, (lam, mu) = law_of(material, "neo-hookean"), reference.lame(material)
    for log_j in (-0.4, -0.1, 0.0, 1e-9, 0.2, 1.0):
        thickness = np.sqrt(thickness_stretch(law.mu, law.lam, log_j)[1])
        j = np.exp(log_j) * thickness
        across = mu * (thickness - 1 / thickness) + lam * np.log(j) / thickness
        assert abs(across) < 1e-13 * (lam + mu)
        f = np.diag([np.exp(log_j), 1.0])
        assert thickness == pytest.approx(reference.whole(f, "neo-hookean", material)[2, 2])


@pytest.mark.parametrize(("name", "material"), CASES)
def test_small_strains_have_linear_elasticity(name, material):
    law = law_of(material, name)
    energy, stress, tangent = response(law, np.eye(2))
    assert energy == 0.0
    np.testing.assert_array_equal(stress, 0.0)
    volume = law.lam * np.outer([1, 1, 0], [1, 1, 0]) if material.plane == "strain" else 0.0
    np.testing.assert_allclose(tangent + volume, material.stiffness, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("name", "material"), CASES)
def test_rotations_change_nothing(name, material):
    law = law_of(material, name)
    angle = 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    for f in gradients(3, seed=3):
        energy, stress, _ = response(law, f.T @ f)
        turned, other, _ = response(law, (turn @ f).T @ (turn @ f))
        assert turned == pytest.approx(energy, rel=1e-12, abs=1e-15)
        np.testing.assert_allclose(other, stress, atol=1e-12)
        # and the material is isotropic
        turned, other, _ = response(law, turn.T @ f.T @ f @ turn)
        s = np.array([[stress[0], stress[2]], [stress[2], stress[1]]])
        np.testing.assert_allclose(other, voigt(turn.T @ s @ turn), atol=1e-12)


def test_matter_squeezed_to_nothing_has_infinite_energy():
    for name in LAWS:
        assert response(law_of(mf.Material(), name), np.diag([1.0, 0.0]))[0] == np.inf


def test_messages():
    with pytest.raises(ValueError, match="law is 'hooke'; use 'neo-hookean' or 'st-venant-kirch"):
        require_law("hooke")
    with pytest.raises(ValueError, match="law is None; use"):
        law_of(mf.Material(), None)
    with pytest.raises(
        ValueError, match=r"poisson is 0\.6; .*less than 0\.5: use another material"
    ):
        law_of(mf.Material(1.0, 0.6), "neo-hookean")
    assert law_of(mf.Material(1.0, 0.6), "st-venant-kirchhoff").d12 > 0
