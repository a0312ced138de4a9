"""Reader of property clouds: stiffnesses without cells."""

from __future__ import annotations

import os
import warnings

import numpy as np

from metafast._base.files import require_path
from metafast._base.typing import FloatArray
from metafast.database.reading.array_files import UNREADABLE, array_reader
from metafast.database.reading.columns import stiffness_columns


def read_cloud(path: str | os.PathLike[str], columns: str | None = None) -> FloatArray:
    """Read properties (m, 3) = (C11, C12, C22), or (m, 4) with C33, without cells.

    Parameters
    ----------
    path : path
        .npy, .npz, .mat or .h5 with one such array, or .csv with at most one heading line.
    columns : str, optional
        Meaning of its columns, for instance C11,C12,C22,-.

    Raises
    ------
    ValueError
        If the file is missing, damaged, of an unknown format, or ambiguous, or a row is no
        stiffness.

    Warns
    -----
    RuntimeWarning
        If the fourth column is a ratio of others, which is left out.
    """
    path = require_path(path)
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
            read = {name: each.values for name, each in reader(path).items()}
            arrays = {k: v for k, v in read.items() if not isinstance(v, list)}
    except UNREADABLE as error:
        raise ValueError(
            f"{str(path)!r} cannot be read as a cloud ({error}); .npy, .npz, .mat, .csv or .h5 is "
            "needed"
        ) from error
    shapes = {name: np.shape(array) for name, array in arrays.items()}
    tables = [k for k, shape in shapes.items() if len(shape) == 2 and shape[1] in (3, 4)]
    if len(tables) != 1:
        raise ValueError(f"{str(path)!r} holds {shapes}; one array (m, 3) or (m, 4) is needed")
    cloud, notes = stiffness_columns(arrays[tables[0]], columns, repr(path.name))
    for note in notes:
        warnings.warn(note, RuntimeWarning, stacklevel=2)
    return cloud


def _numeric(line: str) -> bool:
    """Whether every field of a line is a number."""
    try:
        return bool([float(field) for field in line.split(",")])
    except ValueError:
        return False
