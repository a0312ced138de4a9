"""Cells of two materials: closed forms, bounds, the slow twin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference.cells import both_kinds
from reference.homogenization import homogenize_slowly, tractions_slowly

import metafast as mf

STIFF, SOFT = mf.Material(2.0, 0.2), mf.Material(0.3, 0.45)


def laminate(share, a, b):
    """Stiffness of layers normal to x: stress across them and strain along them are shared."""
    layers = [(share, a.stiffness), (1 - share, b.stiffness)]
    c11 = 1 / sum(f / c[0, 0] for f, c in layers)
    ratio = sum(f * c[0, 1] / c[0, 0] for f, c in layers)
    c22 = sum(f * (c[1, 1] - c[0, 1] ** 2 / c[0, 0]) for f, c in layers) + c11 * ratio**2
    c33 = 1 / sum(f / c[2, 2] for f, c in layers)
    return np.array([[c11, c11 * ratio, 0], [c11 * ratio, c22, 0], [0, 0, c33]])


@pytest.mark.parametrize("plane", ["stress", "strain"])
@pytest.mark.parametrize("first", [0, 3])
def test_laminate_of_two_materials(plane, first):
    """Layers in the middle are mirror-symmetric, elsewhere not: both paths, both directions."""
    a, b = mf.Material(2.0, 0.2, plane), mf.Material(0.3, 0.45, plane)
    cells = np.zeros((1, 10, 10))
    cells[:, :, first : first + 4] = 1
    expected = laminate(0.4, a, b)
    upright = mf.homogenize(cells, mf.Phases(a, b))[0]
    np.testing.assert_allclose(upright, expected, atol=1e-13)
    lying = mf.homogenize(cells.transpose(0, 2, 1), mf.Phases(a, b))[0]
    np.testing.assert_allclose(lying, expected[[1, 0, 2]][:, [1, 0, 2]], atol=1e-13)
    assert abs(expected[0, 0] - expected[1, 1]) > 0.1


@pytest.mark.parametrize("plane", ["stress", "strain"])
def test_slow_twin(plane):
    a, b = mf.Material(2.0, 0.2, plane), mf.Material(0.3, 0.45, plane)
    cells = both_kinds(2, 10, 10, 0.6, seed=0)
    slow = np.array([homogenize_slowly(cell, a, other=b) for cell in cells])
    np.testing.assert_allclose(mf.homogenize(cells, mf.Phases(a, b)), slow, atol=1e-13)
    slow = np.array([tractions_slowly(cell, a, other=b) for cell in cells])
    fast = mf.boundary_tractions(cells, mf.Phases(a, b))
    np.testing.assert_allclose(fast, slow, atol=1e-12)


def test_exchanging_cells_and_materials_changes_nothing():
    cells = both_kinds(2, 8, 8, 0.6, seed=1)
    one = mf.homogenize(cells, mf.Phases(STIFF, SOFT))
    other = mf.homogenize(~cells, mf.Phases(SOFT, STIFF))
    np.testing.assert_allclose(one, other, atol=1e-13)


def test_a_proportional_second_material_is_void_of_that_stiffness():
    cells = both_kinds(2, 8, 8, 0.6, seed=2)
    second = mf.Material(STIFF.young * 0.01, STIFF.poisson)
    np.testing.assert_allclose(
        mf.homogenize(cells, mf.Phases(STIFF, second)),
        mf.homogenize(cells, mf.Phases(STIFF, 0.01)),
        atol=1e-13,
    )


def test_one_material_everywhere_is_that_material():
    c = mf.homogenize(both_kinds(2, 8, 8, 0.6, seed=3), mf.Phases(SOFT, SOFT))
    np.testing.assert_allclose(c, np.broadcast_to(SOFT.stiffness, c.shape), atol=1e-13)


def bulk_bounds(share, a, b):
    """Hashin-Shtrikman bounds of the plane bulk modulus."""
    bulk = [m.young / (2 * (1 - m.poisson)) for m in (a, b)]
    shear = [m.young / (2 * (1 + m.poisson)) for m in (a, b)]

    def bound(g):
        return 1 / (share / (bulk[0] + g) + (1 - share) / (bulk[1] + g)) - g

    return bound(min(shear)), bound(max(shear))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 0.9), st.floats(0.05, 1.0), st.floats(0.0, 0.45))
def test_hashin_shtrikman_bounds(seed, solid, young, poisson):
    """Cells of square symmetry have one bulk modulus, (C11 + C12) / 2.

    Elements are stiff, so the lower bound holds at any refinement, the upper one in the limit: what
    is left of the error after halving the elements is below what halving took away.
    """
    octant = np.random.default_rng(seed).random((6, 6)) < solid
    octant = np.tril(octant) | np.tril(octant).T
    upper = np.concatenate([octant, octant[:, ::-1]], 1)
    cell = np.concatenate([upper, upper[::-1]])
    other = mf.Material(young, poisson)
    c = [mf.homogenize(cell, mf.Phases(STIFF, other), refine=k)[0] for k in (2, 4)]
    np.testing.assert_allclose(c[0][0, 0], c[0][1, 1], rtol=1e-12)
    coarse, fine = ((x[0, 0] + x[0, 1]) / 2 for x in c)
    lower, upper_bound = bulk_bounds(cell.mean(), STIFF, other)
    assert lower - 1e-12 <= fine <= coarse + 1e-12
    assert fine - (coarse - fine) <= upper_bound + 1e-12


@pytest.mark.parametrize("part", [6, 12])
def test_parts_that_float_in_the_softest_void(part):
    """C is right absolutely at the softest void that is allowed, displacements at the default."""
    cell = np.zeros((1, 20, 20))
    cell[0, 3 : 3 + part, 5 : 5 + part] = 1
    moved = np.roll(cell, (4, 7), (1, 2))
    for void in (1e-9, 1e-12):
        c, shifted = (mf.homogenize(x, phases=mf.Phases(void=void)) for x in (cell, moved))
        np.testing.assert_allclose(c, shifted, atol=1e-13)
    u, v = (mf.displacement_fields(x)[0, :, :-1, :-1] for x in (cell, moved))
    i, j = np.mgrid[0:20, 0:20] / 20
    affine = np.zeros_like(u)
    affine[0, ..., 0], affine[1, ..., 1], affine[2, ..., 0] = j, -i, -i
    difference = (v - affine) - np.roll(u - affine, (4, 7), (1, 2))
    assert np.abs(difference - difference[:, :1, :1]).max() < 1e-5
