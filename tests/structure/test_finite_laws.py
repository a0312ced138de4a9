"""Laws at finite deformation: derivatives of energies of three-dimensional solids."""

import numpy as np
import pytest
from reference import hyperelastic as reference

import metafast as mf
from metafast.structure.finite.laws import LAWS, at_points, law_of, require_law

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


def point_energy(f, name, material):
    """W, in plane strain without its part with lambda, which belongs to the whole element."""
    if material.plane == "stress":
        return reference.plane_energy(f, name, material)
    return reference.energy(
        reference.whole(f, name, material), name, 0.0, reference.lame(material)[1]
    )


@pytest.mark.parametrize(("name", "material"), CASES)
def test_the_energy_is_that_of_the_solid_in_space(name, material):
    fs = gradients(6)
    found = at_points(law_of(material, name), fs).energy
    expected = [point_energy(f, name, material) for f in fs]
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize(("name", "material"), CASES)
def test_stress_and_moduli_are_derivatives(name, material):
    law, fs, step = law_of(material, name), gradients(6, seed=1), 1e-5
    given = at_points(law, fs, moduli=True)
    for k in range(4):
        move = step * np.eye(4)[k].reshape(2, 2)
        up, down = at_points(law, fs + move), at_points(law, fs - move)
        by_difference = (up.energy - down.energy) / (2 * step)
        np.testing.assert_allclose(
            given.stress.reshape(-1, 4)[:, k], by_difference, rtol=1e-7, atol=1e-8
        )
        by_difference = (up.stress - down.stress).reshape(-1, 4) / (2 * step)
        np.testing.assert_allclose(given.moduli[:, :, k], by_difference, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "material"), [case for case in CASES if case[1].plane == "stress"]
)
def test_stress_in_the_plane_is_that_of_the_solid_in_space(name, material):
    fs = gradients(6, seed=2)
    for f, piola in zip(fs, at_points(law_of(material, name), fs).stress, strict=True):
        expected, _ = reference.first_piola(f, name, material)
        np.testing.assert_allclose(piola, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("material", [m for m in MATERIALS if m.plane == "stress"])
def test_nothing_presses_across_the_plane(material):
    """The thickness of plane stress is the root that bracketing finds, over a wide range."""
    law, (lam, mu) = law_of(material, "neo-hookean"), reference.lame(material)
    wide = (-5.0, 6.0) if lam >= 0 else ()
    for log_j in (-0.4, -0.1, 0.0, 1e-9, 0.2, 1.0, *wide):
        f = np.diag([np.exp(log_j), 1.0])
        thickness = np.exp(0.5 * at_points(law, f[None]).across[0])
        j = np.exp(log_j) * thickness
        across = mu * (thickness - 1 / thickness) + lam * np.log(j) / thickness
        assert abs(across) < 1e-13 * (lam + mu) * max(thickness, 1 / thickness)
        if abs(log_j) <= 1:
            assert thickness == pytest.approx(reference.whole(f, "neo-hookean", material)[2, 2])


@pytest.mark.parametrize(("name", "material"), CASES)
def test_small_strains_have_linear_elasticity(name, material):
    law = law_of(material, name)
    rest = at_points(law, np.eye(2)[None], moduli=True)
    assert rest.energy[0] == 0.0
    np.testing.assert_array_equal(rest.stress, 0.0)
    volume = law.lam * np.outer([1, 1, 0], [1, 1, 0]) if material.plane == "strain" else 0.0
    strain = np.array([[1, 0, 0, 0], [0, 0, 0, 1], [0, 1, 1, 0]])
    expected = strain.T @ (material.stiffness - volume) @ strain
    np.testing.assert_allclose(rest.moduli[0], expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("name", "material"), CASES)
def test_rotations_change_nothing(name, material):
    law, angle, fs = law_of(material, name), 0.7, gradients(3, seed=3)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    given, turned = at_points(law, fs), at_points(law, turn @ fs)
    np.testing.assert_allclose(turned.energy, given.energy, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(turned.stress, turn @ given.stress, atol=1e-12)
    # and the material is isotropic
    turned = at_points(law, fs @ turn)
    np.testing.assert_allclose(turned.energy, given.energy, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(turned.stress, given.stress @ turn, atol=1e-12)


def test_matter_squeezed_to_nothing_has_infinite_energy():
    squeezed = np.stack([np.diag([1.0, 0.0]), np.diag([1.0, -0.5]), np.full((2, 2), np.nan)])
    for name in LAWS:
        assert (at_points(law_of(mf.Material(), name), squeezed).energy == np.inf).all()


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
