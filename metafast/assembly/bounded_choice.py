"""Best choice of cells within a budget of solid, by a price on the solid.

With a price p on the solid share s, an exact solution of the field with node costs ``theta + p s``
costs the least of all labellings that have no more solid than it has (Everett 1963). As the price
rises the solid falls, so bisection finds the least price at which the bound B is met. At every
price, with the certified lower bound L(p) of its field,

    E(x) >= L(p) - p B        for all labellings x within the bound,

so the largest of these is a certified bound for the bounded problem.

H. Everett, Oper. Res. 11 (1963) 399-417, doi:10.1287/opre.11.3.399.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from metafast._base.typing import FloatArray, IntArray
from metafast.assembly.mrf import MrfResult
from metafast.assembly.solid_budget import SolidBudget

_RISE = 4.0  # of the price until the bound is met
_MOST_RISES = 40
_BISECTIONS = 12
_CLOSE = 1e-4  # solid left, relative to the limit, at which to stop
_ROUNDING = 1e-12  # relative; taken off the bound

Solve = Callable[[FloatArray], tuple[MrfResult, IntArray]]


class TooMuchSolidError(ValueError):
    """Raised if no choice of candidates stays within a bound on the solid.

    Attributes
    ----------
    excess : float
        Mean solid share of the candidates of least solid, less the bound.
    """

    def __init__(self, message: str, excess: float) -> None:
        super().__init__(message)
        self.excess = excess


class BoundedChoice(NamedTuple):
    """Labels within a budget, and a certified lower bound of all such labellings' energies."""

    labels: IntArray
    lower_bound: float
    result: MrfResult  # of the field with the price on solid
    iterations: int


def choose_within(
    unary: FloatArray, budget: SolidBudget, solve: Solve, energy: Callable[[IntArray], float]
) -> BoundedChoice:
    """Labels of least energy within a budget of solid, as far as a price can find them.

    Parameters
    ----------
    unary : (rows, cols, count) array
        Node costs.
    budget : SolidBudget
    solve : callable
        Solution of the field with other node costs, and its labels (rows, cols).
    energy : callable
        Energy of labels without a price.

    Raises
    ------
    TooMuchSolidError
        If no choice of candidates stays within the budget.
    """
    _require_possible(unary, budget)
    best: BoundedChoice | None = None
    bound, passes, least = -np.inf, 0, np.inf
    low, price, high = 0.0, 0.0, np.inf
    for _ in range(_MOST_RISES + _BISECTIONS):
        result, labels = solve(unary + price * budget.shares)
        passes += result.iterations
        lost = price * budget.limit
        bound = max(bound, result.lower_bound - lost - _ROUNDING * (abs(lost) + abs(result.energy)))
        if budget.holds(labels):
            high = price
            if energy(labels) < least:
                least, best = energy(labels), BoundedChoice(labels, bound, result, passes)
            if price == 0.0 or budget.total(labels) >= (1.0 - _CLOSE) * budget.limit:
                break
        else:
            low = price
        if np.isinf(high):
            price = _RISE * price if price else _first_price(unary, budget)
        elif high - low <= 2.0**-_BISECTIONS * high:
            break
        else:
            price = 0.5 * (low + high)
    if best is None:  # a solver that was stopped early need not follow the price
        best = BoundedChoice(_least_solid(unary, budget).argmin(axis=2), bound, result, passes)
    return best._replace(lower_bound=bound, iterations=passes)


def _least_solid(unary: FloatArray, budget: SolidBudget) -> FloatArray:
    """Shares of the labels that a cell may have, infinite for the others."""
    return np.where(np.isfinite(unary), budget.shares, np.inf)


def _require_possible(unary: FloatArray, budget: SolidBudget) -> None:
    """Refuse a budget that not even the candidates of least solid meet."""
    least = _least_solid(unary, budget).min(axis=2)
    if least.sum() > (1.0 + _ROUNDING) * budget.limit:
        cells = int(np.count_nonzero(budget.shares.any(axis=2)))
        share, bound = float(least.sum()) / cells, budget.limit / cells
        raise TooMuchSolidError(
            f"solid_share is {bound:.3g}, but the candidates of least solid have {share:.3g} on "
            "average; raise it, or give more candidates",
            share - bound,
        )


def _first_price(unary: FloatArray, budget: SolidBudget) -> float:
    """Price at which differences of shares count a tenth of those of node costs."""
    finite = np.isfinite(unary)
    costs, shares = float(np.std(unary[finite])), float(np.std(budget.shares[finite]))
    return 0.1 * costs / shares if costs > 0.0 and shares > 0.0 else 1.0
