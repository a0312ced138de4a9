"""Sealed HDF5 files, and arrays that are read only if the file can hold them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from metafast._base.files import atomic_write
from metafast._base.memory import require_memory
from metafast._base.sealed import HEAD_BYTES, is_sealed, seal
from metafast._base.typing import AnyArray

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
# exceptions of a file that is damaged, or holds something else than its format says
UNREADABLE = (
    OSError, KeyError, ValueError, TypeError, AttributeError, IndexError, RuntimeError,
    OverflowError, ArithmeticError,
)  # fmt: skip
_RATIO = 1100  # deflate makes data 1032 times smaller at most
_SLACK = 4096  # bytes of arrays that HDF5 keeps elsewhere than in their storage


@contextmanager
def write_hdf5(path: str | os.PathLike[str], name: str) -> Iterator[Any]:
    """Yield a new HDF5 file that, sealed, replaces `path` when the block ends without an error.

    Parameters
    ----------
    path : path
    name : str
        Format with its version.
    """
    with atomic_write(path) as partial:
        with h5py.File(partial, "w", userblock_size=HEAD_BYTES) as file:
            file.attrs["format"] = name
            yield file
        seal(partial, name)


@contextmanager
def read_hdf5(path: Path, name: str, older: tuple[str, ...]) -> Iterator[Any]:
    """Yield an HDF5 file of a format after its seal was checked.

    Parameters
    ----------
    path : Path
    name : str
        Format with its version.
    older : tuple of str
        Versions that have no seal.

    Raises
    ------
    ValueError
        If the file is damaged or of another format.
    """
    known = (name,) if is_sealed(path, name, _SIGNATURE) else older
    with h5py.File(path, "r") as file:
        found = file.attrs.get("format")
        if found not in known:
            raise ValueError(f"format is {found!r}, not {name!r}")
        yield file


def array_in(file: Any, name: str) -> AnyArray:
    """The array of a name, read after its size was compared with the bytes stored for it.

    Raises
    ------
    ValueError
        If there is no such array, or the file holds fewer bytes than it claims.
    MemoryError
        If the array is larger than the memory that is left.
    """
    dataset = file[name]
    if not isinstance(dataset, h5py.Dataset) or not _is_numeric(dataset.dtype):
        raise ValueError(f"{name!r} is no array of numbers")
    require_stored(dataset)
    require_memory(dataset.nbytes, f"the array {name!r}", "use a machine with more memory")
    return np.asarray(dataset[...])


def _is_numeric(kind: np.dtype[Any]) -> bool:
    """Whether a type is one of numbers, or a record of such."""
    parts = [kind[name] for name in kind.names] if kind.names else [kind]
    return all(part.kind in "biuf" for part in parts)


def require_stored(dataset: Any) -> None:
    """Refuse a dataset that claims more bytes than its stored ones can expand to."""
    stored = int(dataset.id.get_storage_size())
    if dataset.nbytes > _RATIO * stored + _SLACK:
        raise ValueError(
            f"{dataset.name.lstrip('/')!r} claims {dataset.nbytes:,} bytes where {stored:,} are "
            "stored: the file is damaged"
        )
