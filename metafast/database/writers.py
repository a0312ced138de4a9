"""Writers of databases as .mat, .npy, .npz, .csv and .h5 files and folders of .txt files."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
from scipy.io import savemat

from metafast._base.checks import require_instance
from metafast._base.files import (
    atomic_write,
    new_folder,
    require_path,
)
from metafast.database.store import CellDatabase
from metafast.properties.names import PROPERTIES

FORMATS = ".mat, .npy, .npz, .csv, .h5, or no ending for a folder of .txt files"
_LARGEST_MAT = 2**31 - 1  # bytes of one variable in version 5


def export_database(database: CellDatabase, path: str | os.PathLike[str]) -> Path:
    """Write the cells, and the properties in formats that can hold them.

    .mat (version 5, cells (h, w, N), properties (N, 4)), .npz (the same names, N first), .npy
    (cells alone), .csv (properties, solid fraction and parent, no pixels), .h5 (everything), or,
    with no ending, a folder of .txt files, one per cell.

    Raises
    ------
    ValueError
        If the ending is unknown or the file cannot be written.
    """
    require_instance("database", database, CellDatabase)
    path = require_path(path)
    kind = path.suffix.lower()
    if kind == ".h5":
        return database.save(path)
    if kind == "":
        return _write_folder(database, path)
    if kind not in (".mat", ".npy", ".npz", ".csv"):
        raise ValueError(f"{path.name!r} ends in {path.suffix!r}; {FORMATS} is needed")
    cells = database.cells
    if kind == ".mat" and cells.size > _LARGEST_MAT:
        raise ValueError(
            f"{len(database)} cells take {cells.size / 2**30:.1f} GiB and a .mat file of version 5 "
            "holds 2; export to .npz or .h5"
        )
    with atomic_write(path) as partial:
        if kind == ".csv":
            _write_csv(database, partial)
            return path
        with partial.open("wb") as stream:
            if kind == ".npy":
                np.save(stream, cells)
            elif kind == ".npz":
                np.savez_compressed(
                    stream, cells=cells, properties=database.properties, parents=database.parents
                )
            else:
                arrays = {"cells": np.moveaxis(cells, 0, 2), "properties": database.properties}
                savemat(stream, arrays, do_compression=True)
    return path


def _write_csv(database: CellDatabase, path: Path) -> None:
    volume = database.cells.mean(axis=(1, 2))
    with path.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["cell", *PROPERTIES, "volume", "parent"])
        for k, values in enumerate(database.properties.tolist()):
            rows.writerow([k, *values, volume[k], database.parents[k]])


def _write_folder(database: CellDatabase, path: Path) -> Path:
    """Write one file per cell into a new folder, which gets its name once it is complete."""
    digits = len(str(len(database) - 1))
    with new_folder(path) as folder:
        for k, cell in enumerate(database.cells):
            text = "\n".join(" ".join(map(str, row)) for row in cell.tolist())
            (folder / f"cell_{k:0{digits}}.txt").write_text(text + "\n")
    return path
