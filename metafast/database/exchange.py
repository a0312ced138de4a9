"""Databases from cells of others: import with a check of their labels, and merging."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from metafast._base.progress import Progress, silent
from metafast._base.typing import FloatArray
from metafast.database.cells_file import PROPERTY_NAMES
from metafast.database.readers import read_cells
from metafast.database.store import CellDatabase
from metafast.homogenization import homogenize, properties_of
from metafast.material import Material
from metafast.phases import Phases, require_phases

_AGREES = 1e-6  # in units of E
_CHUNK = 8192  # cells unpacked at a time


@dataclass(frozen=True)
class LabelCheck:
    """How labels that came with cells compare to recomputed ones.

    Attributes
    ----------
    largest : (3,) or (4,) array
        Largest deviation of C11, C12, C22 and, if given, C33.
    agreeing : share of the labelled cells that agree within 1e-6 of E in all of them
    worst : the cell that agrees least
    swapped : whether they agree with C11 and C22 exchanged, and not as they are
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
            raise ValueError("the labels are NaN throughout; leave them out or name other ones")
        turned = properties[:, [2, 1, 0, 3]]
        gap, exchanged = (
            np.where(known, np.abs(p[:, :columns] - labels), 0.0) for p in (properties, turned)
        )
        told = known.any(axis=1)
        share, other = (
            float((g[told] <= _AGREES * young).all(axis=1).mean()) for g in (gap, exchanged)
        )
        return cls(gap.max(axis=0), share, int(gap.max(axis=1).argmax()), other > max(share, 0.5))

    def __str__(self) -> str:
        names = PROPERTY_NAMES[: len(self.largest)]
        worst = ", ".join(f"{n} {x:.2g}" for n, x in zip(names, self.largest, strict=True))
        text = f"{self.agreeing:.1%} of the labels agree within {_AGREES:g}; largest deviations "
        text += f"{worst}, cell {self.worst} the worst"
        if self.swapped:
            return text + "; they agree with C11 and C22 exchanged: are rows and columns swapped?"
        if self.agreeing < 1.0:
            text += "; were they made for another Poisson's ratio, plane or void?"
        return text


def import_database(
    path: str | os.PathLike[str],
    *,
    phases: Phases | Material | None = None,
    variable: str | None = None,
    labels: str | None = None,
    threads: int | None = None,
    progress: Progress = silent,
) -> tuple[CellDatabase, LabelCheck | None]:
    """A database of the cells in a file or folder, their properties recomputed.

    Parameters
    ----------
    path : path
        .mat of version 5 or 7.3, .npy, .npz, .h5, or a folder of .txt files; see `read_cells`.
    phases : Phases or Material, optional
        E = 1, nu = 0.49, plane stress and void at 1e-9 by default.
    variable, labels : str, optional
        Names of the cells and of their properties where the file holds several arrays.
    threads : int, optional
    progress : callable, optional

    Returns
    -------
    database : CellDatabase
        The cells in their order, with recomputed properties.
    check : LabelCheck or None
        How properties that came along compare.

    Raises
    ------
    ValueError
        If the file cannot be read, or a cell is not binary or has no stable stiffness.
    """
    read = read_cells(path, variable=variable, labels=labels)
    phases = require_phases(phases)
    stiffness = homogenize(read.cells, phases, threads=threads, progress=progress)
    properties = properties_of(stiffness)
    database = CellDatabase(
        read.cells,
        properties,
        phases=phases,
        provenance={"made_by": "metafast.import_database", "source": Path(path).name},
    )
    if read.labels is None:
        return database, None
    return database, LabelCheck.of(properties, read.labels, phases.solid.young)


def _origin(database: CellDatabase) -> str:
    """Who made a database, and from what."""
    made_by = str(database.provenance.get("made_by", "its user"))
    source = database.provenance.get("source")
    return made_by if source is None else f"{made_by} from {source}"


def merge_databases(databases: Sequence[CellDatabase]) -> CellDatabase:
    """One database of the distinct cells of several, the earlier one's first.

    Raises
    ------
    ValueError
        If they differ in phases or pixels.
    """
    if len(databases) < 2:
        raise ValueError(f"{len(databases)} databases came; at least two are needed to merge")
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
        place[-1] = -1  # answers for "no parent"
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
