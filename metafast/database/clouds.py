"""Reader of property clouds: stiffnesses without cells."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from metafast._base.typing import FloatArray
from metafast.database.named_arrays import UNREADABLE, array_reader


def read_cloud(path: str | os.PathLike[str]) -> FloatArray:
    """Read properties (m, 3) = (C11, C12, C22), or (m, 4) with C33, without cells.

    Parameters
    ----------
    path : path
        .npy, .npz, .mat or .h5 with one such array, or .csv with at most one heading line.

    Raises
    ------
    ValueError
        If the file is missing, damaged, of an unknown format, or ambiguous.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"there is no cloud at {str(path)!r}; check the path")
    try:
        if path.suffix.lower() == ".csv":
            skip = int(not _numeric(path.read_text().partition("\n")[0]))
            arrays = {"csv": np.loadtxt(path, delimiter=",", skiprows=skip, ndmin=2)}
        else:
            reader = array_reader(path)
            if reader is None:
                raise ValueError(f"the ending {path.suffix!r} is unknown")
            arrays = reader(path)
    except UNREADABLE as error:
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
