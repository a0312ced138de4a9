"""Rectangle of cells within a body, with the indices of its pixels and nodes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metafast._base.typing import IntArray


class CellRectangle(NamedTuple):
    """A rectangle of cells: rows r0 .. r1-1, columns c0 .. c1-1, `side` pixels each."""

    r0: int
    r1: int
    c0: int
    c1: int
    side: int

    def grown(self, rows: int, cols: int) -> CellRectangle:
        """The rectangle with one cell more on every side, within a body of rows x cols cells."""
        r0, c0 = max(self.r0 - 1, 0), max(self.c0 - 1, 0)
        return CellRectangle(r0, min(self.r1 + 1, rows), c0, min(self.c1 + 1, cols), self.side)

    @property
    def corner(self) -> IntArray:
        """Pixel node (i, j) of the upper left corner."""
        return np.array([self.r0 * self.side, self.c0 * self.side])

    @property
    def pixels(self) -> tuple[slice, slice]:
        """Index of the rectangle's pixels in the body's."""
        rows = slice(self.r0 * self.side, self.r1 * self.side)
        return rows, slice(self.c0 * self.side, self.c1 * self.side)

    @property
    def nodes(self) -> tuple[slice, slice]:
        """Index of the rectangle's pixel nodes in the body's, both ends included."""
        rows = slice(self.r0 * self.side, self.r1 * self.side + 1)
        return rows, slice(self.c0 * self.side, self.c1 * self.side + 1)

    @property
    def macro(self) -> tuple[slice, slice]:
        """Index of the rectangle's macro nodes in the body's."""
        return slice(self.r0, self.r1 + 1), slice(self.c0, self.c1 + 1)
