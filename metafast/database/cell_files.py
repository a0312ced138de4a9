"""Cells as files: .npy, a database, or a folder of pictures."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from PIL import Image

from metafast._base.files import atomic_write, new_folder
from metafast._base.typing import ByteArray, FloatArray
from metafast.database.store import CellDatabase
from metafast.phases import Phases

ENDINGS = (".npy", ".h5", "")  # no ending is a folder


def save_cells(
    path: str | os.PathLike[str],
    cells: ByteArray,
    properties: FloatArray,
    phases: Phases,
    made_by: str,
) -> Path:
    """Write cells as .npy (n, h, w), as a database .h5, or, with no ending, as PNG pictures.

    Pictures have one bit per pixel, black where solid; `read_cells` reads all three.

    Parameters
    ----------
    path : path
        A folder must not exist yet, or be empty.
    cells : (n, h, w) array
    properties : (n, 4) array
    phases : Phases
    made_by : str
        For the provenance of a database.

    Raises
    ------
    ValueError
        If the ending is another one, or the file cannot be written.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in ENDINGS:
        raise ValueError(
            f"{path.name!r} ends in {path.suffix!r}; .npy, .h5, or no ending for a folder of "
            "pictures is needed"
        )
    if kind == ".h5":
        made = CellDatabase(cells, properties, phases=phases, provenance={"made_by": made_by})
        return made.save(path)
    if kind == ".npy":
        with atomic_write(path) as partial, partial.open("wb") as stream:
            np.save(stream, cells)
        return path
    digits = len(str(len(cells) - 1))
    with new_folder(path) as folder:
        for k, cell in enumerate(cells):
            picture = Image.fromarray(cell == 0)
            picture.save(folder / f"cell_{k:0{digits}}.png", optimize=True)
    return path
