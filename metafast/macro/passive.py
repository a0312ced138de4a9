"""Passive cells in the property optimisation: their properties, and variables of the others only.

The variables are those of the designed cells. Passive cells keep their own stiffness, and absent
ones have none.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from metafast._base.typing import BoolArray, FloatArray
from metafast.homogenization import homogenize, properties_of
from metafast.macro.variables import Variables
from metafast.phases import require_phases
from metafast.problems import CellKind, Problem


def passive_properties(problem: Problem, phases: Any = None) -> FloatArray:
    """Properties (rows, cols, 4) of the passive cells: of the base material, or homogenized.

    Parameters
    ----------
    problem : Problem
    phases : Phases or Material, optional
        Materials of the cells; `Phases()` by default.

    Returns
    -------
    (rows, cols, 4) array
        C11, C12, C22, C33; zero where a cell is absent or designed.
    """
    result = np.zeros((problem.rows, problem.cols, 4))
    if problem.body is None:
        return result
    materials = require_phases(phases)
    result[problem.kinds == CellKind.SOLID] = properties_of(materials.solid.stiffness[None])
    if problem.given is not None:
        of_given = properties_of(homogenize(problem.given, materials))
        chosen = problem.kinds >= CellKind.GIVEN
        result[chosen] = of_given[problem.kinds[chosen] - CellKind.GIVEN]
    return result


class DesignedVariables:
    """Variables of the designed cells, with the properties of all cells.

    Parameters
    ----------
    inner : Variables
        Variables of the designed cells.
    designed : (rows, cols) bool array
    passive : (rows, cols, 4) array
        Properties of the other cells.
    """

    def __init__(self, inner: Variables, designed: BoolArray, passive: FloatArray) -> None:
        self._inner, self._designed = inner, designed.ravel()
        self._passive = passive.reshape(-1, 4)
        self.constrained = inner.constrained

    def start(self, cells: int) -> FloatArray:
        """Start (designed cells, d) of the inner variables."""
        return self._inner.start(int(np.count_nonzero(self._designed)))

    def nearest(self, properties: FloatArray) -> FloatArray:
        """Variables (designed cells, d) nearest to properties (cells, 4)."""
        return self._inner.nearest(properties[self._designed])

    def properties(self, x: FloatArray) -> FloatArray:
        """C11, C12, C22, C33 (cells, 4), zero where a cell is absent."""
        result = self._passive.copy()
        result[self._designed] = self._inner.properties(x)
        return result

    def gradient(self, x: FloatArray, by_property: FloatArray) -> FloatArray:
        """Derivatives (designed cells, d) from those (cells, 4) by the properties."""
        return self._inner.gradient(x, by_property[self._designed])

    def constraint(self, x: FloatArray, beta: float) -> tuple[float, FloatArray, FloatArray]:
        """Constraint on the designed cells."""
        return self._inner.constraint(x, beta)

    def settled(self, x: FloatArray) -> FloatArray:
        """Variables with stable stiffness."""
        return self._inner.settled(x)
