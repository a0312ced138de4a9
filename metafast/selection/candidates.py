"""Candidates of a cell: near in properties, diverse in shape (section 4.2, Fig. 11)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from metafast._base.checks import (
    require_array,
    require_count,
    require_number,
    require_properties,
    require_threads,
)
from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.database import CellDatabase
from metafast.properties.coordinates import CoordinateKind
from metafast.selection.clusters import best_of_clusters, principal_plane
from metafast.selection.shapes import checked_latents, is_encoder, latents_of


def select_candidates(
    database: CellDatabase,
    latents: Any,
    targets: Any,
    count: int = 10,
    *,
    pool: int | None = None,
    coordinates: CoordinateKind = "log",
    eligible: BoolArray | None = None,
    max_deviation: float = 0.25,
    threads: int | None = None,
) -> IntArray:
    """Candidate cells for each target stiffness.

    The `pool` cells nearest to a target in property space are clustered by k-means on the first
    two principal components of their latent coordinates, and the cell of each cluster that is
    nearest to the target is kept.

    Parameters
    ----------
    database : CellDatabase
    latents : (n, d) array or Encoder
        Coordinates of the database's cells in which near means similar in shape: latent variables
        of a generative model, or `pixel_components`. Or the model itself; then only the cells that
        are near a target are encoded.
    targets : (m, 4) array
        Wanted C11, C12, C22, C33.
    count : int
        Candidates per target.
    pool : int, optional
        Cells to cluster, at least `count`; `count` itself gives the nearest cells without
        clustering. The default is six times `count`, or all cells if there are fewer.
    coordinates : {"log", "linear"}
        Property coordinates in which the maximum norm measures nearness (Eq. 16).
    eligible : (n,) bool array, optional
        Cells that may be chosen; all by default.
    max_deviation : float
        Largest deviation of a target from its nearest cell, in unit coordinates.
    threads : int, optional

    Returns
    -------
    (m, count) int array
        Rows of the database, nearest first. Every target gets `count` different cells;
        `property_errors` tells how far each is from its target.

    Raises
    ------
    ValueError
        If arrays do not fit together, too few cells are eligible, or a target lies outside what
        the database offers.
    """
    count = require_count("count", count)
    require_number("max_deviation", max_deviation, above=0.0)
    if not is_encoder(latents):
        checked_latents(latents, len(database))
    wanted = require_properties(targets, "targets")
    rows = np.arange(len(database))
    if eligible is not None:
        mask = np.asarray(eligible)
        if mask.shape != (len(database),) or mask.dtype != bool:
            raise ValueError(
                f"eligible has shape {mask.shape} ({mask.dtype}); ({len(database)},) booleans "
                "are needed"
            )
        rows = np.flatnonzero(mask)
    if len(rows) < count:
        raise ValueError(
            f"{count} candidates were asked for but {len(rows)} cells are eligible; lower count "
            "or use a larger database"
        )
    size = min(6 * count, len(rows)) if pool is None else require_count("pool", pool, count)
    size = min(size, len(rows))
    axes = database.coordinates(coordinates)
    tree = cKDTree(axes.to_unit(database.properties[rows]))
    unit = axes.to_unit(wanted)
    deviation, order = tree.query(
        unit, k=[*range(1, size + 1)], p=np.inf, workers=require_threads(threads)
    )
    near: IntArray = rows[order]
    _refuse_outside(database, wanted, near[:, 0], deviation[:, 0], max_deviation)
    if size == count:
        return near
    members, place = np.unique(near, return_inverse=True)
    points = latents_of(latents, database, members)
    chosen = best_of_clusters(principal_plane(points[place.reshape(near.shape)]), count)
    return np.take_along_axis(near, chosen, axis=1)


def property_errors(
    database: CellDatabase,
    targets: Any,
    candidates: Any,
    *,
    coordinates: CoordinateKind = "log",
) -> FloatArray:
    """Maximum norm of each candidate's deviation from its target (Eq. 16).

    Parameters
    ----------
    database : CellDatabase
    targets : (..., 4) array
        Wanted C11, C12, C22, C33.
    candidates : (..., count) int array
        Rows of the database.
    coordinates : {"log", "linear"}
        Property coordinates, scaled to the database's ranges.

    Returns
    -------
    (..., count) array

    Raises
    ------
    ValueError
        If shapes disagree or a candidate is no row of the database.
    """
    choice, wanted = np.asarray(candidates), require_array("targets", targets)
    if choice.ndim < 1 or choice.dtype.kind not in "iu" or wanted.shape != (*choice.shape[:-1], 4):
        raise ValueError(
            f"candidates have shape {choice.shape} ({choice.dtype}) and targets {wanted.shape}; "
            "whole numbers (..., count) and (..., 4) are needed"
        )
    if choice.size == 0 or choice.min() < 0 or choice.max() >= len(database):
        raise ValueError(f"candidates must be rows of the database, 0 to {len(database) - 1}")
    require_properties(wanted.reshape(-1, 4), "targets")
    axes = database.coordinates(coordinates)
    deviation = axes.to_unit(database.properties[choice]) - axes.to_unit(wanted)[..., None, :]
    return np.asarray(np.abs(deviation).max(axis=-1))


def _refuse_outside(
    database: CellDatabase,
    wanted: FloatArray,
    nearest: IntArray,
    deviation: FloatArray,
    limit: float,
) -> None:
    worst = int(deviation.argmax())
    if deviation[worst] > limit:
        found = np.array2string(database.properties[nearest[worst]], precision=4)
        raise ValueError(
            f"target {worst} = {np.array2string(wanted[worst], precision=4)} (C11, C12, C22, C33) "
            f"lies outside the property space: the nearest cell has {found}, "
            f"{deviation[worst]:.2f} away in unit coordinates where {limit:g} is allowed. Keep "
            "targets inside PropertySpace or use a larger database"
        )
