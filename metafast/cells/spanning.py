"""Cells whose solid reaches from side to side, and pixels that touch only at corners."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import label

from metafast._base.typing import BoolArray, ByteArray, IntArray

# neighbours within a cell, none in the next cell of a batch
_WITHIN_A_CELL = np.stack([np.zeros((3, 3)), [[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.zeros((3, 3))])
_CHUNK = 4096  # cells looked at together


def reaches_across(cells: ByteArray) -> BoolArray:
    """Whether solid, joined by edges, reaches from left to right and from bottom to top, (n,)."""
    parts = label(cells, _WITHIN_A_CELL)[0]
    pairs = ((parts[:, :, 0], parts[:, :, -1]), (parts[:, 0], parts[:, -1]))
    return np.array(
        [
            all(np.intersect1d(a[k][a[k] > 0], b[k]).size > 0 for a, b in pairs)
            for k in range(len(cells))
        ]
    )


def corner_contacts(cells: ByteArray) -> IntArray:
    """Number (n,) of corners of each cell at which solid pixels touch and share no edge.

    The neighbours of a cell are cells like itself, so corners on its sides count too.
    """
    counts = np.empty(len(cells), dtype=np.int64)
    for start in range(0, len(cells), _CHUNK):
        here = cells[start : start + _CHUNK]
        right, below = np.roll(here, -1, axis=2), np.roll(here, -1, axis=1)
        across = np.roll(right, -1, axis=1)
        touching = (here == across) & (right == below) & (here != right)
        counts[start : start + _CHUNK] = touching.sum(axis=(1, 2))
    return counts
