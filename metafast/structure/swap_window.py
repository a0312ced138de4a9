"""Effect of a single other cell on the targets, from a window of pixels around it.

The cell and its eight neighbours are a window. With the window's border held where the solution of
the body has it, the window is solved with the other cell in the middle; the forces that the border
then needs, minus those that it needed before, act on the rest of the body, at finite deformation to
first order by its tangent::

    +----+----+----+
    |    |    |    |       u on the border: from the body's solution
    +----+----+----+       change of the targets = - lambda . (f_new - f_old)
    |    | ?  |    |                               + change of the affine fits inside
    +----+----+----+
    |    |    |    |       first order in the window's stiffness; the cell, its joints
    +----+----+----+       and its neighbours are exact

Parts that floated in the body stay out, even where the other cell would join them. Loads and
springs inside of the window act in it too (`metafast.structure.window_loads`).
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_dilation

from metafast._base.typing import BoolArray, ByteArray, FloatArray, IntArray
from metafast.problems.problem import Problem
from metafast.structure.nodes import corner_contacts, node_codes
from metafast.structure.prescribed import segments
from metafast.structure.readout import macro_displacement
from metafast.structure.rectangle import CellRectangle
from metafast.structure.response import StructureResponse
from metafast.structure.target_adjoints import TargetAdjoints
from metafast.structure.window_loads import LoadsOfWindows
from metafast.structure.window_solver import Holding, Solved, WindowSolver


class SwapWindows:
    """Effects of swapping single cells of a solved structure.

    Parameters
    ----------
    problem : Problem
    solver : WindowSolver
    response : StructureResponse
    adjoints : TargetAdjoints
        Adjoint fields of this structure, or of one that differs in a few cells.

    Attributes
    ----------
    possible : (rows, cols) bool array
        False for cells that are not designed, and for those at a macro node that is supported by
        itself: the node that takes the support depends on the cell.
    """

    def __init__(
        self,
        problem: Problem,
        solver: WindowSolver,
        response: StructureResponse,
        adjoints: TargetAdjoints,
    ) -> None:
        self._problem, self._response, self._adjoints = problem, response, adjoints
        self._solver, self._loads = solver, LoadsOfWindows(problem, response, adjoints.side)
        self._start = solver.start(response.nodal_displacement)
        self._contacts = corner_contacts(node_codes(response.solid))
        self._lines, single = segments(problem, adjoints.side)
        alone = np.asarray(single.any(axis=2))
        near = alone[:-1, :-1] | alone[1:, :-1] | alone[:-1, 1:] | alone[1:, 1:]
        self.possible: BoolArray = ~near & problem.designed

    def effect(self, row: int, col: int, cell: ByteArray) -> FloatArray | None:
        """Change of the targets with another cell at (row, col).

        Parts that come loose carry nothing.

        Parameters
        ----------
        row, col : int
        cell : (p, p) array
            Binary pixels; they are refined as the structure is.

        Returns
        -------
        (t,) array or None
            None if the window is singular or a target would lose all solid within half a cell.
        """
        place = CellRectangle(row, row + 1, col, col + 1, self._adjoints.side)
        window = place.grown(self._problem.rows, self._problem.cols)
        old = self._response.solid[window.pixels]
        holding = self._holding(window)
        start = self._start[window.nodes]
        after = self._solver.solved(_with_cell(old, window, place, cell), holding, start)
        if after is None:
            return None
        if holding.has_contact:
            before = self._solver.solved(old, holding, start)
        else:
            field = self._response.nodal_displacement[window.nodes]
            before = self._solver.known(old, field, holding.ring)
        return None if before is None else self._change(window, holding.ring, before, after)

    def _holding(self, window: CellRectangle) -> Holding:
        """What holds a window: the body around it, and the supports."""
        rows, cols = self._problem.rows, self._problem.cols
        u = self._response.nodal_displacement[window.nodes]
        border = np.zeros(u.shape[:2], dtype=bool)
        border[0], border[-1] = window.r0 > 0, window.r1 < rows
        border[:, 0] |= window.c0 > 0
        border[:, -1] |= window.c1 < cols
        contact = self._contacts[window.nodes]
        has_contact = bool((binary_dilation(contact, np.ones((3, 3))) & border).any())
        border &= ~contact
        value = np.where(border[..., None], u, self._adjoints.prescribed[window.nodes])
        line = self._lines[window.nodes]
        value = np.where(np.isnan(value) & ~border[..., None], line, value)
        fixed = np.isfinite(value) | border[..., None]
        ring, loads = np.argwhere(border), self._loads.of(window)
        return Holding(fixed, np.nan_to_num(value), ring, has_contact, loads)

    def _change(
        self, window: CellRectangle, ring: IntArray, before: Solved, after: Solved
    ) -> FloatArray | None:
        """Change (t,) of the targets; None if one would lose all solid around it."""
        by_force = -self._adjoints.moved_by(window.corner + ring, after.force - before.force)
        inside = self._fits(after.field, ring, window) - self._fits(before.field, ring, window)
        targets = self._problem.wanted
        if not np.isfinite(inside[targets[window.macro]]).all():
            return None
        by_spring = self._loads.moved_by_springs(window, inside, self._adjoints.springs)
        by_fit = np.zeros_like(self._response.displacement)
        by_fit[window.macro] = np.nan_to_num(inside)
        return np.asarray(by_force + by_spring + by_fit[targets])

    def _fits(self, field: FloatArray, ring: IntArray, window: CellRectangle) -> FloatArray:
        """Affine fits at the window's macro nodes, with the rest of the body at rest.

        Nodes of the ring that only have solid outside of the window rest too.
        """
        wide = window.grown(self._problem.rows, self._problem.cols)
        around = self._response.nodal_displacement[wide.nodes].copy()
        inner = window._replace(
            r0=window.r0 - wide.r0,
            r1=window.r1 - wide.r0,
            c0=window.c0 - wide.c0,
            c1=window.c1 - wide.c0,
        )
        inside = field.copy()
        at = tuple(ring.T)
        inside[at] = np.where(np.isnan(field[at]), around[inner.nodes][at], field[at])
        around[inner.nodes] = inside
        fits = macro_displacement(
            np.nan_to_num(around), np.isfinite(around[..., 0]), self._adjoints.side
        )
        return fits[inner.macro]


def _with_cell(
    solid: BoolArray, window: CellRectangle, place: CellRectangle, cell: ByteArray
) -> BoolArray:
    """Pixels of the window with another cell at the place, refined to its size."""
    changed = solid.copy()
    split = place.side // len(cell)
    top, left = place.corner - window.corner
    fine = cell.repeat(split, axis=0).repeat(split, axis=1)
    changed[top : top + place.side, left : left + place.side] = fine != 0
    return changed
