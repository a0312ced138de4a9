"""Mirror symmetry of cells: detection, and whole cells from their upper left quarters."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from metafast._base.checks import require_threads
from metafast._base.jit import jit, numba_threads
from metafast._base.typing import AnyArray, BoolArray


def is_mirror_symmetric(cells: Any, threads: int | None = None) -> BoolArray:
    """Whether each cell (n, h, w) is its own mirror image about both axes, shape (n,)."""
    cells = np.ascontiguousarray(cells).view()
    cells.setflags(write=False)  # numba compiles for read-only arrays apart
    result = np.empty(len(cells), dtype=np.bool_)
    with numba_threads(require_threads(threads)):
        _compare_mirrors(cells, result)
    return result


@jit(parallel=True)
def _compare_mirrors(cells: AnyArray, result: BoolArray) -> None:
    """The rule of `is_mirror_symmetric`; a row's pixels are compared without a branch."""
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


def mirror(quarters: AnyArray) -> AnyArray:
    """Whole cells (n, 2r, 2c) of upper left quarters (n, r, c)."""
    upper = np.concatenate([quarters, quarters[:, :, ::-1]], axis=2)
    return np.concatenate([upper, upper[:, ::-1]], axis=1)
