"""Loads and springs in a window of cells that is solved with its border held.

Those of macro nodes inside of the window, and tractions on its cells, are spread anew over the
pixels that stand there. A macro node on the border reaches out of the window: its force, and that
of its spring as the body has it, rest as dead loads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.problems.problem import Problem
from metafast.structure.loads import MacroLoads, PixelLoads, pixel_loads, springs_of
from metafast.structure.readout import readout_weights
from metafast.structure.rectangle import CellRectangle
from metafast.structure.response import StructureResponse


@dataclass(frozen=True, eq=False)
class WindowLoads:
    """Loads of a window, for any pixels in it.

    Attributes
    ----------
    inner : MacroLoads
        Loads of the window's cells, and of its macro nodes that are not on the border.
    resting : (ny+1, nx+1, 2) array
        Forces of the macro nodes on the border and of their springs on the window's nodes.
    side : int
        Pixels per cell side.
    name : str
        The problem's.
    """

    inner: MacroLoads
    resting: FloatArray
    side: int
    name: str

    def on(self, solid: BoolArray) -> PixelLoads:
        """Loads on the nodes of solid pixels.

        Raises
        ------
        NotCarriedError
            If a load has no solid to act on.
        """
        loads = pixel_loads(self.inner, solid, self.side, self.name)
        if loads is None:
            return PixelLoads(self.resting, [], float(np.abs(self.resting).max()))
        return replace(loads, force=loads.force + self.resting)


class LoadsOfWindows:
    """Loads of a solved body, cut out for its windows.

    Parameters
    ----------
    problem : Problem
    response : StructureResponse
    side : int
        Pixels per cell side.
    """

    def __init__(self, problem: Problem, response: StructureResponse, side: int) -> None:
        self._problem, self._response, self._side = problem, response, side
        self._are_none = MacroLoads.of(problem).are_none
        if self._are_none:
            return
        self._active = np.isfinite(response.nodal_displacement[..., 0])
        zeros = np.zeros_like(problem.prescribed)
        self._forces = zeros if problem.forces is None else problem.forces
        self._springs = zeros if problem.springs is None else problem.springs
        self._ends: IntArray = springs_of(problem)

    def of(self, window: CellRectangle) -> WindowLoads | None:
        """Loads of a window; None if it has none."""
        problem, macro = self._problem, window.macro
        if self._are_none:
            return None
        inside = ~self.on_border(window)[..., None]
        tractions = problem.tractions
        if tractions is not None:
            tractions = tractions[window.r0 : window.r1, window.c0 : window.c1]
        inner = MacroLoads(self._forces[macro] * inside, tractions, self._springs[macro] * inside)
        resting = np.zeros((*self._active[window.nodes].shape, 2))
        for r, c in np.add(np.argwhere(self.on_border(window)), (window.r0, window.c0)):
            # what the spring leaves of the force
            moved = np.nan_to_num(self._response.displacement[r, c])
            force = self._forces[r, c] - self._springs[r, c] * moved
            if force.any():
                i, j, weights = readout_weights(self._active, self._side, r, c)
                i, j = i - window.corner[0], j - window.corner[1]
                near = (i >= 0) & (j >= 0) & (i < resting.shape[0]) & (j < resting.shape[1])
                resting[i[near], j[near]] += weights[near, None] * force
        given = (inner.forces, inner.tractions, inner.springs, resting)
        if not any(each is not None and each.any() for each in given):
            return None
        return WindowLoads(inner, resting, self._side, problem.name)

    def on_border(self, window: CellRectangle) -> BoolArray:
        """Macro nodes of a window that have cells of the body beyond it."""
        rows, cols = self._problem.rows, self._problem.cols
        border = np.zeros((window.r1 - window.r0 + 1, window.c1 - window.c0 + 1), dtype=bool)
        border[0] |= window.r0 > 0
        border[-1] |= window.r1 < rows
        border[:, 0] |= window.c0 > 0
        border[:, -1] |= window.c1 < cols
        return border

    def moved_by_springs(
        self, window: CellRectangle, stretch: FloatArray, at_springs: FloatArray
    ) -> FloatArray | float:
        """Change (t,) of the targets by the springs on a window's border.

        Parameters
        ----------
        window : CellRectangle
        stretch : (window's rows+1, cols+1, 2) array
            Change of the displacement at its macro nodes, the rest of the body at rest.
        at_springs : (t, s) array
            Adjoint fields of the targets at the ends of all springs.
        """
        if self._are_none or not len(self._ends):
            return 0.0
        force = np.zeros_like(self._springs)
        at_border = self.on_border(window)[..., None]
        force[window.macro] = -self._springs[window.macro] * at_border * np.nan_to_num(stretch)
        return np.asarray(at_springs @ force[tuple(self._ends.T)])
