"""A strip of solid across sides where no pixel of one cell meets one of the other."""

from __future__ import annotations

import numpy as np

from metafast._base.checks import require_count
from metafast._base.typing import BoolArray, ByteArray
from metafast.cells.paths import cheapest_way, largest_piece, two_wide

_SOLID = 1e-3  # length of a step to a pixel that is solid already, beside 1 to a void one


def join_sides(pixels: ByteArray, rows: int, cols: int) -> ByteArray:
    """The structure with a strip across every side that is not joined.

    A strip is the shortest way from the largest piece of one cell to that of the other through
    those two cells, two pixels wide. Sides of a cell that is all void stay as they are.

    Parameters
    ----------
    pixels : (rows*h, cols*w) array
    rows, cols : int
        Cells of the structure.

    Returns
    -------
    (rows*h, cols*w) array
        `pixels` itself if every side is joined.

    Raises
    ------
    ValueError
        If pixels cannot be split into so many cells.
    """
    rows, cols = require_count("rows", rows), require_count("cols", cols)
    shape = np.shape(pixels)
    if len(shape) != 2 or not shape[0] or not shape[1] or shape[0] % rows or shape[1] % cols:
        raise ValueError(
            f"pixels have shape {shape}; a multiple of {rows} rows and of {cols} columns is needed"
        )
    h, w = shape[0] // rows, shape[1] // cols
    above, beside = sides_not_joined(pixels, rows, cols)
    if not (above.any() or beside.any()):
        return pixels
    joined = pixels.copy()
    for r, c in np.argwhere(above):
        _join(joined[r * h : (r + 2) * h, c * w : (c + 1) * w])
    for r, c in np.argwhere(beside):
        _join(joined[r * h : (r + 1) * h, c * w : (c + 2) * w].T)
    return joined


def sides_not_joined(pixels: ByteArray, rows: int, cols: int) -> tuple[BoolArray, BoolArray]:
    """Sides across which no solid pixel meets another.

    Returns
    -------
    above : (rows-1, cols) bool array
        Cell (r, c) and the one below.
    beside : (rows, cols-1) bool array
        Cell (r, c) and the one to its right.
    """
    h, w = pixels.shape[0] // rows, pixels.shape[1] // cols
    solid = pixels > 0
    above = solid[h - 1 : -1 : h] & solid[h::h]
    beside = solid[:, w - 1 : -1 : w] & solid[:, w::w]
    return (
        np.asarray(~above.reshape(rows - 1, cols, w).any(axis=2)),
        np.asarray(~beside.reshape(rows, h, cols - 1).any(axis=1)),
    )


def _join(pair: ByteArray) -> None:
    """Join the upper half of `pair` to the lower one, in place."""
    half = pair.shape[0] // 2
    solid = pair > 0
    upper, lower = np.zeros_like(solid), np.zeros_like(solid)
    upper[:half], lower[half:] = largest_piece(solid[:half]), largest_piece(solid[half:])
    if upper.any() and lower.any():
        way = cheapest_way(np.where(solid, _SOLID, 1.0), upper, lower)
        pair[two_wide(way & ~solid, solid)] = 1
