"""Homogenization of batches that outgrow a machine, over the workers of a Dask client.

Cells are read, checked, packed to bits and sent a chunk at a time; as many chunks as keep all
workers busy are under way. A chunk whose worker dies is computed again by another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from metafast._base.checks import require_cells, require_count
from metafast._base.cluster import require_client
from metafast._base.progress import Progress
from metafast._base.typing import ByteArray, FloatArray
from metafast.homogenization.parts import require_refine
from metafast.material import Material
from metafast.phases import Phases, require_phases

_AHEAD = 2  # chunks for each thread of the cluster
_CHUNK_PIXELS = 20_000_000


def homogenize_distributed(
    cells: Any,
    phases: Phases | Material | None,
    refine: int,
    threads: int | None,
    client: Any,
    progress: Progress,
) -> FloatArray:
    """Effective stiffness (n, 3, 3) of cells (n, h, w); the arguments are those of `homogenize`.

    Workers need metafast. Where there are none yet it waits for the first.
    """
    client = require_client(client)
    from distributed import as_completed

    phases = require_phases(phases)
    threads = 1 if threads is None else require_count("threads", threads)
    if not hasattr(cells, "shape"):
        cells = require_cells(cells)
    if len(cells.shape) == 2:
        cells = require_cells(cells[:])
    if len(cells.shape) != 3 or 0 in cells.shape:
        raise ValueError(f"cells have shape {tuple(cells.shape)}; non-empty (n, h, w) is needed")
    n, h, w = cells.shape
    refine = require_refine(cells.shape, refine)
    result = np.empty((n, 3, 3))
    ahead = _AHEAD * max(sum(client.nthreads().values()), 1)
    chunks = _chunks(cells, n, max(1, _CHUNK_PIXELS // (h * w * refine * refine)))
    finished = 0
    waiting: dict[Any, slice] = {}
    done: Any = as_completed()  # type: ignore[no-untyped-call]
    try:
        while True:
            for part, packed in chunks:
                future = client.submit(
                    _homogenize_chunk, packed, (h, w), phases, refine, threads, pure=False
                )
                waiting[future] = part
                done.add(future)
                if len(waiting) >= ahead:
                    break
            if not waiting:
                return result
            future = next(done)
            part = waiting.pop(future)
            result[part] = future.result()
            finished += part.stop - part.start
            progress("homogenizing", finished, n)
    finally:
        client.cancel(list(waiting))


def _chunks(cells: Any, n: int, size: int) -> Iterator[tuple[slice, ByteArray]]:
    """Checked cells, packed to bits, a chunk at a time."""
    for start in range(0, n, size):
        part = slice(start, min(start + size, n))
        try:
            pixels = require_cells(np.asarray(cells[part]))
        except ValueError as error:
            raise ValueError(f"in cells[{part.start}:{part.stop}]: {error}") from None
        yield part, np.packbits(pixels.reshape(len(pixels), -1), axis=1)


def _homogenize_chunk(
    packed: ByteArray, shape: tuple[int, int], phases: Phases, refine: int, threads: int
) -> FloatArray:
    """What a worker does with one chunk."""
    from metafast.homogenization.effective import homogenize

    pixels = np.unpackbits(packed, axis=1, count=shape[0] * shape[1]).reshape(-1, *shape)
    return homogenize(
        pixels,
        phases,
        refine=refine,
        threads=threads,
    )
