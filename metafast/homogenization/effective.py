"""Effective stiffness of batches of pixel cells (section 3.2).

One bilinear Q4 element per pixel, periodic boundary conditions, three unit strains. Cells that are
mirror-symmetric about both axes are solved on their upper left quarter, the others whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from metafast._base.checks import (
    require_cells,
    require_count,
    require_progress,
    require_threads,
)
from metafast._base.cluster import ordered_map, require_client
from metafast._base.progress import Progress, silent
from metafast._base.typing import BoolArray, ByteArray, FloatArray
from metafast.cells.packing import pack, unpack
from metafast.homogenization import engine
from metafast.homogenization.corners import Corners, check_corners, require_corners
from metafast.homogenization.input import require_refine, warn_of_axes
from metafast.homogenization.parts import double_thin_cells, parts
from metafast.material import Material
from metafast.phases import Phases, require_phases

SHEAR_COUPLING = 0.01  # share of the stiffnesses above which C13 and C23 are not small
_CHUNK_PIXELS = 20_000_000  # elements in one task of a worker


def homogenize(
    cells: Any,
    phases: Phases | Material | None = None,
    *,
    refine: int = 1,
    corners: Corners = "carry",
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
        Materials of solid and void pixels; E = 1, nu = 0.49, plane stress and void at 1e-9 by
        default. A material alone is the solid.
    refine : int
        Elements per pixel side. One is stiff: C11 by 0.3-2 %, C33 by 1.4-9 %, against two.
    corners : {"carry", "warn", "refuse"}
        Solid that touches only at corners carries load here, as elements do, and none in a
        structure: say nothing, warn, or refuse such cells (not with a `client`).
    threads : int, optional
        CPU threads; all available by default. With a `client`, threads of each worker's
        task, 1 by default.
    client : dask.distributed.Client, optional
        Spread the cells over its workers (extra ``cluster``), which need metafast too. A few chunks
        are under way at a time, so `cells` need not fit into memory. A worker that dies changes
        nothing.
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

    Warns
    -----
    RuntimeWarning
        If the shape looks like (h, w, n), or cells touch at corners and `corners` is "warn".

    Examples
    --------
    A laminate of stiff layers and void along direction 1 carries half of what its layers do:

    >>> layers = np.zeros((1, 10, 10))
    >>> layers[:, :5] = 1  # the upper half is solid
    >>> stiffness = mf.homogenize(layers, mf.Material(young=200.0, poisson=0.3))
    >>> f"{mf.engineering_constants(stiffness).E1[0]:.3f}"
    '100.000'
    """
    require_progress(progress)
    phases = require_phases(phases)
    corners = require_corners(corners)
    if client is not None:
        if corners != "carry":
            raise ValueError(
                f"corners is {corners!r}, which needs no client; leave one of them out"
            )
        return homogenize_over_workers(cells, phases, refine, threads, client, progress)
    cells = require_cells(cells)
    warn_of_axes(cells.shape)
    check_corners(cells, corners)
    refine = require_refine(cells.shape, refine)
    return _homogenize(cells, phases, refine, require_threads(threads), progress)


def homogenize_over_workers(
    cells: Any, phases: Phases, refine: int, threads: int | None, client: Any, progress: Progress,
    chunk_pixels: int = _CHUNK_PIXELS,
) -> FloatArray:  # fmt: skip
    """Stiffness (n, 3, 3) from the workers of a Dask client, chunk by chunk.

    The arguments are those of `homogenize`, and `chunk_pixels`, the elements in one task. Cells are
    read, checked and packed to bits only when their chunk is sent.
    """
    client = require_client(client)
    threads = 1 if threads is None else require_count("threads", threads)
    if len(getattr(cells, "shape", ())) < 3:
        cells = require_cells(cells)
    if len(cells.shape) != 3 or 0 in cells.shape:
        raise ValueError(f"cells have shape {tuple(cells.shape)}; non-empty (n, h, w) is needed")
    n, h, w = cells.shape
    refine = require_refine(cells.shape, refine)
    size = max(1, chunk_pixels // (h * w * refine * refine))
    tasks = ((packed, (h, w), phases, refine, threads) for packed in _packed_chunks(cells, n, size))
    result, done = np.empty((n, 3, 3)), 0
    for stiffness in ordered_map(_homogenize_packed, tasks, client):
        result[done : done + len(stiffness)] = stiffness
        done += len(stiffness)
        progress("homogenizing", done, n)
    return result


def _packed_chunks(cells: Any, n: int, size: int) -> Iterator[ByteArray]:
    """Checked cells, packed to bits, a chunk at a time."""
    for start in range(0, n, size):
        stop = min(start + size, n)
        try:
            pixels = require_cells(np.asarray(cells[start:stop]))
        except ValueError as error:
            raise ValueError(f"in cells[{start}:{stop}]: {error}") from None
        yield pack(pixels, quarter=False)


def _homogenize_packed(
    packed: ByteArray, shape: tuple[int, int], phases: Phases, refine: int, threads: int
) -> FloatArray:
    """Stiffness of one chunk, computed by a worker."""
    cells = unpack(packed, (len(packed), *shape), quarter=False)
    return _homogenize(cells, phases, refine, require_threads(threads), silent)


def _homogenize(
    cells: ByteArray, phases: Phases, refine: int, threads: int, progress: Progress
) -> FloatArray:
    """Stiffness of checked cells (n, h, w) on this machine."""
    result, before = np.empty((len(cells), 3, 3)), 0
    for part in parts(double_thin_cells(cells), threads):

        def done(count: int, before: int = before) -> None:
            progress("homogenizing", before + count, len(cells))

        result[part.rows] = engine.stiffness(part.pixels, part.kind, refine, phases, threads, done)
        before += len(part.rows)
    return result


def homogenize_quarters(quarters: ByteArray, phases: Phases, threads: int | None) -> FloatArray:
    """Effective stiffness (n, 3, 3) of mirror-symmetric cells, from their upper left quarters.

    The same as that of the whole cells. `quarters` (n, r, c) are binary and not checked.
    """
    return engine.stiffness(quarters, "quarter", 1, phases, require_threads(threads))


def properties_of(stiffness: FloatArray) -> FloatArray:
    """Property vectors (n, 4) = (C11, C12, C22, C33) of stiffness matrices (n, 3, 3)."""
    c = np.asarray(stiffness)
    if c.ndim != 3 or c.shape[1:] != (3, 3):
        raise ValueError(f"stiffness has shape {c.shape}; (n, 3, 3) is needed")
    return np.stack([c[:, 0, 0], c[:, 0, 1], c[:, 1, 1], c[:, 2, 2]], axis=1)


def stiffnesses_of(stiffness: FloatArray) -> FloatArray:
    """All entries (n, 6) = (C11, C12, C22, C33, C13, C23) of stiffness matrices (n, 3, 3)."""
    c = np.asarray(stiffness)
    return np.concatenate([properties_of(c), c[:, :2, 2]], axis=1)


def couples_shear(stiffness: FloatArray) -> BoolArray:
    """Cells whose C13 or C23 is not small, so that stretching shears them; (n,) booleans.

    Small is below `SHEAR_COUPLING` of the geometric mean of the stiffnesses that it couples.
    """
    c = np.asarray(stiffness)
    scale = np.sqrt(c[:, [0, 1], [0, 1]] * c[:, 2, 2, None])
    return np.asarray((abs(c[:, :2, 2]) > SHEAR_COUPLING * scale).any(axis=1))
