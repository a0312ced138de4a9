"""Budget of solid: the labellings whose cells together stay within a bound on their solid share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.database import CellDatabase
from metafast.problems import Problem
from metafast.problems.symmetry import Symmetry

_ROUNDING = 1e-12  # relative


class SolidBudget(NamedTuple):
    """Solid shares of candidates, and the sum of them that a labelling may have.

    Attributes
    ----------
    shares : (rows, cols, count) array
        Solid share of each candidate; 0 where a cell is not designed.
    limit : float
        Largest sum over all cells.
    """

    shares: FloatArray
    limit: float

    @staticmethod
    def of(
        problem: Problem | None, database: CellDatabase, candidates: IntArray
    ) -> SolidBudget | None:
        """Budget of a problem's bound; None if it has none.

        Parameters
        ----------
        problem : Problem or None
        database : CellDatabase
        candidates : (rows, cols, count) int array
            Rows of the database; those of cells that are not designed are not used.
        """
        if problem is None or problem.solid_share is None:
            return None
        designed = problem.designed
        shares = np.zeros(candidates.shape)
        shares[designed] = database.solid_share[candidates[designed]]
        return SolidBudget(shares, problem.solid_share * int(np.count_nonzero(designed)))

    def total(self, labels: IntArray) -> float:
        """Sum of the shares of a labelling (rows, cols)."""
        return float(np.take_along_axis(self.shares, labels[..., None], 2).sum())

    def holds(self, labels: IntArray) -> bool:
        """Whether a labelling stays within the limit, but for rounding."""
        return self.total(labels) <= (1.0 + _ROUNDING) * self.limit

    def refuses(self, labels: IntArray, symmetry: Symmetry) -> BoolArray:
        """Single swaps (rows, cols, count), with their mirror images, that would exceed the limit.

        Those that save solid are never refused.
        """
        current = np.take_along_axis(self.shares, labels[..., None], 2)
        more = symmetry.sums(self.shares - current)
        beyond = self.total(labels) + more > (1.0 + _ROUNDING) * self.limit
        return np.asarray(beyond & (more > 0.0))
