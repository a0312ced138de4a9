"""Cells as they were read, with what was taken for what."""

from __future__ import annotations

from dataclasses import dataclass

from metafast._base.html import cell_table, spread, titled
from metafast._base.typing import ByteArray, FloatArray


@dataclass(frozen=True, eq=False, repr=False)
class ReadCells:
    """Cells of a file or a folder.

    Attributes
    ----------
    cells : (n, h, w) uint8 array
        1 = solid, row 0 at the top.
    labels : (n, 3), (n, 4) or (n, 6) array, or None
        C11, C12, C22 and, if given, C33, or C33, C13 and C23, from the file; NaN where unknown.
    names : tuple of str
        Name of the file of each cell, if they come from a folder; otherwise empty.
    notes : tuple of str
        What was taken for what, where the file leaves a choice; one line each.
    """

    cells: ByteArray
    labels: FloatArray | None
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.cells)

    def __repr__(self) -> str:
        n, h, w = self.cells.shape
        labelled = "" if self.labels is None else f", labels {self.labels.shape}"
        notes = "".join(f"; {note}" for note in self.notes)
        return f"ReadCells({n} cells of {h}x{w} pixels{labelled}{notes})"

    def _repr_html_(self) -> str:
        shown = spread(len(self))
        names = [self.names[k] if self.names else str(k) for k in shown]
        return titled(repr(self), cell_table(self.cells[shown], {"cell": names}))
