"""Signed distance and warp of quarters: brute force and whole pixels."""

import numpy as np

from metafast.database.growing.shapes import signed_distance, warp


def test_signed_distance_against_brute_force():
    rng = np.random.default_rng(3)
    quarter = rng.random((1, 9, 9)) < 0.6
    points = np.argwhere(np.ones((9, 9)))
    gap = np.linalg.norm(points[:, None] - points[None], axis=-1)
    solid = quarter.ravel()
    other = np.where(solid[:, None] != solid[None], gap, np.inf).min(1)
    expected = np.where(solid, other - 0.5, 0.5 - other)
    found = signed_distance(quarter.astype(np.uint8)).ravel()
    np.testing.assert_allclose(found, expected)
    assert ((found > 0) == solid).all()


def test_warp_by_whole_pixels_shifts():
    field = np.arange(49.0).reshape(1, 7, 7)
    one = np.ones_like(field)
    moved = warp(field, one, 0 * one)
    np.testing.assert_allclose(moved[0, :-1], field[0, 1:])
    np.testing.assert_allclose(moved[0, -1], field[0, -1])
