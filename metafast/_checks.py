"""Checks of what users hand in. Each message says what came, what is needed, and the cure."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from metafast._typing import ByteArray, FloatArray


def require_number(
    name: str, value: Any, *, above: float = -np.inf, below: float = np.inf, closed: bool = False
) -> float:
    """Return `value` as a float inside (above, below), or [above, below] if `closed`."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {value!r}; a number is needed") from None
    inside = above <= number <= below if closed else above < number < below
    if not (np.isfinite(number) and inside):
        brackets = "[]" if closed else "()"
        raise ValueError(
            f"{name} is {value!r}; a finite number in {brackets[0]}{above:g}, {below:g}"
            f"{brackets[1]} is needed"
        )
    return number


def require_count(name: str, value: Any, minimum: int = 1) -> int:
    """Return `value` as an int not smaller than `minimum`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < minimum:
        raise ValueError(f"{name} is {value!r}; a whole number of at least {minimum} is needed")
    return int(value)


def require_cells(cells: Any, *, square: bool = False) -> ByteArray:
    """Return a contiguous batch (n, h, w) of binary cells; one cell (h, w) becomes n = 1."""
    array = np.asarray(cells)
    if array.ndim == 2:
        array = array[None]
    if array.ndim != 3:
        raise ValueError(
            f"cells have shape {array.shape}; (n, h, w) is needed, or (h, w) for one cell"
        )
    if 0 in array.shape:
        raise ValueError(f"cells have shape {array.shape}: there is nothing in them")
    if array.dtype.kind not in "biuf":
        raise ValueError(f"cells have dtype {array.dtype}; bool, int or 0.0 and 1.0 are needed")
    if square and array.shape[1] != array.shape[2]:
        size = f"{array.shape[1]}x{array.shape[2]}"
        raise ValueError(f"cells are {size} pixels; square ones are needed")
    binary = array.astype(np.uint8) if array.dtype.kind != "f" else (array == 1).astype(np.uint8)
    wrong = (array != 0) & (array != 1)
    if wrong.any():
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"cells are not binary: {array[where]!r} at {where}; 1 = solid and 0 = void are "
            "needed, so threshold grey cells first, for instance cells > 0.5"
        )
    return np.ascontiguousarray(binary)


def require_properties(properties: Any, name: str = "properties") -> FloatArray:
    """Return (n, 4) stiffness components (C11, C12, C22, C33) that are positive definite."""
    try:
        array = np.ascontiguousarray(np.atleast_2d(np.asarray(properties, dtype=float)))
    except (TypeError, ValueError):
        raise ValueError(f"{name} are not numbers: {properties!r}") from None
    if array.ndim != 2 or array.shape[1] != 4:
        raise ValueError(
            f"{name} have shape {array.shape}; (n, 4) is needed, columns C11, C12, C22, C33"
        )
    if len(array) == 0:
        raise ValueError(f"{name} are empty; at least one row is needed")
    bad = ~np.isfinite(array).all(1)
    with np.errstate(invalid="ignore"):
        bad |= (array[:, [0, 2, 3]] <= 0).any(1) | (array[:, 1] ** 2 >= array[:, 0] * array[:, 2])
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise ValueError(
            f"{name}[{row}] = {array[row].tolist()} is not a stable orthotropic stiffness; finite "
            "C11, C22, C33 > 0 and C12^2 < C11*C22 are needed"
        )
    return array


def require_threads(threads: int | None) -> int:
    """Return a number of threads; None means all that this process may use."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return available or 1 if threads is None else require_count("threads", threads)


def require_writable_directory(path: str | os.PathLike[str]) -> Path:
    """Create the directory if need be and check that files can be written into it."""
    directory = Path(path)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / f".metafast-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ValueError(
            f"cannot write to {str(directory)!r} ({error.strerror}); choose another --output"
        ) from error
    return directory


def load_array(path: str | os.PathLike[str], key: str) -> Any:
    """Array of a .npy file, or the one named `key` of a .npz file; pickles are never loaded."""
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"there is no file {str(path)!r}; check the path")
    try:
        with path.open("rb") as stream:
            loaded = np.load(stream, allow_pickle=False)
            return loaded if isinstance(loaded, np.ndarray) else loaded[key]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ValueError(
            f"{str(path)!r} does not hold the array {key!r} ({error}); .npy, or .npz with that "
            "name, is needed"
        ) from error


def save_array(path: str | os.PathLike[str], array: Any) -> Path:
    """Write a .npy file, which replaces an older one only when it is complete."""
    path = Path(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial.npy")
    try:
        np.save(partial, array)
        os.replace(partial, path)
    except OSError as error:
        raise ValueError(f"cannot write {str(path)!r} ({error}); choose another path") from error
    return path
