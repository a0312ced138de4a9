"""Expected solid share: recovered polynomials, gradients, the embedded cells."""

import numpy as np
import pytest

import metafast as mf
from metafast.properties.coordinates import LOGARITHMS, PropertyCoordinates
from metafast.properties.share_along import SolidShareAlong
from metafast.properties.solid_share import SolidShare

START, WAY = np.array([-3.0, 0.5, -3.0, -4.5]), np.array([3.0, -0.2, 3.0, 3.0])


def cloud(count, seed=0):
    unit = np.random.default_rng(seed).uniform(size=(count, 4))
    return LOGARITHMS.to_properties(START + unit * WAY)


def rates(share_map, properties):
    """Central differences of the shares by each property."""
    result = np.empty_like(properties)
    for k in range(4):
        step = np.zeros_like(properties)
        step[:, k] = 1e-6 * properties[:, k]
        rise = share_map.at(properties + step).value - share_map.at(properties - step).value
        result[:, k] = rise / (2.0 * step[:, k])
    return result


@pytest.mark.parametrize("kind", ["log", "linear"])
def test_a_polynomial_comes_back(kind):
    properties = cloud(900)
    u = PropertyCoordinates.spanning(properties, kind).to_unit(properties)
    shares = 0.3 + 0.2 * u[:, 0] * u[:, 2] - 0.1 * u[:, 1] ** 2 * u[:, 3] ** 2 + 0.1 * u[:, 3] ** 4
    fit = SolidShare.fitted(properties, shares, coordinates=kind)
    np.testing.assert_allclose(fit.at(properties).value, shares, atol=1e-5)
    assert fit.explained == pytest.approx(1.0, abs=1e-8)
    assert fit.scatter < 1e-5


@pytest.mark.parametrize("kind", ["log", "linear"])
def test_gradient(kind):
    properties = cloud(900)
    shares = np.clip(np.random.default_rng(1).normal(0.5, 0.1, 900), 0, 1)
    fit = SolidShare.fitted(properties, shares, coordinates=kind)
    exact, numeric = fit.at(properties[:50]).gradient, rates(fit, properties[:50])
    np.testing.assert_allclose(exact, numeric, atol=1e-6 * np.abs(numeric).max())


def test_few_cells_have_a_fit_of_low_degree():
    properties = cloud(25)
    shares = LOGARITHMS.to_unit(properties) @ [0.05, 0.1, 0.05, 0.02] + 0.8
    fit = SolidShare.fitted(properties, shares)
    assert fit.orders.max() == 1
    np.testing.assert_allclose(fit.at(properties).value, shares, atol=1e-5)
    with pytest.raises(ValueError, match="24 shares came for 25 cells"):
        SolidShare.fitted(properties, shares[1:])
    with pytest.raises(ValueError, match="a list of numbers from 0 to 1 is needed"):
        SolidShare.fitted(properties, 100 * shares)


def test_the_embedded_cells_follow_the_fit():
    """Fitted to every other cell, it explains the rest; 0.03 from cell to cell remains."""
    database = mf.CellDatabase.default()
    rows = np.flatnonzero(database.side_solid() >= 0.5)
    rows = rows[(database.properties[rows][:, [0, 2, 3]] * (1, 1, 5)).min(axis=1) >= 0.03]
    shares, properties = database.solid_share[rows], database.properties[rows]
    fit = SolidShare.fitted(properties[::2], shares[::2])
    rest = shares[1::2] - fit.at(properties[1::2]).value
    assert 1.0 - rest.var() / shares.var() > 0.93
    assert abs(rest.mean()) < 0.002
    assert rest.std() == pytest.approx(fit.scatter, rel=0.05)
    assert 0.025 < fit.scatter < 0.035


@pytest.mark.parametrize("symmetric", [True, False])
def test_shares_of_a_database_are_those_of_its_pixels(symmetric):
    cells = np.random.default_rng(3).random((5, 10, 10)) < 0.7
    cells |= np.eye(10, dtype=bool) | np.eye(10, dtype=bool)[::-1]
    if symmetric:
        cells = cells | cells[:, ::-1] | cells[:, :, ::-1] | cells[:, ::-1, ::-1]
    database = mf.CellDatabase(cells, cloud(5))
    assert database.symmetric == symmetric
    np.testing.assert_allclose(database.solid_share, cells.mean(axis=(1, 2)), rtol=1e-14)


def test_share_along_a_gradation():
    t = np.linspace(0.0, 1.0, 201)
    gradation = mf.Gradation(t, LOGARITHMS.to_properties(START + t[:, None] * WAY))
    place = np.sort(np.random.default_rng(2).uniform(size=400))
    beside = LOGARITHMS.to_properties(START + place[:, None] * WAY + [0.01, 0, -0.01, 0])
    along = SolidShareAlong(gradation, beside, 0.2 + 0.6 * place)
    inside = np.linspace(0.05, 0.95, 30)
    properties = LOGARITHMS.to_properties(START + inside[:, None] * WAY)
    found = along.at(properties)
    np.testing.assert_allclose(found.value, 0.2 + 0.6 * inside, atol=1e-6)
    step = 1e-6
    moved = LOGARITHMS.to_properties(START + (inside + step)[:, None] * WAY)
    slope = (found.gradient * (moved - properties)).sum(axis=1) / step
    np.testing.assert_allclose(slope, 0.6, rtol=1e-4)
