"""Reads cells in the formats that people have: .mat, .npy, .npz, .h5, a folder of .txt.

In a .mat file cells are (h, w, N), N last, as MATLAB's ``cells(:, :, k)`` wants it. Version 7.3 is
HDF5, where MATLAB's axes come in reverse order.
"""

from __future__ import annotations

import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import h5py
import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from metafast._base.checks import require_cells
from metafast._base.typing import AnyArray, ByteArray, FloatArray

FORMATS = ".mat, .npy, .npz, .h5, or a folder of .txt files"
_UNREADABLE = (
    OSError, ValueError, KeyError, IndexError, TypeError, EOFError, NotImplementedError, BadZipFile,
    zlib.error, MatReadError,
)  # fmt: skip
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
        C11, C12, C22 and C33 that came along.
    """

    cells: ByteArray
    labels: FloatArray | None


def read_cells(
    path: str | os.PathLike[str], *, variable: str | None = None, labels: str | None = None
) -> ReadCells:
    """Read cells, and the properties that come along, from any known format.

    Parameters
    ----------
    path : path
        .mat (h, w, N) of version 5 or 7.3, .npy (N, h, w), .npz, .h5, or a folder of .txt files,
        one cell each, in the order of the numbers in their names.
    variable, labels : str, optional
        Names of the cells and of their properties where the file holds several arrays.

    Raises
    ------
    ValueError
        If the file is missing, damaged, of another kind, or does not say which array is meant.
    """
    path = Path(path)
    if path.is_dir():
        if variable is not None or labels is not None:
            raise ValueError(f"{str(path)!r} is a folder of .txt files, which name no variables")
        return ReadCells(_read_folder(path), None)
    if not path.is_file():
        raise ValueError(f"there are no cells at {str(path)!r}; check the path")
    readers = {".mat": _read_mat, ".npy": _read_npy, ".npz": _read_npz}
    readers |= {".h5": _read_hdf5, ".hdf5": _read_hdf5}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise ValueError(f"{str(path)!r} ends in {path.suffix!r}; cells come as {FORMATS}")
    try:
        arrays = reader(path)
    except _UNREADABLE as error:
        raise ValueError(
            f"{str(path)!r} cannot be read as {path.suffix} ({error}); it may be cut short: get a "
            "new copy"
        ) from error
    found = _choose(arrays, variable, path)
    cells = require_cells(arrays.pop(found))
    return ReadCells(cells, _choose_labels(arrays, labels, len(cells), path))


def _read_mat(path: Path) -> dict[str, AnyArray]:
    """Arrays of a MATLAB file, those of three axes with the last one first."""
    with path.open("rb") as stream:
        hdf5 = b"MATLAB 7.3" in stream.read(128)
    if hdf5:
        with h5py.File(path, "r") as file:
            arrays = {k: v[...].T for k, v in file.items() if isinstance(v, h5py.Dataset)}
    else:
        loaded = loadmat(path)
        arrays = {k: v for k, v in loaded.items() if not k.startswith("__")}
    return {k: np.moveaxis(v, 2, 0) if np.ndim(v) == 3 else v for k, v in arrays.items()}


def _read_npy(path: Path) -> dict[str, AnyArray]:
    with path.open("rb") as stream:
        return {"cells": np.load(stream, allow_pickle=False)}


def _read_npz(path: Path) -> dict[str, AnyArray]:
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _read_hdf5(path: Path) -> dict[str, AnyArray]:
    """A metafast database, or the arrays of any other HDF5 file, N first."""
    with h5py.File(path, "r") as file:
        if "format" not in file.attrs:
            return {k: v[...] for k, v in file.items() if isinstance(v, h5py.Dataset)}
    from metafast.database.store import CellDatabase

    database = CellDatabase.load(path)
    return {"cells": database.cells, "properties": database.properties}


def _read_folder(path: Path) -> ByteArray:
    """One cell from each .txt file; digits with or without something between them."""
    files = sorted(path.glob("*.txt"), key=lambda p: (_numbers(p.stem), p.name))
    if not files:
        raise ValueError(f"the folder {str(path)!r} holds no .txt files; one cell each is needed")
    cells = []
    for file in files:
        try:
            rows = [_digits(line) for line in file.read_text().splitlines() if line.strip()]
            cells.append(require_cells(np.array(rows, dtype=float))[0])
        except (OSError, ValueError, UnicodeDecodeError) as error:
            raise ValueError(
                f"{str(file)!r} is no grid of 0 and 1 ({error}); lines of equal length, digits "
                "glued or separated by blanks or commas, are needed"
            ) from error
        if cells[-1].shape != cells[0].shape:
            raise ValueError(
                f"{str(file)!r} holds a grid of shape {cells[-1].shape}, but {files[0].name!r} "
                f"one of {cells[0].shape}; all cells must be of equal size"
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
    """Properties (n, 3) or (n, 4) that came along, if the file says which array they are."""
    shapes = {name: np.shape(array) for name, array in arrays.items()}
    if labels is not None and labels not in arrays:
        raise ValueError(f"{str(path)!r} has no {labels!r}; beside the cells it holds {shapes}")
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


def read_cloud(path: str | os.PathLike[str]) -> FloatArray:
    """Properties (m, 3) = (C11, C12, C22) or (m, 4) with C33, without cells.

    From .npy, .npz (the only such array), .csv (numbers, one heading line allowed), or .h5.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"there is no cloud at {str(path)!r}; check the path")
    try:
        if path.suffix.lower() == ".csv":
            skip = int(not _numeric(path.read_text().partition("\n")[0]))
            arrays = {"csv": np.loadtxt(path, delimiter=",", skiprows=skip, ndmin=2)}
        else:
            readers = {".npy": _read_npy, ".npz": _read_npz, ".h5": _read_hdf5, ".mat": _read_mat}
            arrays = readers[path.suffix.lower()](path)
    except _UNREADABLE as error:
        raise ValueError(
            f"{str(path)!r} cannot be read as a cloud ({error}); .npy, .npz, .mat, .csv or .h5 is "
            "needed"
        ) from error
    shapes = {name: np.shape(array) for name, array in arrays.items()}
    tables = [k for k, shape in shapes.items() if len(shape) == 2 and shape[1] in (3, 4)]
    if len(tables) != 1:
        raise ValueError(f"{str(path)!r} holds {shapes}; one array (m, 3) or (m, 4) is needed")
    return np.asarray(arrays[tables[0]], dtype=float)


def _numeric(line: str) -> bool:
    """Whether every field of a line is a number."""
    try:
        return bool([float(field) for field in line.split(",")])
    except ValueError:
        return False
