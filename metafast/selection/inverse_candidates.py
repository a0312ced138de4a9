"""Candidates for targets that the database misses: inverse homogenization from diverse cells.

The paper's second way to candidates (section 4.2): the nearest cells of the database that differ
in shape are the initial guesses, so that what comes out differs in shape too. A uniform guess has
one shape to give.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._base.checks import require_properties
from metafast._base.progress import Progress, silent
from metafast._base.typing import BoolArray, ByteArray, FloatArray, IntArray
from metafast.database import CellDatabase
from metafast.inverse import inverse_homogenize
from metafast.properties.coordinates import CoordinateKind
from metafast.selection.candidates import select_candidates

_ANY_DEVIATION = 1e9  # the targets are outside: how far does not matter


@dataclass(frozen=True, eq=False)
class InverseCandidates:
    """Cells designed for targets, the best first.

    Attributes
    ----------
    cells : (m, count, h, w) array
        Binary, mirror-symmetric about both axes.
    properties : (m, count, 4) array
        C11, C12, C22, C33 of these cells, recomputed.
    error : (m, count) array
        ``|C - C*| / |C*|``, Frobenius norms.
    sound : (m, count) bool array
        Whether the cell is connected and keeps the least widths; those that do come first.
    start : (m, count) int array
        Row of the database that each was started from.
    """

    cells: ByteArray
    properties: FloatArray
    error: FloatArray
    sound: BoolArray
    start: IntArray


def inverse_candidates(
    database: CellDatabase,
    latents: Any,
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
    """Design candidates for targets, from diverse cells of the database as initial guesses.

    Parameters
    ----------
    database : CellDatabase
        Of mirror-symmetric, square cells.
    latents : (n, d) array or Encoder
        Coordinates of its cells in which near means similar in shape, as in `select_candidates`.
    targets : (m, 4) array
        Wanted C11, C12, C22, C33; they may lie outside the property space.
    count, pool, coordinates
        Choose the initial guesses, as in `select_candidates`.
    iterations, threads, client, progress
        As in `inverse_homogenize`.

    Returns
    -------
    InverseCandidates

    Raises
    ------
    ValueError
        If arrays do not fit together, a target is no stable stiffness, or the cells are not
        mirror-symmetric and square.
    """
    wanted = require_properties(targets, "targets")
    _, h, w = database.shape
    if not database.symmetric or h != w:
        raise ValueError(
            f"the database holds cells of {h}x{w} pixels"
            f"{'' if database.symmetric else ' without mirror symmetry'}; square cells that are "
            "mirror-symmetric about both axes are needed as initial guesses"
        )
    start = select_candidates(
        database,
        latents,
        wanted,
        count,
        pool=pool,
        coordinates=coordinates,
        max_deviation=_ANY_DEVIATION,
        threads=threads,
    )
    m, count = start.shape
    found = inverse_homogenize(
        wanted.repeat(count, axis=0),
        database.take(start.ravel()).astype(float),
        phases=database.phases,
        pixels=h,
        iterations=iterations,
        threads=threads,
        client=client,
        progress=progress,
    )
    error, sound = found.error.reshape(m, count), found.sound.reshape(m, count)
    order = np.lexsort((error, ~sound), axis=1)

    def sorted_(values: Any) -> Any:
        shaped = values.reshape(m, count, *values.shape[1:])
        return shaped[np.arange(m)[:, None], order]

    return InverseCandidates(
        cells=sorted_(found.cells),
        properties=sorted_(found.properties),
        error=sorted_(found.error),
        sound=sorted_(found.sound),
        start=sorted_(start.ravel()),
    )
