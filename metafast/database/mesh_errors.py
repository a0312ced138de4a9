"""Mesh errors: how much too stiff one element per pixel makes the cells of a database.

The errors are kept in the user's cache, in a file that is named by a checksum of the cells and
their phases; that of the embedded database ships with the package.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from importlib import resources
from typing import Any

import numpy as np

from metafast._base.checks import require_threads
from metafast._base.files import load_array, save_array
from metafast._base.progress import Progress, silent
from metafast._base.typing import AnyArray, FloatArray, IntArray
from metafast.database.cache import cache_directory
from metafast.database.store import CellDatabase
from metafast.homogenization import homogenize, properties_of

_FOLDER = "mesh_errors"
_CHUNK = 4096  # cells between two reports of progress
_STIFFNESSES = [0, 2, 3]  # C11, C22, C33


def mesh_errors(
    database: CellDatabase,
    rows: Any = None,
    *,
    threads: int | None = None,
    progress: Progress = silent,
) -> FloatArray:
    """Share by which one element per pixel overstates the stiffness of cells.

    One bilinear element per pixel is too stiff in slender members, most of all in bending. The
    error of a cell is the largest of C11, C22 and C33 with one element per pixel, relative to that
    with four; with finer elements about as much again is to come.

    Parameters
    ----------
    database : CellDatabase
    rows : (m,) int array or (n,) mask, optional
        The cells asked for; all by default.
    threads : int, optional
        CPU threads; all available by default.
    progress : callable, optional
        Called as ``progress("mesh errors", cells done, cells in all)``; not at all if all are
        known.

    Returns
    -------
    (m,) array
        0.03 for a cell that is 3 % too stiff; rounded to three digits.
    """
    asked = np.arange(len(database))
    if rows is not None:
        asked = asked[rows]
    name = f"{_checksum(database)}.npy"
    errors = _known(name, len(database))
    missing = asked[np.isnan(errors[asked])]
    if len(missing):
        _compute(database, missing, errors, require_threads(threads), progress)
        with suppress(ValueError, OSError):  # without a cache they are computed again
            folder = cache_directory() / _FOLDER
            folder.mkdir(parents=True, exist_ok=True)
            save_array(folder / name, errors)
    return errors[asked].astype(float)


def _compute(
    database: CellDatabase, rows: IntArray, errors: AnyArray, threads: int, progress: Progress
) -> None:
    """Fill the errors of the rows."""
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        fine = homogenize(database.take(part), database.phases, refine=2, threads=threads)
        coarse = database.properties[part][:, _STIFFNESSES]
        errors[part] = (coarse / properties_of(fine)[:, _STIFFNESSES]).max(axis=1) - 1.0
        progress("mesh errors", start + len(part), len(rows))


def _known(name: str, count: int) -> AnyArray:
    """Errors (n,) that were kept or that ship, NaN where unknown."""
    with resources.as_file(resources.files("metafast.assets") / _FOLDER) as embedded:
        for folder in (cache_directory() / _FOLDER, embedded):
            with suppress(ValueError):
                found = load_array(folder / name, "mesh_errors")
                if found.shape == (count,) and found.dtype == np.float16:
                    return np.asarray(found)
    return np.full(count, np.nan, np.float16)


def _checksum(database: CellDatabase) -> str:
    """Short name of the cells and phases of a database."""
    content = hashlib.sha256(repr((database.shape, database.phases)).encode())
    content.update(np.ascontiguousarray(database.packed).tobytes())
    return content.hexdigest()[:16]
