"""Mirror symmetry of cells: detection, upper left quarters, and whole cells from quarters."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from metafast._base.checks import require_threads
from metafast._base.jit import jit, numba_threads
from metafast._base.typing import AnyArray, BoolArray


def is_mirror_symmetric(cells: Any, threads: int | None = None) -> BoolArray:
    """Whether each cell (n, h, w) is its own mirror image about both axes, shape (n,)."""
    cells = np.asarray(cells)
    if cells.dtype.itemsize > 1:
        same = (cells == cells[:, ::-1]) & (cells == cells[:, :, ::-1])
        return np.asarray(same.all(axis=(1, 2)))
    cells = np.ascontiguousarray(cells).view(np.uint8)
    cells.setflags(write=False)  # numba compiles for writable and for read-only arrays
    result = np.empty(len(cells), dtype=np.bool_)
    with numba_threads(require_threads(threads)):
        _compare_mirrors(cells, result)
    return result


@jit(parallel=True)
def _compare_mirrors(cells: AnyArray, result: BoolArray) -> None:
    """Compare every pixel with its mirror images, without a branch within a row."""
    n, h, w = cells.shape
    for k in prange(n):
        different = False
        for r in range((h + 1) // 2):
            row, mirror = cells[k, r], cells[k, h - 1 - r]
            for c in range(w):
                different |= row[c] != mirror[c]
            for c in range(w // 2):
                different |= row[c] != row[w - 1 - c]
            if different:
                break
        result[k] = not different


def quarter(cells: AnyArray) -> AnyArray:
    """Upper left quarters (n, h/2, w/2) of cells (n, h, w) with even sides, a view."""
    _, h, w = cells.shape
    return cells[:, : h // 2, : w // 2]


def mirror(quarters: AnyArray) -> AnyArray:
    """Whole cells (n, 2r, 2c) of upper left quarters (n, r, c)."""
    upper = np.concatenate([quarters, quarters[:, :, ::-1]], axis=2)
    return np.concatenate([upper, upper[:, ::-1]], axis=1)
