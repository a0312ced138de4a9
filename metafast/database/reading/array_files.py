"""Arrays of .mat, .npy, .npz and .h5 files by name; Python objects are never loaded."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from tokenize import TokenError
from zipfile import BadZipFile, ZipFile

import h5py
import numpy as np
from scipy.io.matlab import MatReadError

from metafast._base.files import require_array_room
from metafast.database.reading.matlab import read_mat
from metafast.database.reading.named_arrays import (
    NamedArray,
    TooLargeError,
    datasets,
    require_memory,
)

# exceptions of a file that is damaged or of another format
UNREADABLE = (
    OSError, ValueError, KeyError, IndexError, TypeError, EOFError, NotImplementedError, BadZipFile,
    RuntimeError, SyntaxError, TokenError, zlib.error, MatReadError,
)  # fmt: skip
ArrayReader = Callable[[Path], dict[str, NamedArray]]


def array_reader(path: Path) -> ArrayReader | None:
    """Reader for the file's ending, which returns arrays by name; None if it is unknown."""
    readers: dict[str, ArrayReader] = {
        ".mat": read_mat,
        ".npy": _read_npy,
        ".npz": _read_npz,
        ".h5": _read_hdf5,
        ".hdf5": _read_hdf5,
    }
    return readers.get(path.suffix.lower())


def read_arrays(path: Path, needed: str) -> dict[str, NamedArray]:
    """Arrays of a file by name.

    Parameters
    ----------
    path : Path
    needed : str
        Formats for the message if the ending is unknown.

    Raises
    ------
    ValueError
        If the ending is unknown or the file is damaged, of Python objects, or too large.
    """
    reader = array_reader(path)
    if reader is None:
        raise ValueError(f"{str(path)!r} ends in {path.suffix!r}; {needed} is needed")
    try:
        return reader(path)
    except TooLargeError:
        raise
    except UNREADABLE as error:
        if "allow_pickle" in str(error):
            raise ValueError(
                f"{str(path)!r} holds Python objects or no array of numbers; save numbers, for "
                "instance numpy.save(path, numpy.stack(cells).astype('uint8'))"
            ) from None
        said = " ".join(str(error).split())
        raise ValueError(
            f"{str(path)!r} cannot be read as {path.suffix} ({said}); it may be truncated: get a "
            "new copy"
        ) from error


def _read_npy(path: Path) -> dict[str, NamedArray]:
    with path.open("rb") as stream:
        require_array_room(stream, path)
        return {"cells": NamedArray(np.load(stream, allow_pickle=False))}


def _read_npz(path: Path) -> dict[str, NamedArray]:
    with ZipFile(path) as archive:
        require_memory(sum(each.file_size for each in archive.infolist()), path)
    with path.open("rb") as stream:
        require_array_room(stream, path)
        file = np.load(stream, allow_pickle=False)
        return {name: NamedArray(file[name]) for name in file.files}


def _read_hdf5(path: Path) -> dict[str, NamedArray]:
    """Arrays of a metafast database or of any other HDF5 file, N first."""
    with h5py.File(path, "r") as file:
        if "format" not in file.attrs:
            return {name: NamedArray(values[...]) for name, values in datasets(file, path).items()}
    from metafast.database.store import CellDatabase

    database = CellDatabase.load(path)
    return {"cells": NamedArray(database.cells), "properties": NamedArray(database.properties)}
