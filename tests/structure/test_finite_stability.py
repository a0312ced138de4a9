"""Stability at finite deformation: Euler's column, a snap through, unstable equilibria are left."""

from functools import cache

import numpy as np
import pytest
from reference.problems import clamped

import metafast as mf
from metafast.structure.finite.laws import LAWS

LENGTH, SIDE = 24, 8  # of a column one cell wide
MATERIAL = mf.Material(1.0, 0.3)


def critical_strain(length, material=MATERIAL):
    """Euler's strain of a clamped column of height 1, with the shear of Timoshenko and Engesser."""
    euler = 4 * np.pi**2 / 12 / length**2
    return euler / (1 + euler * 2 * (1 + material.poisson) * 6 / 5)


def column(strain, law="neo-hookean", **options):
    return mf.solve_structure(
        np.ones((SIDE, LENGTH * SIDE)),
        clamped(1, LENGTH, (-strain * LENGTH, 0.0)),
        MATERIAL,
        kinematics="finite",
        law=law,
        **options,
    )


@cache
def found_critical_strain(law="neo-hookean"):
    """Bisection on whether an equilibrium was unstable."""
    below, above = 0.9 * critical_strain(LENGTH), 1.1 * critical_strain(LENGTH)
    assert column(below, law).critical_load == np.inf
    assert column(above, law).critical_load < np.inf
    for _ in range(7):
        middle = 0.5 * (below + above)
        if column(middle, law).critical_load == np.inf:
            below = middle
        else:
            above = middle
    return 0.5 * (below + above)


@pytest.mark.parametrize("law", LAWS)
def test_a_column_buckles_at_eulers_load(law):
    assert found_critical_strain(law) == pytest.approx(critical_strain(LENGTH), rel=0.03)


