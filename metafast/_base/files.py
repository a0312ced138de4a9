"""Atomic file writing, checks of file targets, and safe loading of arrays."""

from __future__ import annotations

import math
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, BinaryIO
from zipfile import BadZipFile, ZipFile, is_zipfile

import numpy as np

from metafast._base.checks import shown
from metafast._base.memory import require_memory

_LONGEST_NAME, _LONGEST_PATH = 255, 4095  # bytes
_STEM = 60  # characters of a name that its partial file shares

# exceptions of an array file that is damaged, encrypted or of another kind
_UNREADABLE = (
    OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error, RuntimeError,
    NotImplementedError, SyntaxError, TypeError, OverflowError,
)  # fmt: skip


def require_path(value: Any, name: str = "path") -> Path:
    """Return `value` as a path that a file system can have."""
    if not isinstance(value, (str, os.PathLike)) or isinstance(os.fspath(value), bytes):
        raise ValueError(f"{name} is {shown(value)}; the path of a file is needed, as text")
    path = Path(value)
    if "\0" in str(path):
        raise ValueError(f"{name} is {shown(value)}, with a NUL in it; choose another name")
    longest = max((len(os.fsencode(part)) for part in path.parts), default=0)
    if longest > _LONGEST_NAME or len(str(path)) > _LONGEST_PATH:
        raise ValueError(
            f"{name} has a name of {longest} bytes in a path of {len(str(path))}; file systems "
            f"hold {_LONGEST_NAME} in {_LONGEST_PATH}: choose a shorter one"
        )
    return path


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path that replaces `path` when the ``with`` block ends without an error.

    Raises
    ------
    ValueError
        If the file cannot be written, or `path` is something else than a file.
    """
    target = require_path(path)
    require_file_target(target)
    partial = target.with_name(f".{target.stem[:_STEM]}.{os.getpid()}.partial{target.suffix}")
    try:
        yield partial
        os.replace(partial, target)
    except OSError as error:
        raise ValueError(
            f"cannot write {str(target)!r} ({error.strerror or error}); choose another place"
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink()


def require_file_target(path: Path) -> None:
    """Refuse a path that no file can be written to, before the work whose result it would hold."""
    path = require_path(path)
    if path.exists() and not path.is_file():
        kind = "a directory" if path.is_dir() else "no regular file"
        raise ValueError(f"cannot write {str(path)!r}: it is {kind}; give the name of a file")
    if not path.parent.is_dir():
        raise ValueError(f"cannot write {str(path)!r}: there is no directory {str(path.parent)!r}")


def require_writable_directory(path: str | os.PathLike[str]) -> Path:
    """Create the directory if necessary, and check that files can be written into it."""
    directory = require_path(path)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / f".metafast-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        reason = "it is a file" if directory.is_file() else error.strerror
        raise ValueError(
            f"cannot write into {str(directory)!r} ({reason}); choose another directory"
        ) from error
    return directory


def require_new_folder(path: Path) -> None:
    """Refuse a folder that holds something, before the work whose result it would hold."""
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise ValueError(f"{str(path)!r} exists and is not an empty folder; name a new one")


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder that gets its name once the ``with`` block ends without an error.

    Raises
    ------
    ValueError
        If there is something at `path`, or its directory cannot be written into.
    """
    require_new_folder(path)
    require_writable_directory(path.parent)
    with TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as partial:
        folder = Path(partial) / path.name
        folder.mkdir()
        yield folder
        os.replace(folder, path)


def load_array(path: str | os.PathLike[str], key: str) -> Any:
    """Array of a .npy file, or the one named `key` of a .npz file; pickles are never loaded."""
    path = require_path(path)
    if not path.is_file():
        reason = "is a directory, not a file" if path.is_dir() else "does not exist"
        raise ValueError(f"{str(path)!r} {reason}; check the path")
    try:
        with path.open("rb") as stream:
            require_array_room(stream, path)
            loaded = np.load(stream, allow_pickle=False)
            return loaded if isinstance(loaded, np.ndarray) else loaded[key]
    except _UNREADABLE as error:
        raise ValueError(
            f"{str(path)!r} does not hold the array {key!r} ({error}); .npy, or .npz with that "
            "name, is needed"
        ) from error


def require_array_room(stream: BinaryIO, path: Path) -> None:
    """Refuse arrays of a .npy or .npz file that would not fit into memory, before one is read."""
    if is_zipfile(stream):
        with ZipFile(stream) as archive:
            for member in archive.infolist():
                size = member.file_size
                if member.filename.endswith(".npy"):
                    with archive.open(member) as part:
                        size = max(size, _array_size(part))
                _require_room(size, member.filename, path)
    else:
        stream.seek(0)
        _require_room(_array_size(stream), "the array", path)
    stream.seek(0)


def _require_room(size: int, name: str, path: Path) -> None:
    require_memory(size, f"{name!r} of {str(path)!r}", "use a machine with more memory")


def _array_size(stream: IO[bytes]) -> int:
    """Bytes of the array that the head of a .npy file describes; 0 for any other file."""
    try:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0
        if version != (1, 0):
            read = np.lib.format.read_array_header_2_0
        shape, _, dtype = read(stream)
    except ValueError:  # numpy says what is wrong when it loads the file
        return 0
    return math.prod(shape) * int(dtype.itemsize)


def require_array_target(path: Path) -> None:
    """Refuse a name that does not end in .npy, before the work whose result it would hold."""
    if path.suffix != ".npy":
        raise ValueError(f"the array is written as .npy, but the name is {path.name!r}; name it so")


def save_array(path: str | os.PathLike[str], array: Any) -> Path:
    """Write a .npy file, which replaces an existing one only when complete."""
    path = require_path(path)
    require_array_target(path)
    with atomic_write(path) as partial:
        np.save(partial, array)
    return path
