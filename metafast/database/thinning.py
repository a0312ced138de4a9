"""Thinning of a database to a size that still covers the property space."""

from __future__ import annotations

import numpy as np

from metafast._base.checks import require_count, require_number
from metafast._base.typing import FloatArray, IntArray
from metafast.database.store import CellDatabase


def thin_database(
    database: CellDatabase, size: int, *, least_side_solid: float = 0.0
) -> CellDatabase:
    """Keep `size` cells that cover the property space evenly.

    Half of them are the first cells of voxels in linear unit coordinates, the others of voxels in
    logarithmic ones; the voxels are as small as the size allows.

    Parameters
    ----------
    database : CellDatabase
    size : int
        Number of cells to keep.
    least_side_solid : float
        Cells whose sides all have at least this solid fraction come first in each voxel;
        `metafast.selection.LEAST_SIDE_SOLID` keeps the cells that a design uses by default.

    Raises
    ------
    ValueError
        If the database has fewer cells, or the fraction is not between 0 and 1.
    """
    size = require_count("size", size)
    if size > len(database):
        raise ValueError(f"size is {size} but the database has {len(database)} cells; lower size")
    least = require_number("least_side_solid", least_side_solid, above=0.0, below=1.0, closed=True)
    order = np.argsort(database.side_solid() < least, kind="stable")
    properties = database.properties[order]
    linear = order[_by_voxels(database.coordinates("linear").to_unit(properties), size // 2)]
    log = order[_by_voxels(database.coordinates("log").to_unit(properties), size)]
    rest = np.setdiff1d(log, linear, assume_unique=True)
    drawn = np.random.default_rng(0).permutation(len(rest))[: size - len(linear)]
    chosen = np.union1d(linear, rest[drawn])
    if len(chosen) < size:
        others = np.setdiff1d(np.arange(len(database)), chosen)
        chosen = np.union1d(chosen, others[: size - len(chosen)])
    thin = database.subset(chosen)
    thin.provenance = {**database.provenance, "kept": size}
    return thin


def _by_voxels(unit: FloatArray, size: int) -> IntArray:
    """First row in each voxel, for the smallest voxels of which at most `size` are occupied."""
    coarse, fine = 1.0, float(2**14)
    best = np.zeros(1, dtype=np.int64)
    while fine / coarse > 1.002:
        count = float(np.sqrt(coarse * fine))
        voxel = np.floor(unit * count).astype(np.int64)
        _, first = np.unique(voxel, axis=0, return_index=True)
        if len(first) <= size:
            best, coarse = first, count
        else:
            fine = count
    return np.asarray(best[:size], dtype=np.int64)
