"""Readers of cells in .mat, .npy, .npz and .h5 files and in folders of .txt files."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from metafast._base.checks import require_cells
from metafast._base.typing import AnyArray, ByteArray, FloatArray
from metafast.database.named_arrays import UNREADABLE, array_reader

FORMATS = ".mat, .npy, .npz, .h5, or a folder of .txt files"
_CELLS = ("cells", "shapedatabase", "shape", "shapes", "microstructures", "x")
_LABELS = ("properties", "property", "published", "labels", "c", "stiffness")


@dataclass(frozen=True, eq=False)
class ReadCells:
    """Cells of a file.

    Attributes
    ----------
    cells : (n, h, w) uint8 array
        Row 0 at the top.
    labels : (n, 3) or (n, 4) array or None
        C11, C12, C22 and, if given, C33 from the file.
    """

    cells: ByteArray
    labels: FloatArray | None


def read_cells(
    path: str | os.PathLike[str], *, variable: str | None = None, labels: str | None = None
) -> ReadCells:
    """Read cells, and their properties if the file has any, from any known format.

    Parameters
    ----------
    path : path
        .mat (h, w, N) of version 5 or 7.3, .npy (N, h, w), .npz, .h5, or a folder of .txt files,
        one cell each, in the order of the numbers in their names.
    variable, labels : str, optional
        Names of the cells and of their properties, for files with several arrays.

    Returns
    -------
    ReadCells

    Raises
    ------
    ValueError
        If the file is missing, damaged, of an unknown format, or ambiguous.
    """
    path = Path(path)
    if path.is_dir():
        if variable is not None or labels is not None:
            raise ValueError(
                f"{str(path)!r} is a folder of .txt files, which have no variables; leave variable "
                "and labels out"
            )
        return ReadCells(_read_folder(path), None)
    if not path.is_file():
        raise ValueError(f"there are no cells at {str(path)!r}; check the path")
    reader = array_reader(path)
    if reader is None:
        raise ValueError(f"{str(path)!r} ends in {path.suffix!r}; {FORMATS} is needed")
    try:
        arrays = reader(path)
    except UNREADABLE as error:
        raise ValueError(
            f"{str(path)!r} cannot be read as {path.suffix} ({error}); it may be truncated: get a "
            "new copy"
        ) from error
    cells = require_cells(arrays.pop(_choose(arrays, variable, path)))
    return ReadCells(cells, _choose_labels(arrays, labels, len(cells), path))


def _read_folder(path: Path) -> ByteArray:
    """Cells (N, h, w) of .txt files, with or without separators between the digits."""
    files = sorted(path.glob("*.txt"), key=lambda p: (_numbers(p.stem), p.name))
    if not files:
        raise ValueError(f"the folder {str(path)!r} holds no .txt files; one per cell is needed")
    cells = []
    for file in files:
        try:
            rows = [_digits(line) for line in file.read_text().splitlines() if line.strip()]
            cells.append(require_cells(np.array(rows, dtype=float))[0])
        except (OSError, ValueError, UnicodeDecodeError) as error:
            raise ValueError(
                f"{str(file)!r} is not a grid of 0 and 1 ({error}); lines of equal length are "
                "needed, with digits that are adjacent or separated by blanks or commas"
            ) from error
        if cells[-1].shape != cells[0].shape:
            raise ValueError(
                f"{str(file)!r} holds a grid of shape {cells[-1].shape}, but {files[0].name!r} "
                f"one of {cells[0].shape}; all cells need the same size"
            )
    return np.stack(cells)


def _digits(line: str) -> list[float]:
    parts = re.split(r"[\s,;]+", line.strip().strip(",;"))
    if len(parts) == 1 and len(parts[0]) > 1 and set(parts[0]) <= {"0", "1"}:
        return [float(digit) for digit in parts[0]]
    return [float(part) for part in parts]


def _numbers(name: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", name)]


def _choose(arrays: dict[str, AnyArray], variable: str | None, path: Path) -> str:
    """Name of the array that holds the cells."""
    shapes = {name: np.shape(array) for name, array in arrays.items()}
    if variable is not None:
        if variable not in arrays:
            raise ValueError(f"{str(path)!r} has no {variable!r}; it holds {shapes}")
        return variable
    batches = [name for name, shape in shapes.items() if len(shape) == 3]
    if not batches:  # one cell alone: MATLAB drops a last axis of length one
        batches = [k for k, shape in shapes.items() if len(shape) == 2 and k.lower() in _CELLS]
    known = [name for name in batches if name.lower() in _CELLS]
    chosen = known if len(known) == 1 else batches
    if len(chosen) != 1:
        raise ValueError(
            f"{str(path)!r} holds {shapes}; name the variable with the cells, an array of three "
            "axes"
        )
    return chosen[0]


def _choose_labels(
    arrays: dict[str, AnyArray], labels: str | None, n: int, path: Path
) -> FloatArray | None:
    """Properties (n, 3) or (n, 4) in the file, if it is clear which array they are."""
    shapes = {name: np.shape(array) for name, array in arrays.items()}
    if labels is not None and labels not in arrays:
        raise ValueError(
            f"{str(path)!r} has no {labels!r}; in addition to the cells it holds {shapes}"
        )
    tables = [name for name, shape in shapes.items() if shape in ((n, 3), (n, 4))]
    if labels is None:
        known = [name for name in tables if name.lower() in _LABELS]
        chosen = known if len(known) == 1 else tables
        if len(chosen) != 1:
            return None
        labels = chosen[0]
    if labels not in tables or np.asarray(arrays[labels]).dtype.kind not in "biuf":
        raise ValueError(
            f"{labels!r} has shape {shapes[labels]} ({np.asarray(arrays[labels]).dtype}); real "
            f"numbers ({n}, 4), columns C11, C12, C22, C33, or ({n}, 3) are needed for {n} cells"
        )
    return np.asarray(arrays[labels], dtype=float)
