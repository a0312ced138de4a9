"""MMA on problems whose optimum is known."""

import numpy as np
import pytest

from metafast.macro import MMA


def minimise(function, x, low, high, steps=300, **options):
    """Run MMA; function(x) -> f0, df0, f1, df1."""
    mma = MMA(np.full_like(x, low), np.full_like(x, high), **options)
    for _ in range(steps):
        _, df0, f1, df1 = function(x)
        moved = mma.step(x, df0, f1, df1)
        if np.abs(moved - x).max() < 1e-9:
            break
        x = moved
    return x


def test_svanbergs_cantilever():
    """Svanberg (1987), section 6: five beam segments, known optimum 1.340 at about
    (6.016, 5.309, 4.494, 3.502, 2.153)."""
    weights = np.array([61.0, 37.0, 19.0, 7.0, 1.0])

    def function(x):
        c = 0.0624
        return (
            c * x.sum(),
            np.full(5, c),
            (weights / x**3).sum() - 1.0,
            -3 * weights / x**4,
        )

    x = minimise(function, np.full(5, 5.0), 1.0, 10.0, move=0.5)
    np.testing.assert_allclose(x, [6.016, 5.309, 4.494, 3.502, 2.153], atol=2e-3)
    assert 0.0624 * x.sum() == pytest.approx(1.340, abs=1e-3)


def test_quadratic_on_a_half_space_against_its_closed_form():
    rng = np.random.default_rng(0)
    centre, normal = rng.uniform(0.3, 0.7, (2, 40))
    bound = 0.8 * normal @ centre

    def function(x):
        d = x - centre
        return d @ d, 2 * d, normal @ x - bound, normal

    x = minimise(function, np.full(40, 0.5), 0.0, 1.0)
    expected = centre - normal * (normal @ centre - bound) / (normal @ normal)
    np.testing.assert_allclose(x, expected, atol=1e-4)


def test_bounds_hold_and_inactive_constraints_do_nothing():
    def function(x):
        return x.sum(), np.ones_like(x), -1.0, np.zeros_like(x)

    x = minimise(function, np.full(3, 0.9), 0.2, 1.0)
    np.testing.assert_allclose(x, 0.2, atol=1e-6)


def test_finds_back_from_an_infeasible_start():
    def function(x):
        return x.sum(), np.ones_like(x), 2.0 - x.sum(), -np.ones_like(x)

    x = minimise(function, np.zeros(4), 0.0, 1.0)
    assert x.sum() == pytest.approx(2.0, abs=1e-4)


def test_moves_stay_within_the_limit():
    mma = MMA(np.zeros(4), np.ones(4), move=0.05)
    x = np.full(4, 0.5)
    moved = mma.step(x, np.array([1e6, -1e6, 1.0, 0.0]), -1.0, np.zeros(4))
    assert np.abs(moved - x).max() <= 0.05 + 1e-12
    assert moved[0] < 0.5 < moved[1]
