"""Best choice of cells within a budget of solid, by a price on the solid.

With a price p on the solid share s, an exact solution of the field with node costs ``theta + p s``
costs the least of all labellings that have no more solid than it has (Everett 1963), and as the
price rises the solid falls. At every price, with the certified lower bound L(p) of its field,

    E(x) >= L(p) - p B        for all labellings x within the bound B,

so the largest of these is a certified bound for the bounded problem. ``L(p) - p B`` is concave and
made of straight pieces, one for each labelling that is the best at some price. The next price is
that at which a labelling within the bound and one beyond it cost the same; where no third one costs
less there, it is the top, and the one within the bound is the best that any price finds.

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
_MOST_SOLUTIONS = 60
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
    search = _Search(budget, solve, energy)
    price = 0.0
    within: _Point | None = None
    beyond: _Point | None = None
    for _ in range(_MOST_SOLUTIONS):
        point = search.at(unary, price)
        is_new = all(point.solid != old.solid for old in (within, beyond) if old is not None)
        within, beyond = (point, beyond) if budget.holds(point.labels) else (within, point)
        if within is None:
            price = _RISE * price if price else _first_price(unary, budget)
        elif beyond is None or not is_new:
            break
        else:
            price = (within.energy - beyond.energy) / (beyond.solid - within.solid)
            if not price > 0.0:  # a solver that was stopped early need not follow the price
                break
    labels = _least_solid(unary, budget).argmin(axis=2) if within is None else search.best
    return BoundedChoice(labels, search.bound, point.result, search.passes)


class _Point(NamedTuple):
    labels: IntArray
    energy: float  # without a price
    solid: float
    result: MrfResult


class _Search:
    """Solutions at prices: the best labels within the budget, and the bound."""

    def __init__(
        self, budget: SolidBudget, solve: Solve, energy: Callable[[IntArray], float]
    ) -> None:
        self._budget, self._solve, self._energy = budget, solve, energy
        self.bound, self.passes = -np.inf, 0
        self._least = np.inf
        self.best = np.empty((0, 0), dtype=np.int64)

    def at(self, unary: FloatArray, price: float) -> _Point:
        """Solution of the field at a price."""
        result, labels = self._solve(unary + price * self._budget.shares)
        lost = price * self._budget.limit
        rounding = _ROUNDING * (abs(lost) + abs(result.energy))
        self.bound = max(self.bound, result.lower_bound - lost - rounding)
        self.passes += result.iterations
        point = _Point(labels, self._energy(labels), self._budget.total(labels), result)
        if self._budget.holds(labels) and point.energy < self._least:
            self._least, self.best = point.energy, labels
        return point


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
