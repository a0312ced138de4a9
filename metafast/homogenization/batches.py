"""Batches of cells that all workers share, in buffers that fit into memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from metafast._base.jit import usable_threads
from metafast._base.memory import available_memory
from metafast._base.typing import AnyArray
from metafast.homogenization.elimination.plan import Plan
from metafast.homogenization.lanes import LANES

_BATCH_WORK = 7.5e9  # multiplications between two checks for Ctrl-C, half a second
_ALWAYS_TRIED = 2**28  # bytes below which free memory is not believed to be the limit


def refined(pixels: AnyArray, refine: int) -> AnyArray:
    """Elements (n, rows * refine * cols * refine) of pixels (n, rows, cols), a new array."""
    if refine > 1:
        pixels = pixels.repeat(refine, axis=1).repeat(refine, axis=2)
    return np.array(pixels.reshape(len(pixels), -1))


def batches(cells: int, plan: Plan, workers: int) -> Iterator[slice]:
    """Batches that all workers share evenly; Python sees Ctrl-C between them."""
    groups = max(1, int(_BATCH_WORK / (plan.multiplications + 1) / LANES / workers))
    step = groups * LANES * workers
    for start in range(0, cells, step):
        yield slice(start, min(start + step, cells))


def affordable_workers(threads: int, cells: int, vectors: int) -> int:
    """Number of workers that have a group each and whose buffers fit into memory."""
    workers = min(usable_threads(threads), -(-cells // LANES))
    free, needed = available_memory(), 8 * LANES * vectors
    if free is not None and needed > max(free, _ALWAYS_TRIED):
        raise MemoryError(
            f"one group of {LANES} cells needs {needed / 2**30:.1f} GiB, but {free / 2**30:.1f} "
            "GiB are free; use smaller cells or a smaller refine, or free memory"
        )
    return workers if free is None else max(1, min(workers, int(free // (needed + 1))))
