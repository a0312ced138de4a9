"""Coordinates invert and differentiate; the signed distance has the right sign and slope."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import metafast as mf
from metafast.properties import PropertyCoordinates


def random_properties(n, seed=0):
    rng = np.random.default_rng(seed)
    c11, c22 = np.exp(rng.uniform(-4, 0, (2, n)))
    ratio = rng.uniform(-0.5, 0.6, n)
    return np.stack([c11, ratio * np.sqrt(c11 * c22), c22, np.exp(rng.uniform(-6, -1, n))], 1)


@pytest.mark.parametrize("kind", ["log", "linear"])
def test_coordinates_invert(kind):
    p = random_properties(50)
    axes = PropertyCoordinates.spanning(p, kind)
    unit = axes.to_unit(p)
    np.testing.assert_allclose([unit.min(0), unit.max(0)], [[0] * 4, [1] * 4], atol=1e-12)
    np.testing.assert_allclose(axes.to_properties(unit), p, rtol=1e-12)


@pytest.mark.parametrize("kind", ["log", "linear"])
@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 1000))
def test_gradients_against_finite_differences(kind, seed):
    p = random_properties(6, seed)
    axes = PropertyCoordinates.spanning(p, kind)
    unit = axes.to_unit(p)
    weights = np.array([1.0, -2.0, 0.5, 3.0])

    def value(c):
        return (weights * c**2).sum(-1)

    by_property = 2 * weights * p
    step = 1e-6
    numeric = np.empty_like(p)
    for k in range(4):
        e = step * np.eye(4)[k]
        up, down = (value(axes.to_properties(unit + s * e)) for s in (1, -1))
        numeric[:, k] = (up - down) / (2 * step)
    by_unit = axes.gradient_to_unit(p, by_property)
    np.testing.assert_allclose(by_unit, numeric, rtol=1e-5, atol=1e-8)
    back = axes.gradient_to_properties(p, by_unit)
    np.testing.assert_allclose(back, by_property, rtol=1e-9, atol=1e-12)


def test_stable_brings_c12_back():
    axes = PropertyCoordinates("linear", np.zeros(4), np.ones(4))
    unit = np.array([[0.1, 0.9, 0.2, 0.3], [0.5, 0.1, 0.5, 0.2]])
    stable = axes.stable(unit)
    assert stable[0, 1] ** 2 < stable[0, 0] * stable[0, 2]
    assert (stable[1] == unit[1]).all()


@pytest.mark.parametrize("kind", ["log", "linear"])
def test_sign_and_distance_of_a_box(kind):
    """A cloud that fills a box: the distance to its faces, up to the grid."""
    rng = np.random.default_rng(0)
    unit = rng.random((400_000, 4))
    low, high = np.array([0.5, 0.1, 0.5, 0.1]), np.array([1.0, 0.4, 1.0, 0.3])
    if kind == "log":
        low, high = np.array([-2, -0.4, -2, -3]), np.array([0, 0.4, 0, -1])
    cloud = PropertyCoordinates(kind, low, high).to_properties(unit)
    space = mf.PropertySpace.from_properties(cloud, 16, coordinates=kind)
    assert 0.999 * 12**4 < (space.distance > 0).sum() <= 12**4
    x = np.array([[0.5, 0.5, 0.5, 0.5], [0.2, 0.5, 0.5, 0.5], [0.5, 1.1, 0.5, 0.5]])
    distance, gradient = space.signed_distance_at(x)
    np.testing.assert_allclose(distance, [0.5, 0.2, -0.1], atol=space.step)
    np.testing.assert_allclose(gradient[1], [1, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(gradient[2], [0, -1, 0, 0], atol=1e-6)
    assert (space.signed_distance(cloud[:100]).distance > 0).mean() > 0.7
    assert np.linalg.norm(space.innermost() - 0.5) < 2 * space.step


def test_gradient_points_inward_and_maps_to_properties_and_back():
    cloud = random_properties(200_000, 1)
    space = mf.PropertySpace.from_properties(cloud, 14)
    p = cloud[:200]
    distance, gradient = space.signed_distance(p)
    unit_gradient = space.signed_distance_at(space.coordinates.to_unit(p))[1]
    again = space.coordinates.gradient_to_unit(p, gradient)
    np.testing.assert_allclose(again, unit_gradient, atol=1e-9)
    # moving along the gradient moves away from the boundary
    unit = space.coordinates.to_unit(p) + 0.02 * unit_gradient
    inside = distance > 2 * space.step
    assert inside.sum() > 10
    moved = space.signed_distance_at(unit)[0]
    assert (moved[inside] >= distance[inside] - 1e-9).mean() > 0.95


def test_closing_fills_a_hole_in_the_cloud():
    rng = np.random.default_rng(2)
    unit = rng.random((300_000, 4))
    middle = np.full(4, 0.5)
    unit = unit[np.abs(unit - middle).max(axis=1) > 0.09]
    axes = PropertyCoordinates("log", np.array([-2, -0.4, -2, -3]), np.array([0, 0.4, 0, -1]))
    cloud = axes.to_properties(unit)
    points = axes.to_properties(np.stack([middle, unit[7], middle + 0.3]))
    closed, open_ = (
        mf.PropertySpace.from_properties(cloud, 21, closing=k).signed_distance(points).distance
        for k in (2, 0)
    )
    assert (closed > 0).all()
    assert (open_ > 0).tolist() == [False, True, True]


def test_bad_arguments_are_named():
    good = random_properties(5)
    with pytest.raises(ValueError, match=r"shape \(5, 3\); \(n, 4\)"):
        mf.PropertySpace.from_properties(good[:, :3])
    with pytest.raises(ValueError, match="empty"):
        mf.PropertySpace.from_properties(np.empty((0, 4)))
    with pytest.raises(ValueError, match="coordinates is 'cubic'"):
        mf.PropertySpace.from_properties(good, coordinates="cubic")
    with pytest.raises(ValueError, match="nodes is 4"):
        mf.PropertySpace.from_properties(good, 4)


def test_distances_at_the_nodes_are_theirs_up_to_the_last():
    """Also at the corners of the grid, which are the last nodes of the interpolation."""
    space = mf.PropertySpace.from_properties(random_properties(3000), 9)
    last = space.distance.shape[0] - 1
    nodes = np.random.default_rng(3).integers(0, last + 1, (60, 4))
    nodes[:3] = [[0] * 4, [last] * 4, [0, last, 0, last]]
    at = (nodes - 2) * space.step  # two empty nodes lie around the unit cube
    distance, gradient = space.signed_distance_at(at)
    np.testing.assert_allclose(distance, space.distance[tuple(nodes.T)], atol=1e-12)
    np.testing.assert_allclose(gradient, space.gradient[tuple(nodes.T)], atol=1e-11)
