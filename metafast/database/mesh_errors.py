"""Mesh errors: how much too stiff one element per pixel makes the cells of a database.

They are kept in the user's cache, in a file that is named by a checksum of the cells and their
phases; that of the embedded database ships with the package.
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
    shares = _shares(database, rows, threads, progress)[1][:, [0, 2, 3]]
    return np.asarray((-shares / (1.0 + shares)).max(axis=1))


def mesh_differences(
    database: CellDatabase,
    rows: Any = None,
    *,
    threads: int | None = None,
    progress: Progress = silent,
) -> FloatArray:
    """What four elements per pixel instead of one change in the properties of cells.

    Parameters are those of `mesh_errors`.

    Returns
    -------
    (m, 4) array
        Differences of C11, C12, C22, C33; rounded to three digits.
    """
    asked, shares = _shares(database, rows, threads, progress)
    return shares * _scales(database.properties[asked])


def _scales(properties: FloatArray) -> FloatArray:
    """What the differences (m, 4) of properties (m, 4) are kept relative to."""
    c11, _, c22, c33 = properties.T
    return np.stack([c11, np.sqrt(c11 * c22), c22, c33], axis=1)


def _shares(
    database: CellDatabase, rows: Any, threads: int | None, progress: Progress
) -> tuple[IntArray, FloatArray]:
    """The rows asked for, and their differences (m, 4) relative to the scales."""
    asked = np.arange(len(database))
    if rows is not None:
        asked = asked[rows]
    name = f"{_checksum(database)}.npy"
    shares = _known(name, len(database))
    missing = np.unique(asked[np.isnan(shares[asked, 0])])
    if len(missing):
        _compute(database, missing, shares, require_threads(threads), progress)
        with suppress(ValueError, OSError):  # without a cache they are computed again
            folder = cache_directory() / _FOLDER
            folder.mkdir(parents=True, exist_ok=True)
            save_array(folder / name, shares)
    return asked, shares[asked].astype(float)


def _compute(
    database: CellDatabase, rows: IntArray, shares: AnyArray, threads: int, progress: Progress
) -> None:
    """Fill the shares of the rows."""
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        fine = homogenize(database.take(part), database.phases, refine=2, threads=threads)
        coarse = database.properties[part]
        shares[part] = (properties_of(fine) - coarse) / _scales(coarse)
        progress("mesh errors", start + len(part), len(rows))


def _known(name: str, count: int) -> AnyArray:
    """Shares (n, 4) that were kept or that ship, NaN where unknown."""
    with resources.as_file(resources.files("metafast.assets") / _FOLDER) as embedded:
        for folder in (cache_directory() / _FOLDER, embedded):
            with suppress(ValueError):
                found = load_array(folder / name, "mesh_errors")
                if found.shape == (count, 4) and found.dtype == np.float16:
                    return np.asarray(found)
    return np.full((count, 4), np.nan, np.float16)


def _checksum(database: CellDatabase) -> str:
    """Short name of the cells and phases of a database."""
    content = hashlib.sha256(repr((database.shape, database.phases)).encode())
    content.update(np.ascontiguousarray(database.packed).tobytes())
    return content.hexdigest()[:16]
