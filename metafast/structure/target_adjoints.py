"""Adjoint fields of the target displacements: sensitivity of each target to forces on the body.

A target is the affine fit to the solid nodes around a macro node, a weighted sum ``w . u`` of their
displacements. ``K lambda = w`` gives its adjoint field: a force f anywhere moves the target by
``lambda . f``. The fields are kept on the borders of the cells only, for `swap_window`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from metafast._base.typing import AnyArray, FloatArray
from metafast.problems.problem import Problem
from metafast.problems.symmetry import Symmetry, target_images
from metafast.structure.loads import free_entries, springs_of
from metafast.structure.nodes import spread
from metafast.structure.readout import readout_weights
from metafast.structure.system import PixelSystem


class Solver(Protocol):
    """A factor: its size n, and solutions (n, k) for k right-hand sides."""

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
        Fields on the node rows between cells.
    cols : (t, ny+1, cols+1, 2) array
        Fields on the node columns between cells.
    prescribed : (ny+1, nx+1, 2) array
        Displacement where it is prescribed to a node of the body, NaN elsewhere.
    side : int
        Pixels per cell side.
    springs : (t, s) array
        Fields at the ends of the springs, in the order of `springs_of`.
    """

    COLUMNS: ClassVar[int] = 16  # right-hand sides solved together; more take more memory

    rows: FloatArray
    cols: FloatArray
    prescribed: FloatArray
    side: int
    springs: FloatArray

    @staticmethod
    def empty(problem: Problem, side: int, prescribed: FloatArray) -> TargetAdjoints:
        """Fields of zeros, for `fill`."""
        targets = int(problem.wanted.sum())
        ny, nx, _ = prescribed.shape
        rows = np.zeros((targets, problem.rows + 1, nx, 2))
        cols = np.zeros((targets, ny, problem.cols + 1, 2))
        springs = np.zeros((targets, len(springs_of(problem))))
        return TargetAdjoints(rows, cols, prescribed, side, springs)

    def fill(
        self,
        factor: Solver,
        system: PixelSystem,
        problem: Problem,
        symmetry: Symmetry | None = None,
    ) -> None:
        """Solve for all targets with the factor of the body.

        With mirrors, the factor gives the symmetric part of each field, and that of the image of a
        target is the same but for its sign. Of a force in all images of a place alike, every field
        tells what the symmetric parts do.
        """
        targets = np.argwhere(problem.wanted)
        symmetry = symmetry or Symmetry()
        images, signs = zip(*(target_images(problem, *m) for m in symmetry.mirrors), strict=True)
        first = np.min(images, axis=0)
        solved = np.flatnonzero(first == np.arange(len(first)))
        field = np.zeros((*system.code.shape, 2))
        active = system.code != 0
        ends = [readout_weights(active, self.side, r, c) for r, c, _ in springs_of(problem)]
        for start in range(0, len(solved), self.COLUMNS):
            group = solved[start : start + self.COLUMNS]
            load = np.zeros((factor.size, len(group)))
            for column, (r, c, p) in enumerate(targets[group]):
                i, j, weights = readout_weights(active, self.side, r, c)
                numbers, shares = free_entries(system, i, j, p, weights)
                load[numbers, column] += shares
            solution = factor.solve(load)
            for column, target in enumerate(group):
                field[:] = 0.0
                spread(system, np.ascontiguousarray(solution[:, column]), field)
                self.rows[target] = np.nan_to_num(field[:: self.side])
                self.cols[target] = np.nan_to_num(field[:, :: self.side])
                for k, (i, j, weights) in enumerate(ends):
                    component = springs_of(problem)[k, 2]
                    self.springs[target, k] = weights @ field[i, j, component]
            del load, solution  # free the memory before the next group
        for image, sign in zip(images[1:], signs[1:], strict=True):
            for target in np.flatnonzero((image == first) & (first != np.arange(len(first)))):
                for fields in (self.rows, self.cols):
                    fields[target] = sign[target] * fields[first[target]]

    def workspace(self, unknowns: int) -> int:
        """Bytes that `fill` takes in addition to the factor: loads, solutions and fields."""
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
