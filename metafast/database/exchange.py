"""Import of cells from other sources, with a check of their labels, and merging of databases."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from metafast._base.progress import Progress, silent
from metafast._base.typing import FloatArray
from metafast.database.readers import read_cells
from metafast.database.store import CellDatabase
from metafast.homogenization import SHEAR_COUPLING, couples_shear, homogenize, properties_of
from metafast.material import Material
from metafast.phases import Phases, require_phases
from metafast.properties.names import PROPERTIES, swapped

_AGREES = 1e-6  # largest deviation of a label that agrees, in units of E
_CHUNK = 8192  # cells unpacked at a time


@dataclass(frozen=True)
class LabelCheck:
    """Comparison of imported labels with recomputed properties.

    Attributes
    ----------
    largest : (3,) or (4,) array
        Largest deviation of C11, C12, C22 and, if given, C33.
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
        """Compare properties (n, 4) to labels (n, 3) or (n, 4), NaN where unknown."""
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
        names = PROPERTIES[: len(self.largest)]
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
    """

    database: CellDatabase
    check: LabelCheck | None


def import_database(
    path: str | os.PathLike[str],
    *,
    phases: Phases | Material | None = None,
    variable: str | None = None,
    labels: str | None = None,
    threads: int | None = None,
    progress: Progress = silent,
) -> ImportedDatabase:
    """Import the cells of a file or folder and recompute their properties.

    Parameters
    ----------
    path : path
        .mat of version 5 or 7.3, .npy, .npz, .h5, or a folder of .txt files; see `read_cells`.
    phases : Phases or Material, optional
        Solid and void; E = 1, nu = 0.49, plane stress and void at 1e-9 by default.
    variable, labels : str, optional
        Names of the cells and of their properties, for files with several arrays.
    threads : int, optional
        CPU threads; all available by default.
    progress : callable, optional
        Called as ``progress("homogenizing", cells done, cells in all)``.

    Returns
    -------
    ImportedDatabase

    Raises
    ------
    ValueError
        If the file cannot be read, or a cell is not binary or has no stable stiffness.

    Warns
    -----
    RuntimeWarning
        If cells have C13 or C23, which a database does not keep.
    """
    read = read_cells(path, variable=variable, labels=labels)
    phases = require_phases(phases)
    stiffness = homogenize(read.cells, phases, threads=threads, progress=progress)
    _warn_if_sheared(stiffness)
    properties = properties_of(stiffness)
    database = CellDatabase(
        read.cells,
        properties,
        phases=phases,
        provenance={"made_by": "metafast.import_database", "source": Path(path).name},
    )
    if read.labels is None:
        return ImportedDatabase(database, None)
    check = LabelCheck.of(properties, read.labels, phases.solid.young)
    return ImportedDatabase(database, check)


def _warn_if_sheared(stiffness: FloatArray) -> None:
    """Say that C13 and C23, which a database leaves out, are not small."""
    sheared = couples_shear(stiffness)
    if sheared.any():
        warnings.warn(
            f"{int(sheared.sum())} of {len(sheared)} cells shear when they are stretched (C13 or "
            f"C23 above {SHEAR_COUPLING:.0%}, first cell {int(sheared.argmax())}); the database "
            "keeps C11, C12, C22 and C33 only, so designs are off by as much: leave these cells "
            "out, or mirror them",
            RuntimeWarning,
            stacklevel=3,
        )


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
                "them first"
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