def test_the_buckled_column_has_its_closed_form():
    """Beyond the critical shortening, w = a/2 (1 - cos 2 pi x/L) with a = 2/pi sqrt(L excess)."""
    critical = found_critical_strain()
    strain = 1.3 * critical
    found = column(strain)
    assert found.stable
    assert found.critical_load <= 1.0
    rise = np.abs(found.nodal_displacement[SIDE // 2, LENGTH * SIDE // 2, 1])
    excess = LENGTH * (strain - critical)
    assert rise == pytest.approx(2 / np.pi * np.sqrt(LENGTH * excess), rel=0.05)
    axis = found.nodal_displacement[SIDE // 2, :, 1]
    x = np.linspace(0, 1, len(axis))
    shape = 0.5 * (1 - np.cos(2 * np.pi * x)) * axis[len(axis) // 2]
    np.testing.assert_allclose(axis, shape, atol=0.03 * rise)
    # the force stays near the critical one: post-buckling is nearly neutral
    right = found.support_nodes[:, 1] == LENGTH * SIDE
    assert -found.reactions[right, 0].sum() == pytest.approx(critical, rel=0.05)


def straight(strain):
    """The column with its axis held, one half of a cell above and below it."""
    prescribed = np.full((3, 2 * LENGTH + 1, 2), np.nan)
    prescribed[:, 0] = 0.0
    prescribed[:, -1] = -2 * strain * LENGTH, 0.0
    prescribed[1, :, 1] = 0.0
    target = np.full_like(prescribed, np.nan)
    target[0, 1] = 0.1
    problem = mf.Problem("straight", prescribed, target)
    pixels = np.ones((SIDE, LENGTH * SIDE))
    return mf.solve_structure(pixels, problem, MATERIAL, kinematics="finite")


def test_an_unstable_equilibrium_is_left_for_a_lower_one():
    """The straight column beyond its critical load as a start, where all forces balance."""
    critical = found_critical_strain()
    strain = 1.3 * critical
    held = straight(strain)
    assert held.stable
    start = held.nodal_displacement / 2  # its cells have half the width
    found = column(strain, start=start)
    assert len(found.path) == 1
    assert found.path["negative"][0] == 1
    assert found.critical_load == 1.0
    assert found.stable
    assert found.residual <= 1e-8
    energy = held.energy / 4
    assert found.energy < 0.97 * energy
    # the energy saved is that of Euler's column: half the force saved times the excess
    saved = 0.5 * LENGTH * (strain - critical) ** 2
    assert energy - found.energy == pytest.approx(saved, rel=0.1)


def test_below_the_critical_load_the_column_stays_straight():
    strain = 0.8 * critical_strain(LENGTH)
    found, held = column(strain), straight(strain)
    np.testing.assert_allclose(found.nodal_displacement, held.nodal_displacement / 2, atol=1e-7)
    assert found.energy == pytest.approx(held.energy / 4, rel=1e-9)
    assert found.stable


def test_as_many_pivots_are_negative_as_modes_have_buckled():
    """Modes of a clamped column: the second comes at 8.183 / 4 of the first, with pi^2 EI / L^2."""
    strain = 1.05 * 8.183 / 4 * critical_strain(LENGTH)
    start = straight(strain).nodal_displacement / 2
    found = column(strain, start=start)
    assert found.path["negative"][0] == 2
    assert found.stable
    # the column ends in the first mode, all of it on one side
    axis = found.nodal_displacement[SIDE // 2, :, 1]
    assert min(axis.max(), -axis.min()) < 1e-3 * np.abs(axis).max()


def test_stretching_a_column_never_buckles():
    found = column(-0.3)
    assert (found.path["negative"] == 0).all()
    assert found.stable


def arch():
    """A shallow arch, clamped at both ends, that hangs by its middle from a soft beam."""
    side, cols = 6, 12
    pixels = np.zeros((4 * side, cols * side), np.uint8)
    x = (np.arange(cols * side) + 0.5) / (cols * side)
    rise = np.round(3.5 * (1 - np.cos(2 * np.pi * x))).astype(int)
    for column_, up in enumerate(rise):
        pixels[4 * side - 3 - up : 4 * side - up, column_] = 1
    pixels[3] = 1
    pixels[3 : 4 * side - rise.max(), cols * side // 2 - 2 : cols * side // 2 + 2] = 1
    return pixels


def pushed(move, start=None):
    """The arch when the ends of the beam have moved down."""
    prescribed = np.full((5, 13, 2), np.nan)
    prescribed[:, [0, -1]] = 0.0
    prescribed[:2, [0, -1], 1] = -move
    target = np.full_like(prescribed, np.nan)
    target[2, 6, 1] = -1.0
    problem = mf.Problem("pushed", prescribed, target)
    return mf.solve_structure(arch(), problem, MATERIAL, kinematics="finite", start=start)


def test_an_arch_snaps_through():
    """Pushed by a soft beam it jumps past its clamped ends, and stays there on the way back.

    At one load there are two stable states then. The jump comes where it sets energy free.
    """
    rise, unsnapped, snapped = 7 / 6, 2.0, 2.3
    before, after = pushed(unsnapped), pushed(snapped)
    for _ in range(5):
        middle = 0.5 * (unsnapped + snapped)
        found = pushed(middle, start=before.nodal_displacement)
        if -found.displacement[3, 6, 1] < rise:
            unsnapped, before = middle, found
        else:
            snapped, after = middle, found
    back = pushed(unsnapped, start=after.nodal_displacement)
    down = [-response.displacement[3, 6, 1] for response in (before, after, back)]
    assert down[0] < rise < min(down[1:])
    assert all(response.stable for response in (before, after, back))
    assert all(response.residual <= 1e-8 for response in (before, after, back))
    assert back.energy < before.energy
    # the force of the beam has fallen to a small part
    assert back.path["reaction"][-1] < 0.1 * before.path["reaction"][-1]
    # pulled up the arch snaps back
    assert -pushed(0.2, start=back.nodal_displacement).displacement[3, 6, 1] < rise
