"""What one other cell would do to the targets, without solving the whole body again.

The cell and its eight neighbours are a window. With the window's border held where the pixels'
solution has it, the window is solved with the other cell in the middle; the forces that the border
then needs, beyond those that it needed before, act on the body from inside::

    +----+----+----+
    |    |    |    |       u on the border: from the body's solution
    +----+----+----+       change of the targets = - lambda . (f_new - f_old)
    |    | ?  |    |                               + change of the affine fits inside
    +----+----+----+
    |    |    |    |       first order in the window's stiffness; the cell, its joints
    +----+----+----+       and its neighbours are exact

Parts that floated before are left out, also where the other cell would join them.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_dilation, label

from metafast._base.typing import BoolArray, ByteArray, FloatArray, IntArray
from metafast.material import Material
from metafast.problems.problem import Problem
from metafast.structure.adjoint import TargetAdjoints
from metafast.structure.forces import forces_on, nodal_forces
from metafast.structure.multifrontal import Multifrontal
from metafast.structure.nodes import corner_contacts, node_codes, number_free, spread
from metafast.structure.prescribed import segments
from metafast.structure.readout import macro_displacement
from metafast.structure.response import StructureResponse
from metafast.structure.rigid import held
from metafast.structure.stencils import node_stencils


class SwapWindows:
    """Effects of swapping single cells of a solved structure.

    Parameters
    ----------
    problem : Problem
    material : Material
    response : StructureResponse
    adjoints : TargetAdjoints
        Of this structure, or of one that differs in a few cells.

    Attributes
    ----------
    possible : (rows, cols) bool array
        False for cells at a macro node that is supported by itself: which of their nodes takes the
        support depends on the cell.
    """

    def __init__(
        self,
        problem: Problem,
        material: Material,
        response: StructureResponse,
        adjoints: TargetAdjoints,
    ) -> None:
        self._problem, self._response, self._adjoints = problem, response, adjoints
        self._stencil = node_stencils(material)
        self._contacts = corner_contacts(node_codes(response.solid))
        self._lines, single = segments(problem, adjoints.side)
        alone = np.asarray(single.any(axis=2))
        near = alone[:-1, :-1] | alone[1:, :-1] | alone[:-1, 1:] | alone[1:, 1:]
        self.possible: BoolArray = ~near

    def effect(self, row: int, col: int, cell: ByteArray) -> FloatArray | None:
        """Change (t,) of the targets with `cell` (p, p) at (row, col).

        The cell is refined as the structure is.

        Parts that come loose carry nothing. None if the window is singular or a target would lose
        all solid within half a cell.
        """
        side, u = self._adjoints.side, self._response.nodal_displacement
        rows, cols = self._problem.rows, self._problem.cols
        r0, r1 = max(row - 1, 0), min(row + 2, rows)
        c0, c1 = max(col - 1, 0), min(col + 2, cols)
        pixels = slice(r0 * side, r1 * side), slice(c0 * side, c1 * side)
        nodes = slice(r0 * side, r1 * side + 1), slice(c0 * side, c1 * side + 1)

        old = self._response.solid[pixels]
        new = old.copy()
        top, left = (row - r0) * side, (col - c0) * side
        split = side // len(cell)
        fine = cell.repeat(split, axis=0).repeat(split, axis=1)
        new[top : top + side, left : left + side] = fine != 0
        border = np.zeros((new.shape[0] + 1, new.shape[1] + 1), dtype=bool)
        border[0], border[-1] = r0 > 0, r1 < rows
        border[:, 0] |= c0 > 0
        border[:, -1] |= c1 < cols
        # pixels that touch in a corner only move apart there: no one displacement to hold
        contact = self._contacts[nodes]
        unsure = bool((binary_dilation(contact, np.ones((3, 3))) & border).any())
        border &= ~contact
        value = np.where(border[..., None], u[nodes], self._adjoints.prescribed[nodes])
        line = self._lines[nodes]
        value = np.where(np.isnan(value) & ~border[..., None], line, value)
        fixed = np.isfinite(value) | border[..., None]
        value = np.nan_to_num(value)
        ring = np.argwhere(border)

        after = self._solved(new, fixed, value, ring)
        if after is None:
            return None
        before = self._solved(old, fixed, value, ring) if unsure else self._known(old, nodes, ring)
        if before is None:
            return None
        corner = np.array([r0 * side, c0 * side])
        change = -self._adjoints.moved_by(corner + ring, after[0] - before[0])
        inside = self._fits(after[1], r0, r1, c0, c1) - self._fits(before[1], r0, r1, c0, c1)
        macro = slice(r0, r1 + 1), slice(c0, c1 + 1)
        if not np.isfinite(inside[self._problem.wanted[macro]]).all():
            return None  # a target would lose all solid around it
        seen = np.zeros_like(self._response.displacement)
        seen[macro] = np.nan_to_num(inside)
        return np.asarray(change + seen[self._problem.wanted])

    def _solved(
        self, solid: BoolArray, fixed: BoolArray, value: FloatArray, ring: IntArray
    ) -> tuple[FloatArray, FloatArray] | None:
        """Forces on the ring's nodes and displacement; None if the stiffness is singular."""
        solid = _held_parts(solid, fixed)
        code = node_codes(solid)
        dof, unknowns = number_free(code, fixed)
        field, solution = np.where(fixed, value, 0.0), np.zeros(unknowns)
        if unknowns:
            load = -nodal_forces(code, dof, self._stencil, field, solution)[0]
            try:
                with Multifrontal(code, dof, self._stencil) as factor:
                    solution = factor.solve(load)
            except np.linalg.LinAlgError:
                return None
        force = forces_on(code, dof, self._stencil, field, solution, ring)
        spread(code, dof, solution, field)
        return force, field

    def _known(
        self, solid: BoolArray, nodes: tuple[slice, slice], ring: IntArray
    ) -> tuple[FloatArray, FloatArray]:
        """The same from the body's solution."""
        field = self._response.nodal_displacement[nodes]
        nothing, known = np.full(field.shape, -1, np.int32), np.nan_to_num(field)
        code = node_codes(solid)
        return forces_on(code, nothing, self._stencil, known, np.zeros(0), ring), field

    def _fits(self, field: FloatArray, r0: int, r1: int, c0: int, c1: int) -> FloatArray:
        """Affine fits at the window's macro nodes, with the body outside at rest."""
        side, u = self._adjoints.side, self._response.nodal_displacement
        t0, t1 = max(r0 - 1, 0), min(r1 + 1, self._problem.rows)
        l0, l1 = max(c0 - 1, 0), min(c1 + 1, self._problem.cols)
        around = u[t0 * side : t1 * side + 1, l0 * side : l1 * side + 1].copy()
        around[(r0 - t0) * side : (r1 - t0) * side + 1, (c0 - l0) * side : (c1 - l0) * side + 1] = (
            field
        )
        fits = macro_displacement(np.nan_to_num(around), np.isfinite(around[..., 0]), side)
        return fits[r0 - t0 : r1 - t0 + 1, c0 - l0 : c1 - l0 + 1]


def _held_parts(solid: BoolArray, fixed: BoolArray) -> BoolArray:
    """Parts without a rigid motion; the others float inside the window or hang on a point."""
    parts, count = label(solid)
    return np.asarray(held(parts, count, np.argwhere(fixed))[parts])
