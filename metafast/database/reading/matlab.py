"""Variables of MATLAB files: version 5, and version 7.3, which is HDF5 with axes in reverse order.

Numeric and logical arrays, sparse or not, and cell arrays of them. Structs, objects, functions and
text are left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from scipy.io import loadmat
from scipy.sparse import issparse

from metafast._base.typing import AnyArray
from metafast.database.reading.mat5 import read_version_5
from metafast.database.reading.named_arrays import NamedArray, datasets, require_memory


def read_mat(path: Path) -> dict[str, NamedArray]:
    """Arrays of a MATLAB file by name; a cell array is a list."""
    with path.open("rb") as stream:
        head = stream.read(128)
    if b"MATLAB 7.3" in head:
        with h5py.File(path, "r") as file:
            found = {name: _of_hdf5(file, each) for name, each in datasets(file, path).items()}
    else:
        require_memory(path.stat().st_size, path)
        old = 0 in head[:4]  # version 4 has no text in front
        loaded = loadmat(path) if old else read_version_5(path.read_bytes())
        found = {k: _dense(each, path) for k, each in loaded.items() if k[:2] != "__"}
    return {k: NamedArray(v, "last", "columns") for k, v in found.items() if v is not None}


def _dense(loaded: Any, path: Path) -> AnyArray | list[AnyArray] | None:
    """An array, the arrays of a cell array, or None for anything else."""
    if issparse(loaded):
        require_memory(loaded.shape[0] * loaded.shape[1] * loaded.dtype.itemsize, path)
        return np.asarray(loaded.toarray())
    if isinstance(loaded, list):
        parts = [_dense(each, path) for each in loaded]
        arrays = [each for each in parts if isinstance(each, np.ndarray)]
        return arrays if arrays and len(arrays) == len(parts) else None
    return loaded if isinstance(loaded, np.ndarray) and loaded.dtype.kind in "biufc" else None


def _of_hdf5(file: Any, stored: Any) -> AnyArray | list[AnyArray] | None:
    """As `_dense`, for a data set of version 7.3."""
    kind = stored.attrs.get("MATLAB_class", b"")
    if "MATLAB_empty" in stored.attrs or kind == b"char":
        return None
    if h5py.check_ref_dtype(stored.dtype) is not None:
        parts = [file[each] for each in stored[...].T.ravel(order="F")]
        values = [
            _of_hdf5(file, each) if isinstance(each, h5py.Dataset) else None for each in parts
        ]
        arrays = [each for each in values if isinstance(each, np.ndarray)]
        return arrays if arrays and len(arrays) == len(values) else None
    return np.asarray(stored[...].T) if stored.dtype.kind in "biuf" else None
