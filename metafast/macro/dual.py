"""Subproblem of the method of moving asymptotes with several constraints, by its dual.

At multipliers l >= 0 the Lagrangian of the separable subproblem

    min  f0(x) + sum_i c y_i + y_i^2 / 2    with  fi(x) - y_i <= 0,  y >= 0,  alpha <= x <= beta
    fi(x) = r_i + sum_j p_ij/(U_j - x_j) + q_ij/(x_j - L_j)

has an explicit minimiser, x between the asymptotes and ``y = max(0, l - c)``. The elastic variables
y give a solution where the constraints cannot all be met: their violation is then as small as the
large price c makes it. The dual function is concave with the gradient ``fi(x) - y_i``, and the
slopes of its gradient are explicit too, so Newton's method, projected to l >= 0 (Bertsekas 1982),
maximises it. Multipliers never exceed c plus the largest violation in the box.

K. Svanberg, Int. J. Numer. Meth. Eng. 24 (1987) 359-373, doi:10.1002/nme.1620240207.
D. P. Bertsekas, SIAM J. Control Optim. 20 (1982) 221-246, doi:10.1137/0320018.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metafast._base.typing import BoolArray, FloatArray

PRICE = 1e6  # of an elastic variable; multipliers of constraints that can be met stay below
_TOLERANCE = 1e-12  # largest violation, relative to the size of the terms of a constraint
_ITERATIONS = 200
_RISE = 1e-4  # share of the predicted rise that a step must reach (Armijo)
_CUTS = 50  # halvings of a step
_ROUNDING = 1e-12  # relative changes of the dual function that may be nothing but rounding
_GROWTH = 10.0  # of the largest multiplier in a step; the dual is straight where no x is free


class Subproblem(NamedTuple):
    """Separable convex approximations of an objective and of m constraints, n variables.

    Attributes
    ----------
    lower, upper : (n,) arrays
        Asymptotes L and U.
    alpha, beta : (n,) arrays
        Bounds of the variables, between the asymptotes.
    p0, q0 : (n,) arrays
        Coefficients of the objective, positive.
    p, q : (m, n) arrays
        Coefficients of the constraints, not negative.
    rest : (m,) array
        Constants r.
    """

    lower: FloatArray
    upper: FloatArray
    alpha: FloatArray
    beta: FloatArray
    p0: FloatArray
    q0: FloatArray
    p: FloatArray
    q: FloatArray
    rest: FloatArray

    def minimiser(self, multipliers: FloatArray) -> FloatArray:
        """Variables (n,) that minimise the Lagrangian."""
        p, q = np.sqrt(self.p0 + multipliers @ self.p), np.sqrt(self.q0 + multipliers @ self.q)
        x = (p * self.lower + q * self.upper) / (p + q)
        return np.asarray(np.clip(x, self.alpha, self.beta))

    def constraints(self, x: FloatArray) -> FloatArray:
        """Values (m,) of the constraints."""
        return self.rest + self.p @ (1.0 / (self.upper - x)) + self.q @ (1.0 / (x - self.lower))

    def objective(self, x: FloatArray) -> float:
        """Value of the objective, without its constant."""
        return float((self.p0 / (self.upper - x) + self.q0 / (x - self.lower)).sum())

    def largest(self) -> FloatArray:
        """Bounds (m,) of the constraints' values in the box."""
        rising, falling = self.upper - self.beta, self.alpha - self.lower
        return self.rest + self.p @ (1.0 / rising) + self.q @ (1.0 / falling)

    def curvature(self, multipliers: FloatArray, x: FloatArray) -> FloatArray:
        """Second derivatives (m, m) of the dual function, times -1, without elastic variables."""
        free = (x > self.alpha) & (x < self.beta)
        up = 1.0 / (self.upper[free] - x[free])
        down = 1.0 / (x[free] - self.lower[free])
        slopes = self.p[:, free] * up**2 - self.q[:, free] * down**2
        p = self.p0[free] + multipliers @ self.p[:, free]
        q = self.q0[free] + multipliers @ self.q[:, free]
        return np.asarray(slopes / (2.0 * (p * up**3 + q * down**3)) @ slopes.T)


class _Point(NamedTuple):
    multipliers: FloatArray
    x: FloatArray
    value: float  # of the dual function
    gradient: FloatArray  # of the dual function


def solve_subproblem(
    subproblem: Subproblem, price: float = PRICE, start: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Solution of a subproblem.

    Parameters
    ----------
    subproblem : Subproblem
    price : float
        Price c of a violated constraint.
    start : (m,) array, optional
        Multipliers to start from, for instance those of a similar subproblem; zero by default.

    Returns
    -------
    x : (n,) array
        Variables.
    multipliers : (m,) array
    """
    highest = price + np.maximum(subproblem.largest(), 0.0)
    first = np.zeros(len(subproblem.rest)) if start is None else np.minimum(start, highest)
    point = _point(subproblem, first, price)
    for _ in range(_ITERATIONS):
        held = _held(point, highest)
        size = np.abs(subproblem.rest) + np.abs(point.gradient - subproblem.rest)
        if (np.abs(point.gradient)[~held] <= _TOLERANCE * size[~held]).all():
            break
        following = _risen(subproblem, point, held, highest, price)
        if following is None:
            break
        point = following
    return point.x, point.multipliers


def _point(subproblem: Subproblem, multipliers: FloatArray, price: float) -> _Point:
    """Dual function and its gradient at multipliers (m,)."""
    x = subproblem.minimiser(multipliers)
    elastic = np.maximum(multipliers - price, 0.0)
    constraints = subproblem.constraints(x)
    value = subproblem.objective(x) + float(multipliers @ constraints - 0.5 * elastic @ elastic)
    return _Point(multipliers, x, value, constraints - elastic)


def _held(point: _Point, highest: FloatArray) -> BoolArray:
    """Multipliers at a bound that their gradient points beyond."""
    low = (point.multipliers <= 0.0) & (point.gradient <= 0.0)
    return np.asarray(low | ((point.multipliers >= highest) & (point.gradient >= 0.0)))


def _risen(
    subproblem: Subproblem, point: _Point, held: BoolArray, highest: FloatArray, price: float
) -> _Point | None:
    """The longest of the halvings of a projected Newton step that raises the dual enough.

    None where rounding leaves none.
    """
    matrix = subproblem.curvature(point.multipliers, point.x)
    matrix += np.diag((point.multipliers > price).astype(float))
    matrix, slope = matrix[np.ix_(~held, ~held)], point.gradient[~held]
    reach = _GROWTH * max(1.0, float(point.multipliers.max()))
    ridge = float(np.abs(slope).max()) / reach  # vanishes as the dual is solved
    step = np.zeros(len(held))
    step[~held] = np.linalg.solve(matrix + ridge * np.eye(len(matrix)), slope)
    for cut in range(_CUTS):
        moved = np.clip(point.multipliers + 0.5**cut * step, 0.0, highest)
        following = _point(subproblem, moved, price)
        rise = float(point.gradient @ (moved - point.multipliers))
        if rise > 0.0 and following.value >= point.value + _RISE * rise > point.value:
            return following
        if _is_nearer(following, point, held):
            return following
    return None


def _is_nearer(following: _Point, point: _Point, held: BoolArray) -> bool:
    """Whether the gradient halves where the value can tell no difference."""
    same = following.value >= point.value - _ROUNDING * abs(point.value)
    before, after = (np.abs(each.gradient[~held]).max() for each in (point, following))
    return bool(same and after <= 0.5 * before)
