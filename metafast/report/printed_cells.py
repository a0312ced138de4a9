"""Cells of a body as they are printed: properties, and mismatch across the sides they share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metafast._base.progress import Progress, silent
from metafast._base.typing import BoolArray, ByteArray, FloatArray, IntArray
from metafast.assembly.body_cells import shared_sides
from metafast.assembly.boundary import incompatibility_tables
from metafast.homogenization import boundary_tractions, homogenize, properties_of
from metafast.phases import Phases


class PrintedCells(NamedTuple):
    """Cells of a body cut from its pixels, with the bars that join sides, each once.

    Attributes
    ----------
    distinct : (n, p, p) array
    place : (rows, cols) int array
        Index into `distinct`; -1 where a cell is absent.
    """

    distinct: ByteArray
    place: IntArray

    @staticmethod
    def of(pixels: ByteArray, present: BoolArray) -> PrintedCells:
        """Cut pixels (rows*p, cols*p) of a body with the given cells (rows, cols)."""
        rows, cols = present.shape
        p = pixels.shape[0] // rows
        cells = pixels.reshape(rows, p, cols, p).swapaxes(1, 2)[present]
        each, inverse = np.unique(cells.reshape(len(cells), -1), axis=0, return_inverse=True)
        place = np.full((rows, cols), -1)
        place[present] = inverse.ravel()
        return PrintedCells(each.reshape(-1, p, p), place)

    def properties(
        self, phases: Phases, *, threads: int | None = None, progress: Progress = silent
    ) -> FloatArray:
        """C11, C12, C22, C33 (rows, cols, 4) of the cells; NaN where one is absent."""
        found = homogenize(self.distinct, phases, threads=threads, progress=progress)
        own = np.full((*self.place.shape, 4), np.nan)
        present = self.place >= 0
        own[present] = properties_of(found)[self.place[present]]
        return own

    def mismatch(
        self, phases: Phases, *, threads: int | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Mismatch theta^G + theta^M (Eq. 17) across the sides of neighbouring cells.

        Returns
        -------
        across : (rows, cols-1) array
            Of cell (r, c) and its right neighbour; NaN where either is absent.
        down : (rows-1, cols) array
            Of cell (r, c) and the one below.
        """
        tables = incompatibility_tables(
            np.maximum(self.place, 0)[..., None],
            self.distinct,
            boundary_tractions(self.distinct, phases, threads=threads),
            threads=threads,
        )
        sides = tables.horizontal[..., 0, 0], tables.vertical[..., 0, 0]
        shared = shared_sides(self.place >= 0)
        across, down = (
            np.where(both, side, np.nan) for both, side in zip(shared, sides, strict=True)
        )
        return across, down
