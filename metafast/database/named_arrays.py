"""Named arrays of .mat, .npy, .npz and .h5 files.

In a .mat file cells are (h, w, N), so that MATLAB's ``cells(:, :, k)`` is a cell. Version 7.3 is
HDF5, where the axes are stored in reverse order.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile

import h5py
import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from metafast._base.typing import AnyArray

# exceptions of a file that is damaged or of another format
UNREADABLE = (
    OSError, ValueError, KeyError, IndexError, TypeError, EOFError, NotImplementedError, BadZipFile,
    zlib.error, MatReadError,
)  # fmt: skip
ArrayReader = Callable[[Path], dict[str, AnyArray]]


def array_reader(path: Path) -> ArrayReader | None:
    """Reader for the file's ending, which returns arrays by name; None if it is unknown."""
    readers: dict[str, ArrayReader] = {
        ".mat": _read_mat,
        ".npy": _read_npy,
        ".npz": _read_npz,
        ".h5": _read_hdf5,
        ".hdf5": _read_hdf5,
    }
    return readers.get(path.suffix.lower())


def _read_mat(path: Path) -> dict[str, AnyArray]:
    """Arrays of a MATLAB file; the last axis of those with three becomes the first."""
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
    """Arrays of a metafast database or of any other HDF5 file, N first."""
    with h5py.File(path, "r") as file:
        if "format" not in file.attrs:
            return {k: v[...] for k, v in file.items() if isinstance(v, h5py.Dataset)}
    from metafast.database.store import CellDatabase

    database = CellDatabase.load(path)
    return {"cells": database.cells, "properties": database.properties}
