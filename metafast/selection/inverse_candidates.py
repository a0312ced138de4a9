"""Candidates outside the database by inverse homogenization from diverse cells (section 4.2).

The initial designs are cells of the database near the target that differ in shape, so that the
results differ in shape too. A uniform initial design leads to one shape only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._base.checks import (
    require_array,
    require_instance,
    require_progress,
    require_properties,
)
from metafast._base.one_line import one_line
from metafast._base.progress import Progress, silent
from metafast._base.typing import BoolArray, ByteArray, FloatArray, IntArray
from metafast.database import CellDatabase
from metafast.inverse import inverse_homogenize
from metafast.properties.coordinates import CoordinateKind
from metafast.selection.candidates import select_candidates
from metafast.selection.shapes import Encoder

_ANY_DEVIATION = 1e9  # targets may lie outside the property space


def require_initial_cells(database: CellDatabase) -> None:
    """Refuse cells that inverse homogenization cannot start from."""
    _, h, w = database.shape
    if not database.symmetric or h != w:
        raise ValueError(
            f"the database holds cells of {h}x{w} pixels"
            f"{'' if database.symmetric else ' without mirror symmetry'}; square cells that are "
            "mirror-symmetric about both axes are needed as initial designs"
        )


@dataclass(frozen=True, eq=False)
class InverseCandidates:
    """Cells designed for targets (..., 4), the best first.

    Attributes
    ----------
    cells : (..., count, h, w) array
        Binary, mirror-symmetric about both axes.
    properties : (..., count, 4) array
        C11, C12, C22, C33 of these cells, recomputed.
    error : (..., count) array
        ``|C - C*| / |C*|``, Frobenius norms.
    sound : (..., count) bool array
        Whether the cell is connected and meets the least widths; sound cells come first.
    start : (..., count) int array
        Row of the database that each design was started from.
    """

    cells: ByteArray
    properties: FloatArray
    error: FloatArray
    sound: BoolArray
    start: IntArray

    __repr__ = one_line


def inverse_candidates(
    database: CellDatabase,
    encoder: Encoder | FloatArray | None,
    targets: Any,
    count: int = 10,
    *,
    pool: int | None = None,
    coordinates: CoordinateKind = "log",
    iterations: int = 80,
    threads: int | None = None,
    client: Any = None,
    progress: Progress = silent,
) -> InverseCandidates:
    """Design candidates for targets, starting from diverse cells of the database.

    Parameters
    ----------
    database : CellDatabase
        Square cells that are mirror-symmetric about both axes.
    encoder : Encoder, (n, d) array or None
        Measure of similar shapes, as in `select_candidates`.
    targets : (..., 4) array
        Target C11, C12, C22, C33; they may lie outside the property space.
    count : int
        Candidates per target.
    pool : int, optional
        Cells to cluster for the initial designs, as in `select_candidates`.
    coordinates : {"log", "linear"}
        Property coordinates for the initial designs, as in `select_candidates`.
    iterations : int
        Steps of inverse homogenization.
    threads : int, optional
        CPU threads; all available by default, or 1 per task with a `client`.
    client : dask.distributed.Client, optional
        Spread the designs over the workers of a cluster; the result is the same.
    progress : callable, optional
        Called as ``progress("inverse homogenization", designs done, designs in all)``.

    Returns
    -------
    InverseCandidates

    Raises
    ------
    ValueError
        If arrays do not fit together, a target is not a stable stiffness, or the cells are not
        mirror-symmetric and square.
    """
    require_instance("database", database, CellDatabase)
    require_progress(progress)
    aims = require_array("targets", targets)
    if aims.ndim < 1 or aims.size == 0:
        raise ValueError(f"targets have shape {aims.shape}; non-empty (..., 4) is needed")
    require_properties(aims.reshape(-1, *aims.shape[-1:]), "targets")
    require_initial_cells(database)
    start = select_candidates(
        database,
        encoder,
        aims,
        count,
        pool=pool,
        coordinates=coordinates,
        max_deviation=_ANY_DEVIATION,
        threads=threads,
    )
    designed = inverse_homogenize(
        aims.reshape(-1, 4).repeat(count, axis=0),
        database.take(start.ravel()).astype(float),
        phases=database.phases,
        pixels=database.shape[1],
        iterations=iterations,
        threads=threads,
        client=client,
        progress=progress,
    )
    error, sound = designed.error.reshape(-1, count), designed.sound.reshape(-1, count)
    order = np.lexsort((error, ~sound), axis=1)

    def best_first(values: Any) -> Any:
        by_target = values.reshape(-1, count, *values.shape[1:])
        ranked = by_target[np.arange(len(order))[:, None], order]
        return ranked.reshape(*start.shape, *values.shape[1:])

    return InverseCandidates(
        cells=best_first(designed.cells),
        properties=best_first(designed.properties),
        error=best_first(designed.error),
        sound=best_first(designed.sound),
        start=best_first(start.ravel()),
    )
