"""Pixels inside closed outlines, by the even-odd rule along lines through the pixel centres."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metafast._base.typing import BoolArray, FloatArray


def inside(loops: Sequence[FloatArray], shape: tuple[int, int]) -> BoolArray:
    """Pixels (h, w) whose centre an odd number of outlines surrounds.

    Parameters
    ----------
    loops : sequence of (m, 2) arrays
        Corners of closed outlines, x to the right and y downward, in pixels from the upper left
        corner. The last corner is joined to the first.
    shape : tuple of int
        Rows and columns.
    """
    height, width = shape
    starts = np.concatenate([np.asarray(loop, float) for loop in loops])
    ends = np.concatenate([np.roll(loop, -1, axis=0) for loop in loops])
    centres = np.arange(height) + 0.5
    low, high = np.minimum(starts[:, 1], ends[:, 1]), np.maximum(starts[:, 1], ends[:, 1])
    first, stop = np.searchsorted(centres, low), np.searchsorted(centres, high)  # low <= y < high
    edge = np.repeat(np.arange(len(starts)), stop - first)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(stop - first) - stop, stop - first)
    (x0, y0), (x1, y1) = starts[edge].T, ends[edge].T
    crossing = x0 + (x1 - x0) * (centres[row] - y0) / (y1 - y0)
    column = np.searchsorted(np.arange(width) + 0.5, crossing)  # first centre to the right of it
    toggles = np.zeros((height, width + 1), dtype=np.int64)
    np.add.at(toggles, (row, column), 1)
    return np.asarray(toggles.cumsum(axis=1)[:, :width] % 2 == 1)
