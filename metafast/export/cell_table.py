"""CSV files of the cells of a structure: place, database row, properties, wanted and own."""

from __future__ import annotations

import csv
import os

import numpy as np

from metafast._base.files import atomic_write
from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.properties import PROPERTIES


def write_cell_table(
    path: str | os.PathLike[str],
    rows: IntArray,
    present: BoolArray,
    wanted: FloatArray,
    own: FloatArray,
    unit: str,
) -> None:
    """Write one line for each cell that is there, row by row from the top left.

    Parameters
    ----------
    path : path
    rows : (rows, cols) int array
        Rows of the database; -1, and an empty entry, where a cell is not from one.
    present : (rows, cols) bool array
    wanted, own : (rows, cols, 4) arrays
        C11, C12, C22 and C33.
    unit : str
        Unit of the properties, for the heading.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    heading = ["row (0 = top)", "column (0 = left)", "database row"]
    heading += [f"{kind} {name} [{unit}]" for kind in ("own", "wanted") for name in PROPERTIES]
    with atomic_write(path) as partial, partial.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(heading)
        for r, c in np.argwhere(present).tolist():
            row = int(rows[r, c])
            numbers = np.concatenate([own[r, c], wanted[r, c]]).tolist()
            table.writerow([r, c, row if row >= 0 else "", *map(repr, numbers)])
