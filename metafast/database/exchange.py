"""Import of cells from other sources, with a check of their labels, and merging of databases."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from metafast._base.one_line import one_line
from metafast._base.progress import Progress, silent
from metafast._base.typing import FloatArray, IntArray
from metafast.database.arrival import (
    orthotropic,
    warn_of_shear,
    warn_of_void,
)
from metafast.database.reading import ReadingOptions, read_cells
from metafast.database.store import CellDatabase
from metafast.homogenization import check_corners, homogenize, properties_of, stiffnesses_of
from metafast.material import Material
from metafast.phases import Phases, require_phases
from metafast.properties.names import STIFFNESSES, swapped

_AGREES = 1e-6  # largest deviation of a label that agrees, in units of E
_CHUNK = 8192  # cells unpacked at a time


@dataclass(frozen=True)
class LabelCheck:
    """Comparison of imported labels with recomputed properties.

    Attributes
    ----------
    largest : (3,), (4,) or (6,) array
        Largest deviation of C11, C12, C22 and, if given, C33, or C33, C13 and C23.
    agreeing : float
        Fraction of the labelled cells that agree within 1e-6 of E in every component.
    worst : int
        Cell with the largest deviation.
    swapped : bool
        Whether the labels agree once C11 and C22 are exchanged, and not as they are.
    """

    largest: FloatArray
    agreeing: float
    worst: int
    swapped: bool

    @classmethod
    def of(cls, properties: FloatArray, labels: FloatArray, young: float = 1.0) -> LabelCheck:
        """Compare labels (n, k), NaN where unknown, to the first k of properties (n, 4 or 6)."""
        columns, known = labels.shape[1], ~np.isnan(labels)
        if not known.any():
            raise ValueError("the labels are NaN throughout; leave them out or name another array")
        gap, exchanged = (
            np.where(known, np.abs(p[:, :columns] - labels), 0.0)
            for p in (properties, swapped(properties))
        )
        told = known.any(axis=1)
        share, other = (
            float((g[told] <= _AGREES * young).all(axis=1).mean()) for g in (gap, exchanged)
        )
        return cls(gap.max(axis=0), share, int(gap.max(axis=1).argmax()), other > max(share, 0.5))

    def __str__(self) -> str:
        names = STIFFNESSES[: len(self.largest)]
        worst = ", ".join(f"{n} {x:.2g}" for n, x in zip(names, self.largest, strict=True))
        text = f"{self.agreeing:.1%} of the labels agree within {_AGREES:g}; largest deviations "
        text += f"{worst}, cell {self.worst} the worst"
        if self.swapped:
            return text + "; they agree with C11 and C22 exchanged: are rows and columns swapped?"
        if self.agreeing < 1.0:
            text += "; do they hold for another Poisson's ratio, plane or void?"
        return text


@dataclass(frozen=True, eq=False)
class ImportedDatabase:
    """Database of imported cells, and the check of their labels.

    Attributes
    ----------
    database : CellDatabase
        The cells in the order of the file, with recomputed properties.
    check : LabelCheck or None
        Comparison with the properties in the file, if it has any.
    rows : (n,) int array
        Row of the file of each cell.
    notes : tuple of str
        What was taken for what, where the file leaves a choice.
    """

    database: CellDatabase
    check: LabelCheck | None
    rows: IntArray
    notes: tuple[str, ...] = ()

    __repr__ = one_line


def import_database(
    path: str | os.PathLike[str],
    *,
    phases: Phases | Material | None = None,
    only_orthotropic: bool = False,
    options: ReadingOptions | None = None,
    threads: int | None = None,
    progress: Progress = silent,
    **changes: Any,
) -> ImportedDatabase:
    """Import the cells of a file or folder and recompute their properties.

    Parameters
    ----------
    path : path
        .mat of version 5 or 7.3, .npy, .npz, .h5, .txt, pictures, outlines, or a folder of files of
        one cell; see `read_cells`.
    phases : Phases or Material, optional
        Solid and void; E = 1, nu = 0.49, plane stress and void at 1e-9 by default.
    only_orthotropic : bool
        Leave out cells whose C13 or C23 is not small.
    options : ReadingOptions, optional
        What the file does not say: names of arrays, axes, what is solid, a threshold.
    threads : int, optional
        CPU threads; all available by default.
    progress : callable, optional
        Called as ``progress("homogenizing", cells done, cells in all)``.
    **changes
        Fields of `ReadingOptions` that differ from `options`, for instance ``variable="cells"``.

    Returns
    -------
    ImportedDatabase

    Raises
    ------
    ValueError
        If the file cannot be read or can be read in several ways, a cell is not binary or has no
        stable stiffness, or no cell is left.

    Warns
    -----
    RuntimeWarning
        If most cells carry nothing, as if solid and void were exchanged; if cells have C13 or C23,
        which a database does not keep; if solid touches at corners only.
    """
    read = read_cells(path, options=options, **changes)
    phases = require_phases(phases)
    stiffness = homogenize(read.cells, phases, threads=threads, progress=progress)
    rows = np.flatnonzero(orthotropic(stiffness)) if only_orthotropic else np.arange(len(stiffness))
    cells, stiffness = read.cells[rows], stiffness[rows]
    warn_of_void(stiffness, phases)
    warn_of_shear(stiffness)
    check_corners(cells, "warn")
    database = CellDatabase(
        cells,
        properties_of(stiffness),
        phases=phases,
        provenance={"made_by": "metafast.import_database", "source": Path(path).name},
    )
    left_out = len(read) - len(rows)
    notes = read.notes
    if left_out:
        notes += (f"{left_out} of {len(read)} cells are not orthotropic and left out",)
    check = None
    if read.labels is not None:
        known = stiffnesses_of(stiffness)
        check = LabelCheck.of(known, read.labels[rows], phases.solid.young)
    return ImportedDatabase(database, check, rows, notes)


def _origin(database: CellDatabase) -> str:
    """Short description of what made a database."""
    made_by = str(database.provenance.get("made_by", "its user"))
    source = database.provenance.get("source")
    return made_by if source is None else f"{made_by} from {source}"


def merge_databases(databases: Sequence[CellDatabase]) -> CellDatabase:
    """Merge databases into one of their distinct cells, in the order given.

    Raises
    ------
    ValueError
        If they differ in phases or pixels.
    """
    if len(databases) < 2:
        raise ValueError(f"{len(databases)} databases were given; at least two are needed to merge")
    first = databases[0]
    for other in databases[1:]:
        if other.phases != first.phases:
            raise ValueError(
                f"the databases hold for {first.phases} and for {other.phases}; relabel one of "
                "them first (CellDatabase.relabel, metafast database relabel)"
            )
        if other.shape[1:] != first.shape[1:]:
            raise ValueError(
                f"the databases have cells of {first.shape[1:]} and of {other.shape[1:]} pixels; "
                "equal sizes are needed"
            )
    known: dict[bytes, int] = {}
    rows: list[tuple[int, int]] = []
    places: list[Any] = []
    for which, database in enumerate(databases):
        place = np.empty(len(database) + 1, dtype=np.int64)
        place[-1] = -1  # looked up for "no parent"
        for start in range(0, len(database), _CHUNK):
            cells = database.take(slice(start, start + _CHUNK))
            flat = np.packbits(cells.reshape(len(cells), -1), axis=1)
            for row, bits in enumerate(flat, start):
                at = known.setdefault(bits.tobytes(), len(rows))
                if at == len(rows):
                    rows.append((which, row))
                place[row] = at
        places.append(place)
    source, row_of = np.array(rows).T
    kept = [row_of[source == k] for k in range(len(databases))]
    return CellDatabase(
        np.concatenate([d.take(k) for d, k in zip(databases, kept, strict=True)]),
        np.concatenate([d.properties[k] for d, k in zip(databases, kept, strict=True)]),
        phases=first.phases,
        parents=np.concatenate(
            [p[d.parents[k]] for d, k, p in zip(databases, kept, places, strict=True)]
        ),
        provenance={
            "made_by": "metafast.merge_databases",
            "sources": ", ".join(f"{len(d)} cells by {_origin(d)}" for d in databases),
        },
    )
