"""Load paths: Euler's column, the branch it buckles into, and bodies that collapse."""

import numpy as np
import pytest

import metafast as mf
from metafast.macro import FiniteMacroModel, NoEquilibriumError

LENGTH, MESH = 12, 4
# no lateral contraction, so that the straight column is in a homogeneous state
COLUMN = np.tile([1.0, 0.0, 1.0, 0.4], (LENGTH, 1))


def column(strain):
    """A column one cell high whose clamped ends approach each other."""
    prescribed = np.full((2, LENGTH + 1, 2), np.nan)
    prescribed[:, [0, -1], 1] = 0.0
    prescribed[:, 0, 0], prescribed[:, -1, 0] = strain * LENGTH / 2, -strain * LENGTH / 2
    target = np.full_like(prescribed, np.nan)
    target[0, LENGTH // 2, 1] = 1.0
    return mf.Problem("column", prescribed, target)


def euler_strain():
    """Clamped column, with the compliance in shear of Engesser; EA = 1, EI = 1/12, GA = 0.4*5/6."""
    euler = 4 * np.pi**2 / 12 / LENGTH**2
    return euler / (1.0 + euler / (0.4 * 5 / 6))


def negative_eigenvalues(model, strain):
    """Of the tangent of the straight column."""
    x = np.arange(LENGTH * MESH + 1) / MESH
    u = np.zeros((MESH + 1, LENGTH * MESH + 1, 2))
    u[..., 0] = strain * (LENGTH / 2 - x)
    forces = model._body.energy_and_forces(u.ravel())[1]
    assert np.abs(forces[model._body.free]).max() < 1e-14  # it is an equilibrium
    model._tangent.factorise(u.ravel())
    return model._tangent.negative


def test_a_column_loses_its_stability_at_eulers_strain():
    model = FiniteMacroModel(column(0.1), MESH)
    model._body.properties = model._elements(COLUMN)
    low, high = 0.0, 0.05
    assert negative_eigenvalues(model, low) == 0
    assert negative_eigenvalues(model, high) >= 1
    while high - low > 1e-5:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if negative_eigenvalues(model, middle) == 0 else (low, middle)
    assert low == pytest.approx(euler_strain(), rel=0.04)


def test_the_path_tells_the_load_and_buckles():
    """Beyond Euler's strain it follows a stable, bent column whose height is that of an elastica.

    A clamped column that is shortened by d beyond its critical strain bends to w (1 - cos)/2 with
    w = 2 sqrt(d L)/pi to leading order, since the integral of w'^2/2 takes up the shortening.
    """
    strain = 1.3 * euler_strain()
    model = FiniteMacroModel(column(strain), MESH)
    path = model.load_path(COLUMN)
    assert not path.stable
    assert path.critical_load == pytest.approx(1 / 1.3, abs=0.04)
    assert model._tangent.negative == 0
    assert (np.diff(path.loads) > 0).all()
    assert path.loads[-1] == 1.0
    deflection = model.macro_nodes(path.displacements[-1])[:, LENGTH // 2, 1]
    shortening = (strain - euler_strain()) * LENGTH
    expected = 2 * np.sqrt(shortening * LENGTH) / np.pi
    np.testing.assert_allclose(np.abs(deflection), expected, rtol=0.1)


def test_below_eulers_strain_the_path_is_stable():
    path = FiniteMacroModel(column(0.8 * euler_strain()), MESH).load_path(COLUMN)
    assert path.stable
    assert path.critical_load is None


def test_equilibria_of_the_path_are_equilibria():
    model = FiniteMacroModel(mf.problems.bridge(2, 8))
    field = np.tile([0.8, 0.2, 0.5, 0.2], (16, 1))
    path = model.load_path(field)
    for load, u in zip(path.loads, path.displacements, strict=True):
        energy, forces = model._body.energy_and_forces(u)
        assert np.abs(forces[model._body.free]).max() < 1e-9
        np.testing.assert_allclose(u[model._fixed], load * model._prescribed[model._fixed])
        assert energy > 0


def test_a_crushed_body_has_no_equilibrium():
    """Uniaxial compression beyond 1 - 1/sqrt(3) = 0.42, where the stress is largest."""
    prescribed = np.full((2, 4, 2), np.nan)
    prescribed[:, 0, 0], prescribed[:, -1, 0], prescribed[..., 1] = 0.0, -1.5, 0.0
    target = np.full_like(prescribed, np.nan)
    target[0, 1, 0] = 1.0
    model = FiniteMacroModel(mf.Problem("crushed", prescribed, target))
    with pytest.raises(NoEquilibriumError, match="elements collapse") as error:
        model.solve(np.tile([1.0, 0.0, 1.0, 0.4], (3, 1)))
    assert error.value.load == pytest.approx(3 * (1 - 1 / np.sqrt(3)) / 1.5, abs=0.03)
