"""Sheets of single cells, laid out in rows with void between them."""

from __future__ import annotations

from typing import Any

import numpy as np

from metafast._base.checks import require_cells, require_count
from metafast._base.typing import ByteArray


def cell_sheet(cells: Any, columns: int | None = None, gap: int | None = None) -> ByteArray:
    """Lay cells out on one picture, from the top left, row by row.

    Parameters
    ----------
    cells : (n, h, w) binary array
        A single cell (h, w) is returned as it is.
    columns : int, optional
        Cells in a row; by default as many as there are rows, or one more.
    gap : int, optional
        Void pixels between neighbours; a fifth of a cell by default.

    Returns
    -------
    (ny, nx) array

    Raises
    ------
    ValueError
        If the cells are not binary, or a number is too small.
    """
    batch = require_cells(cells)
    count, h, w = batch.shape
    columns = int(np.ceil(np.sqrt(count))) if columns is None else require_count("columns", columns)
    columns = min(columns, count)
    gap = max(1, max(h, w) // 5) if gap is None else require_count("gap", gap, 0)
    rows = -(-count // columns)
    sheet = np.zeros((rows * (h + gap) - gap, columns * (w + gap) - gap), dtype=np.uint8)
    for number, cell in enumerate(batch):
        r, c = divmod(number, columns)
        sheet[r * (h + gap) : r * (h + gap) + h, c * (w + gap) : c * (w + gap) + w] = cell
    return sheet
