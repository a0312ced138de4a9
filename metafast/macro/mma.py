"""Method of moving asymptotes, after Svanberg (1987).

Objective f0 and constraints fi <= 0 are replaced at the iterate x by separable convex functions
``r + sum_j p_j/(U_j - x_j) + q_j/(x_j - L_j)``. The minimiser for given multipliers is explicit, so
what remains is the dual: with one constraint it has one variable and is solved by bisection, with
several by Newton's method (`metafast.macro.dual`).

K. Svanberg, Int. J. Numer. Meth. Eng. 24 (1987) 359-373, doi:10.1002/nme.1620240207.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from metafast._base.typing import FloatArray
from metafast.macro.dual import Subproblem, solve_subproblem

_ALBEFA = 0.1  # share of the distance to an asymptote that stays out of reach
_SLOWER, _FASTER = 0.7, 1.2  # factors of the gap after an oscillating and after a steady step
_CONVEXITY = 1e-5  # curvature relative to the box width: keeps the subproblem strictly convex
_MULTIPLIER_LIMIT = 1e8  # above it the linearised constraint counts as infeasible


class MMA:
    """Iterates of the method of moving asymptotes with one or several inequality constraints.

    Parameters
    ----------
    low, high : (n,) arrays
        Box bounds.
    move : float
        Largest change per iteration, as a share of the box width.
    initial_gap, smallest_gap : float
        First and smallest distance of the asymptotes, as shares of the box width. A small
        `smallest_gap` lets oscillating variables settle, so that the stop criterion can be met.

    Attributes
    ----------
    previous : list of (n,) arrays
        The last two iterates at most. With `gap` and `multipliers` it is all that a run goes on
        from.
    gap : (n,) array
        Distance of the asymptotes.
    multipliers : (m,) array or None
        Those of the last step, with several constraints.
    """

    def __init__(
        self,
        low: FloatArray,
        high: FloatArray,
        *,
        move: float = 0.05,
        initial_gap: float = 0.5,
        smallest_gap: float = 1e-4,
    ) -> None:
        self.low, self.high = low, high
        self.move, self.initial_gap, self.smallest_gap = move, initial_gap, smallest_gap
        self.gap = initial_gap * (high - low)
        self.previous: list[FloatArray] = []
        self.multipliers: FloatArray | None = None

    def step(
        self,
        x: FloatArray,
        gradient: FloatArray,
        constraint: float | FloatArray,
        slope: FloatArray,
    ) -> FloatArray:
        """Next iterate.

        Parameters
        ----------
        x : (n,) array
            Current iterate.
        gradient : (n,) array
            Derivatives of the objective.
        constraint : float or (m,) array
            Value of f1, or values of all constraints; feasible if <= 0.
        slope : (n,) or (m, n) array
            Derivatives of the constraint, or of each.

        Returns
        -------
        (n,) array
        """
        width = self.high - self.low
        if len(self.previous) == 2:
            turn = (x - self.previous[1]) * (self.previous[1] - self.previous[0])
            self.gap = self.gap * np.where(turn < 0, _SLOWER, np.where(turn > 0, _FASTER, 1.0))
            self.gap = np.clip(self.gap, self.smallest_gap * width, 10.0 * width)
        self.previous = [*self.previous[-1:], x.copy()]
        lower, upper = x - self.gap, x + self.gap
        alpha = np.maximum.reduce([self.low, lower + _ALBEFA * self.gap, x - self.move * width])
        beta = np.minimum.reduce([self.high, upper - _ALBEFA * self.gap, x + self.move * width])

        p0, q0 = _approximation(gradient, self.gap, width)
        if slope.ndim == 2:
            p, q = _approximation(slope, self.gap, width)
            values = constraint - ((p + q) / self.gap).sum(axis=1)
            subproblem = Subproblem(lower, upper, alpha, beta, p0, q0, p, q, values)
            found, self.multipliers = solve_subproblem(subproblem, start=self.multipliers)
            return found
        p1, q1 = _approximation(slope, self.gap, width)
        rest = constraint - ((p1 + q1) / self.gap).sum()

        def minimiser(multiplier: float) -> FloatArray:
            p, q = np.sqrt(p0 + multiplier * p1), np.sqrt(q0 + multiplier * q1)
            return np.asarray(np.clip((p * lower + q * upper) / (p + q), alpha, beta))

        def violation(candidate: FloatArray) -> float:
            return float(rest + (p1 / (upper - candidate) + q1 / (candidate - lower)).sum())

        return _solve_dual(minimiser, violation)


def _approximation(
    slope: FloatArray, gap: FloatArray, width: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Coefficients p, q with the given slope at the iterate, slightly convex where it is flat."""
    rising, falling = np.maximum(slope, 0.0), np.maximum(-slope, 0.0)
    extra = 1e-3 * (rising + falling) + _CONVEXITY / width
    return gap**2 * (rising + extra), gap**2 * (falling + extra)


def _solve_dual(
    minimiser: Callable[[float], FloatArray], violation: Callable[[FloatArray], float]
) -> FloatArray:
    """Bisection for the multiplier: the violation falls as the multiplier grows."""
    x = minimiser(0.0)
    if violation(x) <= 0:
        return x
    low, high = 0.0, 1.0
    while violation(minimiser(high)) > 0:
        low, high = high, high * 10.0
        if high > _MULTIPLIER_LIMIT:
            return minimiser(high)
    while high - low > 1e-9 * high:
        middle = 0.5 * (low + high)
        if violation(minimiser(middle)) > 0:
            low = middle
        else:
            high = middle
    return minimiser(high)
