"""Pixels of a structure: cells laid out on a grid."""

from __future__ import annotations

import numpy as np

from metafast._base.checks import (
    as_array,
    require_cells,
)
from metafast._base.memory import require_memory
from metafast._base.typing import ByteArray, IntArray


def tile(cells: ByteArray, arrangement: IntArray) -> ByteArray:
    """Lay cells out as the pixels of a structure: ``cells[arrangement[r, c]]`` stands at (r, c).

    Parameters
    ----------
    cells : (n, h, w) array
    arrangement : (rows, cols) int array
        Index into `cells`; row 0 at the top.

    Returns
    -------
    (rows*h, cols*w) array

    Raises
    ------
    ValueError
        If there is no such cell.

    Examples
    --------
    >>> void, solid = np.zeros((2, 2)), np.ones((2, 2))
    >>> mf.tile([void, solid], [[0, 1]])
    array([[0, 0, 1, 1],
           [0, 0, 1, 1]], dtype=uint8)
    """
    cells, arrangement = require_cells(cells), as_array("arrangement", arrangement)
    if cells.ndim != 3 or arrangement.ndim != 2 or arrangement.dtype.kind not in "iu":
        raise ValueError(
            f"cells have shape {cells.shape} and arrangement {arrangement.shape} "
            f"({arrangement.dtype}); (n, h, w) and whole numbers (rows, cols) are needed"
        )
    if arrangement.size and not (arrangement.min() >= 0 and arrangement.max() < len(cells)):
        raise ValueError(
            f"arrangement reaches from {arrangement.min()} to {arrangement.max()}; there are "
            f"{len(cells)} cells, counted from 0"
        )
    rows, cols = arrangement.shape
    require_memory(arrangement.size * cells[0].size, "the pixels", "lay out fewer cells")
    _, h, w = cells.shape
    blocks = cells[arrangement]
    return np.ascontiguousarray(blocks.transpose(0, 2, 1, 3).reshape(rows * h, cols * w))
