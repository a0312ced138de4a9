"""Widths of solid and void in pixels.

A pixel is as wide as the largest square of whole pixels of its kind that covers it; the least width
of a kind is that of its narrowest pixel.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from metafast._base.typing import BoolArray


def least_width_of(kind: BoolArray, outside: bool) -> int:
    """Least width in pixels of the places that are of a kind; the whole picture's without any."""
    most = int(max(kind.shape) if outside else min(kind.shape))
    if not kind.any() or most == 1 or (outside and kind.all()):
        return most
    wide, beyond = 1, 2  # what is covered by squares of a width is so by smaller ones
    while beyond < most and not narrower(kind, beyond, outside).any():
        wide, beyond = beyond, min(2 * beyond, most)
    if beyond == most and not narrower(kind, most, outside).any():
        return most
    while beyond - wide > 1:
        middle = (wide + beyond) // 2
        if narrower(kind, middle, outside).any():
            beyond = middle
        else:
            wide = middle
    return wide


def narrower(kind: BoolArray, width: int, outside: bool) -> BoolArray:
    """Pixels (ny, nx) of a kind that no square of `width` pixels of the kind covers.

    `outside` says whether the surroundings of the picture are of the kind.
    """
    margin = width - 1
    squares = np.pad(kind, margin, constant_values=outside).view(np.uint8)
    behind, ahead = width // 2, (width - 1) // 2
    for axis in (0, 1):  # the pixels around which a square of the kind lies
        squares = minimum_filter1d(squares, width, axis, mode="nearest")
    for axis in (0, 1):  # the pixels that these squares cover: the mirrored window
        squares = maximum_filter1d(squares, width, axis, mode="nearest", origin=ahead - behind)
    inner = slice(margin, -margin or None)
    return np.asarray(kind & (squares[inner, inner] == 0))
