"""Smooth property fields: a cone filter over the variables of the cells.

The filter of topology optimisation (Bourdin 2001; Bruns and Tortorelli 2001), applied to the
property variables: every cell takes a weighted mean of those around it. A cell between unlike
neighbours does not behave as in a periodic lattice; a smooth field keeps neighbours alike.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.optimize import lsq_linear

from metafast._base.typing import BoolArray, FloatArray
from metafast.macro.variables import Variables


class SmoothVariables:
    """Design variables whose filtered values describe the properties.

    Parameters
    ----------
    inner : Variables
        Variables that turn the filtered values into properties.
    designed : (rows, cols) bool array
        Cells that have variables; no mean reaches beyond them.
    radius : float
        Distance between cell centres, in cell widths, at which the weight reaches zero.
    period : int, optional
        See `cone_filter`.
    """

    def __init__(
        self, inner: Variables, designed: BoolArray, radius: float, period: int | None = None
    ) -> None:
        self._inner = inner
        self._mean = cone_filter(designed, radius, period)
        self.constrained = inner.constrained

    def start(self, cells: int) -> FloatArray:
        """Start of the inner variables: a constant field is its own mean."""
        return self._inner.start(cells)

    def nearest(self, properties: FloatArray) -> FloatArray:
        """Variables within the box whose means are nearest, by bounded least squares."""
        means = self._inner.nearest(properties)
        columns = [lsq_linear(self._mean, column, (0.0, 1.0)).x for column in means.T]
        return np.stack(columns, axis=1)

    def properties(self, x: FloatArray) -> FloatArray:
        """C11, C12, C22, C33 (cells, 4)."""
        return self._inner.properties(self._mean @ x)

    def gradient(self, x: FloatArray, by_property: FloatArray) -> FloatArray:
        """Derivatives (cells, d) by the variables."""
        return np.asarray(self._mean.T @ self._inner.gradient(self._mean @ x, by_property))

    def constraint(self, x: FloatArray, beta: float) -> tuple[float, FloatArray, FloatArray]:
        """Constraint of the filtered values, with its derivatives by the variables."""
        value, slope, distance = self._inner.constraint(self._mean @ x, beta)
        return value, np.asarray(self._mean.T @ slope), distance

    def settled(self, x: FloatArray) -> FloatArray:
        """Variables with stable stiffness; those form a convex set, so their means are stable."""
        return self._inner.settled(x)


def cone_filter(designed: BoolArray, radius: float, period: int | None = None) -> sparse.csr_array:
    """Weights that fall linearly to zero at `radius`; rows sum to one.

    Parameters
    ----------
    designed : (rows, cols) bool array
    radius : float
    period : int, optional
        Columns from one copy of a body to the next, which no mean reaches; by default there is one.

    Returns
    -------
    (m, m) sparse array
        For the m designed cells, row by row.
    """
    rows, cols = designed.shape
    number = np.cumsum(designed.ravel()) - 1
    farthest = min(int(radius), max(rows, cols) - 1)
    reach = np.arange(-farthest, farthest + 1)
    down, right = (a.ravel() for a in np.meshgrid(reach, reach, indexing="ij"))
    weight = radius - np.hypot(down, right)
    r, c = (index[:, None] for index in np.nonzero(designed))
    period = period or cols
    copy = c // period
    r, c = r + down, c + right
    used = (weight > 0) & (c // period == copy)
    used &= (r >= 0) & (r < rows) & (c >= 0) & (c < cols)
    used[used] = designed[r[used], c[used]]
    cell, shift = np.nonzero(used)
    place = number[(r * cols + c)[used]]
    matrix = sparse.csr_array((weight[shift], (cell, place)), shape=(len(r), len(r)))
    return sparse.csr_array(sparse.diags_array(1.0 / matrix.sum(axis=1)) @ matrix)
