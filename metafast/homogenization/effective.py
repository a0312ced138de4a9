"""Effective stiffness of batches of pixel cells (section 3.2).

One bilinear Q4 element per pixel, periodic boundary conditions, three unit strains. Cells that are
mirror-symmetric about both axes are solved on their upper left quarter, the others whole.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from metafast._base.checks import require_cells, require_threads
from metafast._base.progress import Progress, silent
from metafast._base.typing import ByteArray, FloatArray
from metafast.homogenization.engine import effective
from metafast.homogenization.parts import block_pixels, require_refine, solved_blocks, two_wide
from metafast.material import Material
from metafast.phases import Phases, require_phases


def homogenize(
    cells: Any,
    phases: Phases | Material | None = None,
    *,
    refine: int = 1,
    threads: int | None = None,
    client: Any = None,
    progress: Progress = silent,
) -> FloatArray:
    """Effective stiffness of periodic cells.

    Equal to a sparse direct solution in float64 within 1e-10 of E, the same to the last bit for any
    number of threads, any neighbours in the batch, and with or without `client`.

    Parameters
    ----------
    cells : (n, h, w) array, or (h, w) for one cell
        Binary pixels, 1 = solid, row 0 at the top; up to 512 elements a side. With a `client`
        anything with ``shape`` that can be sliced, such as a memory map or an HDF5 data set.
    phases : Phases or Material, optional
        What solid and void pixels are made of; E = 1, nu = 0.49, plane stress and void at 1e-9 by
        default. A material alone is the solid.
    refine : int
        Elements per pixel side. One is stiff: C11 by 0.3-2 %, C33 by 1.4-9 %, against two.
    threads : int, optional
        Threads; all available by default. With a `client`, threads of each worker's task, 1 by
        default.
    client : dask.distributed.Client, optional
        Spread the cells over its workers (extra ``cluster``); a few chunks are under way at a time,
        so `cells` need not fit into memory.
    progress : callable, optional
        Called as ``progress("homogenizing", cells done, cells in all)``.

    Returns
    -------
    (n, 3, 3) array
        Stiffness in Voigt order (11, 22, 12) with engineering shear, in the units of E.

    Raises
    ------
    ValueError
        If the cells are not a batch of binary pixels or an option is out of range.
    MemoryError
        If not even one group of cells fits into memory.
    """
    if client is not None:
        from metafast.homogenization.distributed import homogenize_distributed

        return homogenize_distributed(cells, phases, refine, threads, client, progress)
    phases = require_phases(phases)
    cells = require_cells(cells)
    refine = require_refine(cells.shape, refine)
    cells = two_wide(cells)
    threads = require_threads(threads)
    result = np.empty((len(cells), 3, 3))
    before = 0
    for members, kind, block in solved_blocks(cells, threads):
        pixels = block_pixels(cells, members, block)

        def done(count: int, before: int = before) -> None:
            progress("homogenizing", before + count, len(cells))

        result[members] = effective(pixels, kind, refine, phases, threads, done)
        before += len(members)
    return result


def homogenize_quarters(quarters: ByteArray, phases: Phases, threads: int | None) -> FloatArray:
    """Effective stiffness (n, 3, 3) of the mirror-symmetric cells of upper left quarters (n, r, c),
    the same as that of the whole cells."""

    def done(_count: int) -> None:
        """Nobody waits for parts."""

    return effective(quarters, "quarter", 1, phases, require_threads(threads), done)


def properties_of(stiffness: FloatArray) -> FloatArray:
    """Property vectors (n, 4) = (C11, C12, C22, C33) of stiffness matrices (n, 3, 3)."""
    c = np.asarray(stiffness)
    if c.ndim != 3 or c.shape[1:] != (3, 3):
        raise ValueError(f"stiffness has shape {c.shape}; (n, 3, 3) is needed")
    return np.stack([c[:, 0, 0], c[:, 0, 1], c[:, 1, 1], c[:, 2, 2]], axis=1)
