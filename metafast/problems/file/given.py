"""Passive cells of a problem file, from a picture or from the embedded database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from metafast._base.typing import ByteArray
from metafast.homogenization import homogenize, properties_of
from metafast.material import Material
from metafast.problems.file.beside import Beside
from metafast.problems.file.body_models import GivenCell
from metafast.problems.file.faults import Fault
from metafast.problems.file.pictures import dark_pixels
from metafast.properties import PROPERTIES

KINDS = ("designed", "solid")  # of cells that need no pixels


def given_cells(cells: Mapping[str, GivenCell], beside: Beside) -> dict[str, ByteArray]:
    """Pixels (p, p) of the cells of the table ``[cells]`` by their names."""
    found: dict[str, ByteArray] = {}
    for name, cell in cells.items():
        keys = "cells", name
        if name in KINDS or not name.isidentifier():
            raise Fault(keys, f"{name!r} cannot name a cell; use another name")
        if (cell.png is None) == (cell.row is None):
            came = "neither png nor row came" if cell.png is None else "png and row came"
            raise Fault(keys, f"{came}; exactly one of them is needed")
        key = "row" if cell.png is None else "png"
        try:
            if cell.png is None:
                pixels = _of_database(cell.row)
            else:
                pixels = _of_picture(beside.path(cell.png))
        except ValueError as error:
            raise Fault((*keys, key), str(error)) from None
        first = next(iter(found.values()), pixels)
        if pixels.shape != first.shape:
            raise Fault(
                keys,
                f"it has {len(pixels)} pixels a side, {next(iter(found))!r} has {len(first)}; give "
                "all cells the size of the database's",
            )
        found[name] = pixels
    return found


def properties_by_name(
    cells: Mapping[str, ByteArray], material: Material | None, text: str
) -> dict[str, float]:
    """Effective stiffness of cells for expressions, relative to E: base_C11, base_C12 ...

    Parameters
    ----------
    cells : mapping of str to (p, p) array
    material : Material or None
        Solid of the cells; that of the database by default.
    text : str
        The problem file; cells whose properties it does not use are left out.
    """
    unit = None if material is None else Material(1.0, material.poisson, material.plane)
    found: dict[str, float] = {}
    for name, pixels in cells.items():
        if f"{name}_C" in text:
            values = properties_of(homogenize(pixels[None], unit))[0]
            found |= {f"{name}_{key}": float(v) for key, v in zip(PROPERTIES, values, strict=True)}
    return found


def _of_picture(path: Path) -> ByteArray:
    solid = dark_pixels(path)
    if solid.shape[0] != solid.shape[1]:
        raise ValueError(
            f"{path.name!r} is {solid.shape[1]} pixels wide and {solid.shape[0]} high; a square "
            "cell is needed"
        )
    if not solid.any():
        raise ValueError(f"{path.name!r} has no dark pixel; draw the solid in black")
    return solid.astype(np.uint8)


def _of_database(row: int | None) -> ByteArray:
    from metafast.database import CellDatabase

    database = CellDatabase.default()
    if row is None or row >= len(database):
        raise ValueError(f"{row} came; the embedded database has the rows 0 to {len(database) - 1}")
    return np.asarray(database.take(np.array([row]))[0])
