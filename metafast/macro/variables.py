"""Design variables of the property optimisation: a property space, or a gradation (Eq. 8).

Both are unit coordinates: four per cell, with the signed distance as inequality constraint, or one
per cell along the gradation, which as equality constraint fixes the rest.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy.spatial import cKDTree

from metafast._base.typing import FloatArray
from metafast.macro.constraint import feasibility_constraint
from metafast.properties import PropertySpace
from metafast.properties.coordinates import LOGARITHMS
from metafast.properties.gradation import Gradation


class Variables(Protocol):
    """Variables of the optimiser, all in [0, 1]."""

    constrained: bool

    def start(self, cells: int) -> FloatArray:
        """Variables (cells, d) to start from."""
        ...

    def nearest(self, properties: FloatArray) -> FloatArray:
        """Variables (cells, d) nearest to properties (cells, 4)."""
        ...

    def properties(self, x: FloatArray) -> FloatArray:
        """C11, C12, C22, C33 (cells, 4) at variables (cells, d)."""
        ...

    def gradient(self, x: FloatArray, by_property: FloatArray) -> FloatArray:
        """Derivatives (cells, d) by the variables from those (cells, 4) by the properties."""
        ...

    def constraint(self, x: FloatArray, beta: float) -> tuple[float, FloatArray, FloatArray]:
        """Value, derivatives (cells, d), and signed distances (cells,)."""
        ...

    def settled(self, x: FloatArray) -> FloatArray:
        """The variables, moved back to where the stiffness is stable."""
        ...


class SpaceVariables:
    """Four unit coordinates per cell inside a property space.

    Parameters
    ----------
    space : PropertySpace
    """

    constrained = True

    def __init__(self, space: PropertySpace) -> None:
        self._space, self._axes = space, space.coordinates

    def start(self, cells: int) -> FloatArray:
        """The innermost point of the space."""
        return np.tile(self._space.innermost(), (cells, 1))

    def nearest(self, properties: FloatArray) -> FloatArray:
        """Unit coordinates, within the box."""
        return np.clip(self._axes.to_unit(properties), 0.0, 1.0)

    def properties(self, x: FloatArray) -> FloatArray:
        """C11, C12, C22, C33 (cells, 4)."""
        return self._axes.to_properties(x)

    def gradient(self, x: FloatArray, by_property: FloatArray) -> FloatArray:
        """Derivatives (cells, 4) by the unit coordinates."""
        return self._axes.gradient_to_unit(self.properties(x), by_property)

    def constraint(self, x: FloatArray, beta: float) -> tuple[float, FloatArray, FloatArray]:
        """See `feasibility_constraint`."""
        return feasibility_constraint(self._space, x, beta)

    def settled(self, x: FloatArray) -> FloatArray:
        """Variables with stable stiffness, which linear coordinates can leave."""
        return self._axes.stable(x)


class GradationVariables:
    """One coordinate per cell: the share of the gradation's length, from its start to its end.

    The length is measured in (ln C11, C12/sqrt(C11 C22), ln C22, ln C33), so that equal steps are
    equal ratios of stiffness in soft cells and in stiff ones. No constraint remains.

    Parameters
    ----------
    gradation : Gradation
    """

    constrained = False

    def __init__(self, gradation: Gradation) -> None:
        fine, self._even = gradation.refined(), gradation.even()
        _, length = fine.log_length()
        distinct = np.append(True, np.diff(length) > 0)  # points that differ from the one before
        self._knots = fine.properties[distinct]
        self._place = length[distinct] / length[-1]

    def start(self, cells: int) -> FloatArray:
        """The middle of the gradation."""
        return np.full((cells, 1), 0.5)

    def nearest(self, properties: FloatArray) -> FloatArray:
        """Places of the gradation's nearest points."""
        points, length = self._even.log_length()
        row = cKDTree(points).query(LOGARITHMS.to_unit(properties))[1]
        return np.asarray(length[row] / length[-1])[:, None]

    def properties(self, x: FloatArray) -> FloatArray:
        """C11, C12, C22, C33 (cells, 4)."""
        columns = [np.interp(x[:, 0], self._place, knots) for knots in self._knots.T]
        return np.stack(columns, axis=1)

    def gradient(self, x: FloatArray, by_property: FloatArray) -> FloatArray:
        """Derivatives (cells, 1); the curve is straight between its points."""
        piece = np.searchsorted(self._place, x[:, 0], side="right") - 1
        piece = np.clip(piece, 0, len(self._place) - 2)
        rise = self._knots[piece + 1] - self._knots[piece]
        slope = rise / (self._place[piece + 1] - self._place[piece])[:, None]
        return np.asarray((by_property * slope).sum(axis=1, keepdims=True))

    def constraint(self, x: FloatArray, beta: float) -> tuple[float, FloatArray, FloatArray]:
        """Always met: every point of the gradation is allowed."""
        return -1.0, np.zeros_like(x), np.full(len(x), np.inf)

    def settled(self, x: FloatArray) -> FloatArray:
        """Every stiffness of a gradation is stable."""
        return x
