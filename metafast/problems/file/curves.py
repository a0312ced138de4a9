"""Displacements from a CSV file, one for each node or along x or y."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np

from metafast._base.typing import FloatArray
from metafast.problems.file.faults import nearest

_POSITIONS = ("x", "y")
_LARGEST = 10_000_000  # bytes
_NEAR = 1e-6  # cell widths that a curve may end before its place


def read_curve(path: Path, column: str, scale: float, x: FloatArray, y: FloatArray) -> FloatArray:
    """Displacements of nodes from a CSV file with headings.

    With a column x or y, values between its rows are interpolated linearly. Without one there is a
    row for each node, from left to right and then from bottom to top.

    Parameters
    ----------
    path : Path
    column : str
        Heading of the values.
    scale : float
        Cell widths of a unit of the file, for positions and values.
    x, y : (n,) array
        Positions of the nodes, in cell widths.

    Returns
    -------
    (n,) array

    Raises
    ------
    ValueError
        If the file is missing, has no such column, does not fit the nodes, or holds something
        else than finite numbers.
    """
    columns = _columns(path)
    if column not in columns:
        raise ValueError(f"{path.name!r} has no column {column!r}; {nearest(column, columns)}")
    values = _numbers(path, column, columns[column]) * scale
    along = [name for name in _POSITIONS if name in columns and name != column]
    if not along:
        if len(values) != len(x):
            raise ValueError(
                f"{path.name!r} has {len(values)} rows for {len(x)} nodes; give a row for each, or "
                "a column x or y to interpolate along"
            )
        return np.asarray(values[np.argsort(np.lexsort((y, x)))])
    if len(along) == 2:
        raise ValueError(f"{path.name!r} has the columns x and y; leave one of them out")
    position = _numbers(path, along[0], columns[along[0]]) * scale
    order = np.argsort(position)
    if (np.diff(position[order]) <= 0).any():
        raise ValueError(f"{path.name!r} has one {along[0]} in two rows; leave one row out")
    at = x if along[0] == "x" else y
    low, high = position[order[0]] - _NEAR, position[order[-1]] + _NEAR
    if at.min() < low or at.max() > high:
        raise ValueError(
            f"{path.name!r} goes from {along[0]} = {position[order[0]]:g} to "
            f"{position[order[-1]]:g} cells, the place from {at.min():g} to {at.max():g}; add rows"
        )
    return np.interp(at, position[order], values[order])


def _columns(path: Path) -> dict[str, list[str | None]]:
    """Text of each column by its heading."""
    if not path.is_file():
        raise ValueError(f"there is no file {path.name!r} beside the problem; check its path")
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"{path.name!r} has more than {_LARGEST:,} bytes; shorten it")
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            rows = [[cell.strip() for cell in row] for row in csv.reader(stream) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(
            f"{path.name!r} cannot be read as CSV ({error}); save it as UTF-8"
        ) from None
    if len(rows) < 2:
        raise ValueError(f"{path.name!r} holds no rows; a line of headings and rows are needed")
    heading, body = rows[0], rows[1:]
    ragged = next((k for k, row in enumerate(body, 2) if len(row) != len(heading)), None)
    if ragged is not None:
        raise ValueError(
            f"row {ragged} of {path.name!r} has {len(body[ragged - 2])} values under "
            f"{len(heading)} headings; mend it"
        )
    return {name: [row[k] for row in body] for k, name in enumerate(heading)}


def _numbers(path: Path, column: str, texts: list[str | None]) -> FloatArray:
    numbers = []
    for row, text in enumerate(texts, 2):
        try:
            value = float(text or "nan")
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ValueError(
                f"row {row} of {path.name!r} has {text!r} in column {column!r}; a finite number "
                "is needed"
            )
        numbers.append(value)
    return np.array(numbers)
