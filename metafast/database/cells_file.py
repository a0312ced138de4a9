"""HDF5 format of a cell database, with pixels that stay in the file until they are used.

Cells are bits, one row per cell, in chunks with checksums. Attributes say what the numbers mean.
The whole file is sealed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from metafast._base.checks import (
    as_array,
    require_properties,
    shown,
)
from metafast._base.hdf5 import UNREADABLE, array_in, read_hdf5, require_stored, write_hdf5
from metafast._base.typing import AnyArray, ByteArray, FloatArray, IntArray
from metafast.cells.packing import stored_pixels
from metafast.phases import Phases
from metafast.properties.names import PROPERTIES

Provenance = dict[str, str | int | float]
_FORMAT = "metafast-database-2"
_OLDER = ("metafast-database-1",)  # without a seal
_ROWS = 8192  # rows per chunk of the file
_READ_AT_ONCE = 64_000_000  # bytes up to which a scattered read loads and keeps all cells


@dataclass(frozen=True)
class Header:
    """Metadata of a database.

    Attributes
    ----------
    shape : tuple of int
        Number, height and width (n, h, w) of the cells.
    quarter : bool
        Whether only the upper left quarters are stored.
    phases : Phases
        Solid and void that the properties hold for.
    provenance : dict
        Command, options and version that made the database.
    """

    shape: tuple[int, int, int]
    quarter: bool
    phases: Phases
    provenance: Provenance

    @property
    def packed_shape(self) -> tuple[int, int]:
        """Number of cells, and bytes per cell."""
        n, h, w = self.shape
        return n, -(-stored_pixels(h, w, self.quarter) // 8)


class PackedFile:
    """Bits (n, bytes) of the cells in a file, indexed like an array and read on demand.

    The file does not stay open; reading fails if it was replaced in the meantime.

    Parameters
    ----------
    path : Path
    shape : tuple of int
        Number of cells, and bytes per cell.
    chunk_rows : int
        Rows that a scattered read takes from the file at a time.
    read_at_once : int
        Bytes of cells up to which a scattered read loads and keeps all of them.
    """

    def __init__(
        self,
        path: Path,
        shape: tuple[int, int],
        *,
        chunk_rows: int = _ROWS,
        read_at_once: int = _READ_AT_ONCE,
    ) -> None:
        self.shape = shape
        self._chunk_rows, self._read_at_once = chunk_rows, read_at_once
        self._path = path.absolute()
        self._stamp = _stamp(self._path)
        self._whole: ByteArray | None = None

    def __getitem__(self, rows: Any) -> ByteArray:
        if self._whole is None and not isinstance(rows, slice) and self._small:
            self._whole = self.read_rows(slice(None))
        if self._whole is not None:
            return np.asarray(self._whole[rows])
        if isinstance(rows, slice) and (rows.step or 1) > 0:
            return self.read_rows(rows)
        index = np.arange(self.shape[0])[rows]
        result = np.empty((*index.shape, self.shape[1]), dtype=np.uint8)
        flat, target = index.ravel(), result.reshape(-1, self.shape[1])
        chunk = flat // self._chunk_rows
        for k in np.unique(chunk):
            here = np.flatnonzero(chunk == k)
            first = int(k) * self._chunk_rows
            part = self.read_rows(slice(first, first + self._chunk_rows))
            target[here] = part[flat[here] - first]
        return result

    def is_in(self, path: Path) -> bool:
        """Whether the cells are read from this file."""
        return self._path == path.absolute()

    @property
    def _small(self) -> bool:
        return self.shape[0] * self.shape[1] <= self._read_at_once

    def read_rows(self, part: slice) -> ByteArray:
        """Bits (m, bytes) of a slice of the rows, read from the file.

        Raises
        ------
        ValueError
            If the file cannot be read or has changed.
        """
        with _clear_errors(self._path):
            if _stamp(self._path) != self._stamp:
                raise ValueError("it changed since it was opened")
            with h5py.File(self._path, "r") as file:  # its seal was checked when it was opened
                return np.asarray(file["cells"][part])


def _stamp(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


@contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    """Make any failure to read the file one clear error."""
    if not path.is_file():
        raise ValueError(f"there is no database at {str(path)!r}; check the path or build one")
    try:
        yield
    except UNREADABLE as error:
        raise ValueError(
            f"{str(path)!r} is not a readable metafast database ({error}); open it again, rebuild "
            "it or restore it from a copy"
        ) from error


def read_file(path: Path) -> tuple[Header, PackedFile, FloatArray, IntArray]:
    """Header, cells left in the file, properties and parents, checked for consistency."""
    with _clear_errors(path), read_hdf5(path, _FORMAT, _OLDER) as file:
        attributes = dict(file.attrs)
        n, h, w = (int(x) for x in attributes["shape"])
        header = Header(
            (n, h, w),
            bool(attributes["quarter"]),
            Phases.from_json(attributes["phases"]),
            dict(json.loads(attributes["provenance"])),
        )
        cells = file["cells"]
        if cells.dtype != np.uint8 or cells.shape != header.packed_shape:
            raise ValueError(f"its pixels are {cells.shape}, not {header.packed_shape}")
        require_stored(cells)
        properties = require_properties(array_in(file, "properties"))
        if len(properties) != n:
            raise ValueError(f"it has {n} cells and {len(properties)} rows of properties")
        parents = checked_parents(array_in(file, "parents"), n)
        return header, PackedFile(path, header.packed_shape), properties, parents


def write_file(
    path: Path, header: Header, packed: Any, properties: FloatArray, parents: IntArray
) -> None:
    """Write a database; an existing file is replaced only by a complete one."""
    n, width = header.packed_shape
    options: dict[str, Any] = {"compression": "gzip", "shuffle": True, "compression_opts": 9}
    options["fletcher32"] = True
    with write_hdf5(path, _FORMAT) as file:
        file.attrs["shape"] = header.shape
        file.attrs["quarter"] = header.quarter
        file.attrs["property_names"] = PROPERTIES
        file.attrs["phases"] = header.phases.to_json()
        file.attrs["mesh"] = "one bilinear Q4 element per pixel"
        file.attrs["provenance"] = json.dumps(header.provenance)
        rows = min(_ROWS, n)
        cells = file.create_dataset("cells", (n, width), np.uint8, chunks=(rows, width), **options)
        for start in range(0, n, rows):
            cells[start : start + rows] = packed[start : start + rows]
        file.create_dataset("properties", data=properties, **options)
        file.create_dataset("parents", data=parents.astype(np.int32), **options)


def checked_parents(parents: Any, n: int) -> IntArray:
    """Return parents (n,), checked: rows of the database, or -1 for seeds."""
    rows: AnyArray = as_array("parents", parents)
    if rows.shape != (n,) or rows.dtype.kind not in "iu" or (rows < -1).any() or (rows >= n).any():
        raise ValueError(
            f"parents have shape {rows.shape} ({rows.dtype}); ({n},) whole numbers are needed, "
            "rows of the database or -1 for a seed"
        )
    own = rows.astype(np.int64)
    ancestors = own
    for _ in range(n.bit_length()):  # twice as far back every time
        ancestors = np.where(ancestors < 0, -1, ancestors[ancestors])
    if (ancestors >= 0).any():
        raise ValueError(
            f"parents run in a ring through row {int(np.flatnonzero(ancestors >= 0)[0])}; a cell "
            "cannot be its own ancestor: give -1 for seeds"
        )
    return own


def require_provenance(provenance: Any) -> Provenance:
    """Return a copy of a provenance that files can hold."""
    if provenance is None:
        return {}
    if not isinstance(provenance, dict):
        raise ValueError(f"provenance is {shown(provenance)}; a dict is needed")
    try:
        json.dumps(provenance)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"provenance is {shown(provenance)} ({error}); texts and numbers are needed, which "
            "files can hold"
        ) from None
    return dict(provenance)
