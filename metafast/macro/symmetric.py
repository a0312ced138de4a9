"""Symmetric property fields: variables of the fundamental part, images of it elsewhere."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import BoolArray, FloatArray
from metafast.macro.variables import Variables
from metafast.problems.symmetry import Symmetry


class SymmetricVariables:
    """One set of variables for all mirror images of a designed cell.

    Parameters
    ----------
    inner : Variables
        Variables of all designed cells.
    designed : (rows, cols) bool array
        Symmetric.
    symmetry : Symmetry
    """

    def __init__(self, inner: Variables, designed: BoolArray, symmetry: Symmetry) -> None:
        self._inner, self.constrained = inner, inner.constrained
        numbers = symmetry.numbers(designed.shape)[designed]
        _, self._first, self._orbit = np.unique(numbers, return_index=True, return_inverse=True)
        self._size = np.bincount(self._orbit)[:, None]

    def start(self, cells: int) -> FloatArray:
        """Start of the inner variables."""
        return self._inner.start(cells)[self._first]

    def nearest(self, properties: FloatArray) -> FloatArray:
        """Means over the images of the inner variables' nearest."""
        return self._sums(self._inner.nearest(properties)) / self._size

    def properties(self, x: FloatArray) -> FloatArray:
        """C11, C12, C22, C33 of all cells."""
        return self._inner.properties(x[self._orbit])

    def gradient(self, x: FloatArray, by_property: FloatArray) -> FloatArray:
        """Derivatives: sums over the images."""
        return self._sums(self._inner.gradient(x[self._orbit], by_property))

    def constraint(self, x: FloatArray, beta: float) -> tuple[float, FloatArray, FloatArray]:
        """Constraint on all cells, with its derivatives by the variables."""
        value, slope, distance = self._inner.constraint(x[self._orbit], beta)
        return value, self._sums(slope), distance

    def settled(self, x: FloatArray) -> FloatArray:
        """Variables with stable stiffness."""
        return self._inner.settled(x[self._orbit])[self._first]

    def _sums(self, values: FloatArray) -> FloatArray:
        result = np.zeros((len(self._first), values.shape[1]))
        np.add.at(result, self._orbit, values)
        return result
