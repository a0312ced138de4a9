"""Bars of solid across open sides, where no solid pixel of one cell meets one of the other."""

from __future__ import annotations

import numpy as np

from metafast._base.checks import (
    require_cells,
    require_count,
)
from metafast._base.typing import BoolArray, ByteArray
from metafast.cells.paths import cheapest_way, largest_piece, two_wide

_SOLID = 1e-3  # length of a step to a solid pixel; a step to a void pixel has length 1


def join_sides(pixels: ByteArray, rows: int, cols: int) -> ByteArray:
    """Add a bar of solid across every open side of a structure.

    A bar is the shortest path from the largest piece of one cell to the largest piece of the
    other, through those two cells and two pixels wide. Sides of an all-void cell stay open.

    Parameters
    ----------
    pixels : (rows*h, cols*w) array
        1 = solid, row 0 at the top.
    rows, cols : int
        Number of cells of the structure.

    Returns
    -------
    (rows*h, cols*w) array
        `pixels` itself if no side is open.

    Raises
    ------
    ValueError
        If the pixels cannot be split into that many cells.
    """
    rows, cols = require_count("rows", rows), require_count("cols", cols)
    image = require_cells(pixels)[0]
    if np.ndim(pixels) == 2 and np.asarray(pixels).dtype != np.uint8:
        pixels = image
    shape = np.shape(pixels)
    if len(shape) != 2 or not shape[0] or not shape[1] or shape[0] % rows or shape[1] % cols:
        raise ValueError(
            f"pixels have shape {shape}; a multiple of {rows} rows and of {cols} columns is "
            "needed: check the number of cells and whether rows and columns are swapped"
        )
    h, w = shape[0] // rows, shape[1] // cols
    across, down = open_sides(pixels, rows, cols)
    if not (across.any() or down.any()):
        return pixels
    joined = pixels.copy()
    for r, c in np.argwhere(down):
        _join(joined[r * h : (r + 2) * h, c * w : (c + 1) * w])
    for r, c in np.argwhere(across):
        _join(joined[r * h : (r + 1) * h, c * w : (c + 2) * w].T)
    return joined


def open_sides(pixels: ByteArray, rows: int, cols: int) -> tuple[BoolArray, BoolArray]:
    """Open sides of a structure: no solid pixel of one cell meets a solid pixel of the other.

    Returns
    -------
    across : (rows, cols-1) bool array
        Side of cell (r, c) and the cell to its right.
    down : (rows-1, cols) bool array
        Side of cell (r, c) and the cell below.
    """
    h, w = pixels.shape[0] // rows, pixels.shape[1] // cols
    solid = pixels > 0
    across = solid[:, w - 1 : -1 : w] & solid[:, w::w]
    down = solid[h - 1 : -1 : h] & solid[h::h]
    return (
        np.asarray(~across.reshape(rows, h, cols - 1).any(axis=1)),
        np.asarray(~down.reshape(rows - 1, cols, w).any(axis=2)),
    )


def _join(pair: ByteArray) -> None:
    """Join the upper half of `pair` to the lower half, in place."""
    half = pair.shape[0] // 2
    solid = pair > 0
    upper, lower = np.zeros_like(solid), np.zeros_like(solid)
    upper[:half], lower[half:] = largest_piece(solid[:half]), largest_piece(solid[half:])
    if upper.any() and lower.any():
        path = cheapest_way(np.where(solid, _SOLID, 1.0), upper, lower)
        pair[two_wide(path & ~solid, solid)] = 1
