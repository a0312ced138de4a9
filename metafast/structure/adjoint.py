"""How a force on the body moves the targets: one adjoint solution per target displacement.

A target is the affine fit to the solid nodes around a macro node, a weighted sum ``w . u`` of their
displacements. ``K lambda = w`` gives its adjoint field: a force f anywhere moves the target by
``lambda . f``. The fields are kept on the borders of the cells only, where `window` asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from metafast._base.typing import AnyArray, ByteArray, FloatArray
from metafast.problems.problem import Problem
from metafast.structure.nodes import copies, corner_contacts, number, spread
from metafast.structure.readout import readout_weights


class Solver(Protocol):
    """A factor: its size, and solutions (n, k) for k right-hand sides."""

    size: int

    def solve(self, rhs: FloatArray) -> FloatArray:
        """Solution of all columns."""
        ...


@dataclass(frozen=True, eq=False)
class TargetAdjoints:
    """Adjoint fields of the t targets on the borders of the cells.

    Attributes
    ----------
    rows : (t, rows+1, nx+1, 2) array
        On the node rows between cells.
    cols : (t, ny+1, cols+1, 2) array
        On the node columns between cells.
    prescribed : (ny+1, nx+1, 2) array
        Displacement where it is prescribed to a node of the body, NaN elsewhere.
    side : int
        Pixels per cell side.
    """

    COLUMNS: ClassVar[int] = 16  # right-hand sides solved together; more take memory

    rows: FloatArray
    cols: FloatArray
    prescribed: FloatArray
    side: int

    @staticmethod
    def empty(problem: Problem, side: int, prescribed: FloatArray) -> TargetAdjoints:
        """Room for the fields."""
        targets = int(problem.wanted.sum())
        ny, nx, _ = prescribed.shape
        rows = np.zeros((targets, problem.rows + 1, nx, 2))
        return TargetAdjoints(rows, np.zeros((targets, ny, problem.cols + 1, 2)), prescribed, side)

    def fill(self, factor: Solver, code: ByteArray, dof: AnyArray, problem: Problem) -> None:
        """Solve for all targets with the factor of the body."""
        wanted = np.argwhere(problem.wanted)
        field = np.zeros((*code.shape, 2))
        twice, active = corner_contacts(code), code != 0
        for start in range(0, len(wanted), self.COLUMNS):
            group = wanted[start : start + self.COLUMNS]
            load = np.zeros((factor.size, len(group)))
            for column, (r, c, p) in enumerate(group):
                i, j, weight = readout_weights(active, self.side, r, c)
                place = dof[i, j, p]
                free = place >= 0
                # where a node has two copies its displacement is their mean
                share = np.where(twice[i, j], 0.5, 1.0) * weight
                load[place[free], column] += share[free]
                for k in np.flatnonzero(free & twice[i, j]):
                    other = number(dof, i[k], j[k], p, copies(code[i[k], j[k]]) - 1)
                    load[other, column] += share[k]
            solution = factor.solve(load)
            for column in range(len(group)):
                field[:] = 0.0
                spread(code, dof, np.ascontiguousarray(solution[:, column]), field)
                self.rows[start + column] = np.nan_to_num(field[:: self.side])
                self.cols[start + column] = np.nan_to_num(field[:, :: self.side])
            del load, solution  # before the next ones are made

    def workspace(self, unknowns: int) -> int:
        """Bytes that `fill` takes beside the factor: loads, their solutions, and the fields."""
        columns = min(self.COLUMNS, len(self.rows))
        return 2 * 8 * unknowns * columns + self.rows.nbytes + self.cols.nbytes

    def moved_by(self, nodes: AnyArray, force: FloatArray) -> FloatArray:
        """Displacement (t,) of the targets by forces (m, 2) on border nodes (m, 2)."""
        i, j = nodes.T
        on_row = i % self.side == 0
        by_row = self.rows[:, i[on_row] // self.side, j[on_row]]
        rest = ~on_row
        by_column = self.cols[:, i[rest], j[rest] // self.side]
        along = np.einsum("tnp,np->t", by_row, force[on_row])
        return np.asarray(along + np.einsum("tnp,np->t", by_column, force[rest]))
