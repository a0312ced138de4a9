"""Error of displacements against the targets: weighted, and over several load cases."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import FloatArray, IntArray

_POWER = 8  # of the mean over the cases that stands for the largest error, which has no gradient
_FLOOR = 1e-3  # least emphasis of a case, relative to that of the worst one


class TargetError:
    """Relative error of the target displacements of a problem.

    With weights w it is ``sqrt(sum(w r^2) / sum(w u_t^2))`` of the residuals r. For the worst case
    it is the largest of these errors over the load cases. Since the largest one has no gradient
    where two are equal, a power mean of the cases takes its place where one is needed; it equals
    the largest where all are equal, and lies below it by a factor of k^(1/16) at most for k cases.

    Parameters
    ----------
    target : (t,) array
        Target displacements.
    weights : (t,) array, optional
        1 by default.
    case : (t,) int array, optional
        Load case that each target belongs to; by default there is one.
    cases : int
        Number of load cases.
    worst : bool
        Whether the worst case counts.

    Attributes
    ----------
    norm2 : float
        Squared norm of the target, weighted.
    scale : (t,) array or float
        Square roots of the weights.
    """

    def __init__(
        self,
        target: FloatArray,
        weights: FloatArray | None = None,
        case: IntArray | None = None,
        *,
        cases: int = 1,
        worst: bool = False,
    ) -> None:
        self.scale: FloatArray | float = 1.0 if weights is None else np.sqrt(weights)
        self._case = np.zeros(len(target), dtype=int) if case is None else case
        self._cases, self._worst = cases, worst
        scaled = self.scale * target
        self.norm2 = float(scaled @ scaled)
        norms2 = self._sums(np.square(scaled))
        self._norms2 = np.where(norms2 > 0.0, norms2, 1.0)  # a case need not have targets

    def relative(self, residuals: FloatArray) -> float:
        """Error of residuals (..., t), displacements minus targets: over all rows together."""
        squares = np.square(self.scale * residuals).reshape(-1, residuals.shape[-1])
        if not self._worst:
            return float(np.sqrt(squares.sum() / (len(squares) * self.norm2)))
        return float(np.sqrt(self._by_case(squares).max()))

    def by_case(self, residuals: FloatArray) -> FloatArray:
        """Error (cases,) of residuals (t,) in each load case."""
        return np.sqrt(self._by_case(np.square(self.scale * residuals)[None]))

    def factor(self, residuals: FloatArray) -> FloatArray | float:
        """Factor (t,) after which the sum of squares of residuals (..., t) is the error to lower.

        For the worst case it makes the gradient of the sum of squares that of the power mean.
        """
        if not self._worst:
            return self.scale
        squares = np.square(self.scale * residuals).reshape(-1, residuals.shape[-1])
        return self.scale * np.sqrt(self._emphasis(self._by_case(squares)))

    def objective(self, error: FloatArray) -> tuple[float, FloatArray]:
        """Squared error of residuals (t,) times `norm2`, and its derivatives (t,)."""
        scaled = self.scale * error
        if not self._worst:
            return float(scaled @ scaled), 2.0 * self.scale * scaled
        cases = self._by_case(np.square(scaled)[None])
        value = self.norm2 * _power_mean(cases)
        return value, 2.0 * self._emphasis(cases, 0.0) * self.scale * scaled

    def _emphasis(self, cases: FloatArray, floor: float = _FLOOR) -> FloatArray:
        """Weights (t,) of the squares of each case, from the squared errors of the cases."""
        mean = _power_mean(cases)
        share = (cases / mean) ** (_POWER - 1) / len(cases) if mean > 0.0 else np.ones_like(cases)
        share = np.maximum(share, floor * share.max())
        return np.asarray((share * self.norm2 / self._norms2)[self._case])

    def _by_case(self, squares: FloatArray) -> FloatArray:
        """Squared relative errors (cases,) of squares (m, t), the mean over the rows."""
        return self._sums(squares.mean(axis=0)) / self._norms2

    def _sums(self, squares: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(self._case, squares, self._cases), dtype=float)


def _power_mean(squares: FloatArray) -> float:
    """Power mean of squared errors."""
    largest = float(squares.max())
    if largest == 0.0:
        return 0.0
    return float(largest * np.mean((squares / largest) ** _POWER) ** (1.0 / _POWER))
