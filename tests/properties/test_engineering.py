"""Engineering constants against closed forms, and what is no stiffness."""

import numpy as np
import pytest

import metafast as mf


def test_isotropic_solids():
    found = mf.engineering_constants(mf.Material(1800.0, 0.35).stiffness)
    expected = (1800.0, 1800.0, 0.35, 0.35, 1800.0 / 2.7)
    np.testing.assert_allclose(np.ravel(found), expected)
    found = mf.engineering_constants(mf.Material(2.0, 0.3, "strain").stiffness)
    np.testing.assert_allclose(found.E1, 2.0 / (1 - 0.09))
    np.testing.assert_allclose(found.nu12, 0.3 / 0.7)


def test_orthotropic_plates_both_ways():
    e1, e2, nu12, g12 = 3.0, 1.0, 0.6, 0.4
    s = np.array([[1 / e1, -nu12 / e1, 0], [-nu12 / e1, 1 / e2, 0], [0, 0, 1 / g12]])
    c = np.linalg.inv(s)
    for given in (c, [c, c], [c[0, 0], c[0, 1], c[1, 1], c[2, 2]]):
        found = mf.engineering_constants(given)
        for name, value in {"E1": e1, "E2": e2, "nu12": nu12, "nu21": 0.2, "G12": g12}.items():
            np.testing.assert_allclose(getattr(found, name), value)


def test_a_turned_plate_has_the_modulus_of_its_direction():
    """E(45 deg) of an orthotropic plate: 4/E = 1/E1 + 1/E2 - 2 nu12/E1 + 1/G12."""
    e1, e2, nu12, g12 = 3.0, 1.0, 0.6, 0.4
    s = np.array([[1 / e1, -nu12 / e1, 0], [-nu12 / e1, 1 / e2, 0], [0, 0, 1 / g12]])
    half = np.array([[0.5, 0.5, 1.0], [0.5, 0.5, -1.0], [-0.5, 0.5, 0.0]])  # stresses turned
    turned = np.linalg.inv(half.T @ s @ half)
    assert abs(turned[0, 2]) > 0.1, "it shears when it is stretched"
    found = mf.engineering_constants(turned)
    np.testing.assert_allclose(4 / found.E1, 1 / e1 + 1 / e2 - 2 * nu12 / e1 + 1 / g12)


def test_laminates_and_soft_directions():
    cells = np.zeros((2, 8, 8), np.uint8)
    cells[0, :4], cells[1, :, :4] = 1, 1
    found = mf.engineering_constants(mf.homogenize(cells, mf.Material(poisson=0.3)))
    np.testing.assert_allclose([found.E1[0], found.E2[1]], 0.5, atol=1e-6)
    assert max(found.E2[0], found.E1[1]) < 1e-6


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.ones((2, 2)), r"C has shape \(2, 2\)"),
        ("steel", "holds no real numbers"),
        (np.diag([1.0, -1.0, 1.0]), r"C\[0\] = .* is no stiffness"),
        ([[1.0, 2.0, 1.0, 0.3]], "is no stiffness"),
        ([np.eye(3), [[1, 0.5, 0], [0, 1, 0], [0, 0, 1]]], r"C\[1\]"),
        (np.full((3, 3), np.nan), "is no stiffness"),
        (np.zeros((1, 3, 3)), "is no stiffness"),
    ],
)
def test_what_is_no_stiffness_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        mf.engineering_constants(given)
