"""A smaller database that still covers the property space."""

from __future__ import annotations

import numpy as np

from metafast._base.checks import require_count
from metafast._base.typing import FloatArray, IntArray
from metafast.database.store import CellDatabase

_JOINED = 0.5  # solid share of every side that design asks for by default


def thin_database(database: CellDatabase, size: int) -> CellDatabase:
    """The `size` cells that cover the property space most evenly.

    Half of them stand for voxels of linear, the others of logarithmic unit coordinates, with the
    voxels as small as the number allows. In each voxel cells whose sides are at least half solid
    come first, as design takes those by default, and among equals the earlier one.

    Parameters
    ----------
    database : CellDatabase
    size : int

    Raises
    ------
    ValueError
        If the database has fewer cells.
    """
    size = require_count("size", size)
    if size > len(database):
        raise ValueError(f"size is {size} but the database has {len(database)} cells; lower size")
    order = np.argsort(database.side_solid() < _JOINED, kind="stable")
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
    """First row of each voxel, with the smallest voxels that give at most `size` rows."""
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
