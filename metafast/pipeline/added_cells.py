"""Cells for targets that the database misses, by inverse homogenization (section 4.2)."""

from __future__ import annotations

import numpy as np

from metafast._base.progress import Progress, silent
from metafast._base.typing import BoolArray, ByteArray, FloatArray
from metafast.database import CellDatabase
from metafast.pipeline.options import DesignOptions
from metafast.properties.coordinates import CoordinateKind
from metafast.selection import inverse_candidates, property_errors, select_candidates
from metafast.selection.inverse_candidates import require_initial_cells
from metafast.selection.shapes import Encoder

_ANY_DEVIATION = 1e9
_DIGITS = 9  # of targets that are taken to be equal


def require_initial(database: CellDatabase, family: object | None) -> None:
    """Refuse cells that no others can be designed from, before the macro optimisation."""
    if family is not None:
        raise ValueError(
            "inverse_above is for cells of a database, but a family was given; leave it out"
        )
    require_initial_cells(database)


def missed_targets(
    database: CellDatabase,
    targets: FloatArray,
    buildable: BoolArray,
    limit: float,
    kind: CoordinateKind,
) -> FloatArray:
    """Distinct targets (k, 4) of (m, 4) that are farther than a limit from every buildable cell."""
    nearest = select_candidates(
        database,
        None,
        targets,
        1,
        coordinates=kind,
        eligible=buildable,
        max_deviation=_ANY_DEVIATION,
    )
    deviation = property_errors(database, targets, nearest, coordinates=kind)[:, 0]
    missed = targets[deviation > limit]
    _, first = np.unique(missed.round(_DIGITS), axis=0, return_index=True)
    return np.asarray(missed[np.sort(first)])


def cells_for(
    database: CellDatabase,
    shapes: Encoder | FloatArray | None,
    targets: FloatArray,
    options: DesignOptions,
    *,
    threads: int | None = None,
    progress: Progress = silent,
) -> ByteArray:
    """Distinct sound cells (n, h, w) designed for targets (k, 4), none of which the database has.

    Each target gets as many designs as there are candidates, from cells of different shapes.
    """
    found = inverse_candidates(
        database,
        shapes,
        targets,
        options.candidates,
        coordinates=options.coordinates,
        threads=threads,
        progress=progress,
    )
    known = {cell.tobytes() for cell in database.take(np.unique(found.start))}
    cells = []
    for cell in found.cells[found.sound]:
        if (bits := cell.tobytes()) not in known:
            known.add(bits)
            cells.append(cell)
    return np.array(cells, dtype=np.uint8).reshape(-1, *database.shape[1:])


def with_cells(database: CellDatabase, cells: ByteArray) -> CellDatabase:
    """The database with further cells (n, h, w) after its own, whose rows stay what they are."""
    further = CellDatabase(cells, phases=database.phases)
    return CellDatabase(
        np.concatenate([database.cells, further.cells]),
        np.concatenate([database.properties, further.properties]),
        phases=database.phases,
        parents=np.concatenate([database.parents, further.parents]),
        provenance=database.provenance,
    )
