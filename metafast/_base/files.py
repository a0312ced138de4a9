"""Atomic file writing, checks of file targets, and safe loading of arrays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import BadZipFile

import numpy as np


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path that replaces `path` when the ``with`` block ends without an error.

    Raises
    ------
    ValueError
        If the file cannot be written, or `path` is something else than a file.
    """
    target = Path(path)
    require_file_target(target)
    partial = target.with_name(f".{target.stem}.{os.getpid()}.partial{target.suffix}")
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
    if path.exists() and not path.is_file():
        kind = "a directory" if path.is_dir() else "no regular file"
        raise ValueError(f"cannot write {str(path)!r}: it is {kind}; give the name of a file")
    if not path.parent.is_dir():
        raise ValueError(f"cannot write {str(path)!r}: there is no directory {str(path.parent)!r}")


def require_writable_directory(path: str | os.PathLike[str]) -> Path:
    """Create the directory if necessary, and check that files can be written into it."""
    directory = Path(path)
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
    path = Path(path)
    if not path.is_file():
        reason = "is a directory, not a file" if path.is_dir() else "does not exist"
        raise ValueError(f"{str(path)!r} {reason}; check the path")
    try:
        with path.open("rb") as stream:
            loaded = np.load(stream, allow_pickle=False)
            return loaded if isinstance(loaded, np.ndarray) else loaded[key]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ValueError(
            f"{str(path)!r} does not hold the array {key!r} ({error}); .npy, or .npz with that "
            "name, is needed"
        ) from error


def require_array_target(path: Path) -> None:
    """Refuse a name that does not end in .npy, before the work whose result it would hold."""
    if path.suffix != ".npy":
        raise ValueError(f"the array is written as .npy, but the name is {path.name!r}; name it so")


def save_array(path: str | os.PathLike[str], array: Any) -> Path:
    """Write a .npy file, which replaces an existing one only when complete."""
    path = Path(path)
    require_array_target(path)
    with atomic_write(path) as partial:
        np.save(partial, array)
    return path
