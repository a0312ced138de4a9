"""Least widths of an assembled picture: solid that is added where solid or void is too narrow.

Cells keep their least widths by themselves; where unlike cells meet, narrow gaps, thin members and
corner contacts arise. Solid is only added, so that nothing comes apart and the passes end. All
rules are those of mirror images too.
"""

from __future__ import annotations

import numpy as np

from metafast._base.checks import require_count
from metafast._base.typing import BoolArray, ByteArray
from metafast.cells.widths import narrower


def widened(pixels: ByteArray, width: int, free: BoolArray | None = None) -> ByteArray:
    """Add solid until solid and void are as wide as they should be, without corner contacts.

    In each pass narrow void is filled, also that of corner contacts, and each narrow solid pixel
    grows to the squares over it that have most solid already.

    Parameters
    ----------
    pixels : (ny, nx) array
        1 = solid, row 0 at the top; what lies outside is void.
    width : int
        Least width in pixels; 1 fills corner contacts only, 0 leaves the pixels as they are.
    free : (ny, nx) bool array, optional
        Pixels that may become solid; all by default. Others can keep a place narrow.

    Returns
    -------
    (ny, nx) array
        `pixels` itself if nothing is added.

    Raises
    ------
    ValueError
        If the width is no whole number of at least 0, or wider than the picture.
    """
    width = require_count("minimum_width", width, 0)
    if width > min(pixels.shape):
        ny, nx = pixels.shape
        raise ValueError(f"minimum_width is {width} pixels; the picture has {ny} x {nx}")
    if width == 0:
        return pixels
    solid = pixels > 0
    may = np.ones(solid.shape, dtype=bool) if free is None else free
    while True:
        added = _in_contacts(solid) | (narrower(~solid, width, True) if width > 1 else False)
        added &= may & ~solid
        if not added.any() and width > 1:
            added = _thicker(solid, width, may)
        if not added.any():
            break
        solid = solid | added
    return pixels if (solid == (pixels > 0)).all() else solid.astype(pixels.dtype)


def _in_contacts(solid: BoolArray) -> BoolArray:
    """Void pixels (ny, nx) at nodes where two solid pixels touch only in a corner."""
    a, b, c, d = solid[:-1, :-1], solid[:-1, 1:], solid[1:, :-1], solid[1:, 1:]
    board = (a == d) & (b == c) & (a != b)
    found = np.zeros_like(solid)
    for rows in (slice(None, -1), slice(1, None)):
        for cols in (slice(None, -1), slice(1, None)):
            found[rows, cols] |= board
    return found & ~solid


def _thicker(solid: BoolArray, width: int, may: BoolArray) -> BoolArray:
    """Void pixels (ny, nx) that the squares over narrow solid pixels need."""
    added = np.zeros_like(solid)
    last = solid.shape[0] - width, solid.shape[1] - width
    usable = solid | may
    for r, c in np.argwhere(narrower(solid, width, False)):
        squares = [
            np.s_[i : i + width, j : j + width]
            for i in range(max(0, r - width + 1), min(r, last[0]) + 1)
            for j in range(max(0, c - width + 1), min(c, last[1]) + 1)
        ]
        have = [int(solid[square].sum()) if usable[square].all() else -1 for square in squares]
        for square, count in zip(squares, have, strict=True):
            if count == max(have) >= 0:
                added[square] = True
    return added & ~solid
