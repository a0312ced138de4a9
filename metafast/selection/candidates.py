"""Candidate cells for target properties: near in properties, diverse in shape (section 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from metafast._base.checks import (
    as_array,
    require_array,
    require_callable,
    require_count,
    require_flag,
    require_instance,
    require_number,
    require_properties,
    require_threads,
)
from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.database import CellDatabase
from metafast.properties.coordinates import CoordinateKind
from metafast.selection.shapes import Encoder, latents_of, require_encoder

_CLUSTERED = 6  # cells per candidate that are clustered by default
_WIDER = 4  # cells that are considered for each that is clustered, where they have costs
_LLOYD_ITERATIONS = 12

Cost = Callable[[IntArray], FloatArray]


def select_candidates(
    database: CellDatabase,
    encoder: Encoder | FloatArray | None,
    targets: Any,
    count: int = 10,
    *,
    pool: int | None = None,
    coordinates: CoordinateKind = "log",
    eligible: BoolArray | None = None,
    cost: Cost | None = None,
    max_deviation: float = 0.25,
    threads: int | None = None,
) -> IntArray:
    """Select candidate cells for each target stiffness (section 4.2, Fig. 11).

    The `pool` cells nearest to a target in property space are clustered by k-means on the first
    two principal components of their latents, and the nearest cell of each cluster is kept.

    Parameters
    ----------
    database : CellDatabase
    encoder : Encoder, (n, d) array or None
        Model whose latents are near for similar shapes, which then encodes only the cells near a
        target; or such coordinates of all cells, for instance `pixel_components`. None selects the
        nearest cells without clustering.
    targets : (..., 4) array
        Target C11, C12, C22, C33.
    count : int
        Candidates per target.
    pool : int, optional
        Cells to cluster, at least `count`; `count` itself selects the nearest cells. The default is
        six times `count`, or all cells if there are fewer.
    coordinates : {"log", "linear"}
        Property coordinates in which the maximum norm measures nearness (Eq. 16).
    eligible : (n,) bool array, optional
        Cells that may be selected; all by default.
    cost : callable, optional
        Costs (m, k) of cells, rows (m, k) of the database, for m targets: of four times as many
        nearest cells, the pool takes those of least cost.
    max_deviation : float
        Largest deviation of a target from its nearest cell, in unit coordinates.
    threads : int, optional
        CPU threads; all available by default.

    Returns
    -------
    (..., count) int array
        Rows of the database, nearest first. Every target gets `count` different cells;
        `property_errors` gives their deviations from the target.

    Raises
    ------
    ValueError
        If arrays do not fit together, too few cells are eligible, or a target lies outside the
        property space.
    """
    require_instance("database", database, CellDatabase)
    count = require_count("count", count)
    require_number("max_deviation", max_deviation, above=0.0)
    if encoder is not None:
        encoder = require_encoder(encoder, len(database))
    if cost is not None:
        require_callable("cost", cost, "rows of the database")
    aims = require_array("targets", targets)
    if aims.ndim < 1 or aims.size == 0:
        raise ValueError(f"targets have shape {aims.shape}; non-empty (..., 4) is needed")
    shape = aims.shape[:-1]
    aims = require_properties(aims.reshape(-1, *aims.shape[-1:]), "targets")
    rows = _eligible_rows(eligible, len(database))
    if len(rows) < count:
        raise ValueError(
            f"{count} candidates were asked for but {len(rows)} cells are eligible; lower count "
            "or use a larger database"
        )
    size = _pool_size(pool, count, len(rows), encoder is None)
    axes = database.coordinates(coordinates)
    tree = cKDTree(axes.to_unit(database.properties[rows]))
    wide = size if cost is None else min(_WIDER * size, len(rows))
    deviation, order = tree.query(
        axes.to_unit(aims), k=[*range(1, wide + 1)], p=np.inf, workers=require_threads(threads)
    )
    near: IntArray = rows[order]
    _refuse_outside(database, aims, near[:, 0], deviation[:, 0], max_deviation)
    if cost is not None:
        cheapest = np.argsort(_costs(cost, near), axis=1, kind="stable")[:, :size]
        near = np.take_along_axis(near, np.sort(cheapest, axis=1), axis=1)  # nearest first
    if size > count:
        members, place = np.unique(near, return_inverse=True)
        points = latents_of(encoder, database, members)
        chosen = best_of_clusters(principal_plane(points[place.reshape(near.shape)]), count)
        near = np.take_along_axis(near, chosen, axis=1)
    return near.reshape(*shape, count)


def _costs(cost: Cost, rows: IntArray) -> FloatArray:
    """Costs (m, n) of rows (m, n) by a user's function."""
    costs = as_array("what cost returned", cost(rows))
    if costs.shape != rows.shape:
        raise ValueError(
            f"cost returned an array of shape {costs.shape} for rows of shape {rows.shape}; one "
            "number for each row is needed"
        )
    return costs


def property_errors(
    database: CellDatabase,
    targets: Any,
    candidates: Any,
    *,
    coordinates: CoordinateKind = "log",
    scaled: bool = True,
) -> FloatArray:
    """Maximum norm of each candidate's deviation from its target (Eq. 16).

    Parameters
    ----------
    database : CellDatabase
    targets : (..., 4) array
        Target C11, C12, C22, C33.
    candidates : (..., count) int array
        Rows of the database.
    coordinates : {"log", "linear"}
        Property coordinates, scaled to the database's ranges.
    scaled : bool
        False: the deviation of C itself, in units of E, whatever the coordinates, as in the paper.
        C11 and C22 then count more than C12 and C33, whose ranges are smaller.

    Returns
    -------
    (..., count) array

    Raises
    ------
    ValueError
        If shapes disagree or a candidate is no row of the database.
    """
    require_instance("database", database, CellDatabase)
    choice, aims = as_array("candidates", candidates), require_array("targets", targets)
    if choice.ndim < 1 or choice.dtype.kind not in "iu" or aims.shape != (*choice.shape[:-1], 4):
        raise ValueError(
            f"candidates have shape {choice.shape} ({choice.dtype}) and targets {aims.shape}; "
            "whole numbers (..., count) and (..., 4) are needed"
        )
    if choice.size == 0 or choice.min() < 0 or choice.max() >= len(database):
        raise ValueError(f"candidates must be rows of the database, 0 to {len(database) - 1}")
    require_properties(aims.reshape(-1, 4), "targets")
    axes = database.coordinates(coordinates)
    if require_flag("scaled", scaled):
        deviation = axes.to_unit(database.properties[choice]) - axes.to_unit(aims)[..., None, :]
    else:
        young = database.phases.solid.young
        deviation = (database.properties[choice] - aims[..., None, :]) / young
    return np.asarray(np.abs(deviation).max(axis=-1))


def principal_plane(points: FloatArray) -> FloatArray:
    """First two principal components (m, pool, 2) of each target's pool of points (m, pool, d)."""
    centred = points - points.mean(axis=1, keepdims=True)
    _, axes = np.linalg.eigh(centred.transpose(0, 2, 1) @ centred)  # rising eigenvalues
    return np.asarray(centred @ axes[:, :, -2:])


def best_of_clusters(points: FloatArray, count: int) -> IntArray:
    """First member (lowest column, so nearest in properties) of each of `count` clusters.

    Lloyd's k-means on all targets at once: points (m, pool, d), centres (m, count, d). The first
    centre is the nearest cell, each further one the point farthest from the centres so far.
    """
    m, pool, _ = points.shape
    every = np.arange(m)
    start = np.zeros((m, count), dtype=np.int64)
    gap = ((points - points[:, :1]) ** 2).sum(-1)
    for k in range(1, count):
        start[:, k] = gap.argmax(1)
        gap = np.minimum(gap, ((points - points[every, start[:, k]][:, None]) ** 2).sum(-1))
    centres = points[every[:, None], start]
    for _ in range(_LLOYD_ITERATIONS):
        label = ((points[:, :, None] - centres[:, None]) ** 2).sum(-1).argmin(2)
        member = label[..., None] == np.arange(count)
        size = member.sum(1)[..., None]
        mean = np.einsum("mpk,mpd->mkd", member.astype(float), points) / np.maximum(size, 1)
        centres = np.where(size > 0, mean, centres)
    # empty clusters are replaced by the nearest cells that are not yet chosen
    column = np.arange(pool)[None, :, None]
    first = np.where(member, column, pool).min(1)
    picked = np.zeros((m, pool + 1), dtype=bool)
    np.put_along_axis(picked, first, True, axis=1)
    picked = picked[:, :pool]
    missing = count - picked.sum(1)
    spare = np.cumsum(~picked, axis=1) <= missing[:, None]
    picked |= spare & ~picked
    return np.nonzero(picked)[1].reshape(m, count)


def _eligible_rows(eligible: BoolArray | None, n: int) -> IntArray:
    """Rows of the eligible cells."""
    if eligible is None:
        return np.arange(n)
    mask = as_array("eligible", eligible)
    if mask.shape != (n,) or mask.dtype != bool:
        raise ValueError(
            f"eligible has shape {mask.shape} ({mask.dtype}); ({n},) booleans are needed"
        )
    return np.flatnonzero(mask)


def _pool_size(pool: int | None, count: int, available: int, nearest: bool) -> int:
    """Number of cells to cluster; `count` where the nearest cells are selected."""
    if pool is None:
        return count if nearest else min(_CLUSTERED * count, available)
    size = min(require_count("pool", pool, count), available)
    if nearest and size > count:
        raise ValueError(
            f"pool is {pool} without an encoder, but clustering needs one; pass an encoder or "
            "latents, or leave pool out"
        )
    return size


def _refuse_outside(
    database: CellDatabase,
    targets: FloatArray,
    nearest: IntArray,
    deviation: FloatArray,
    limit: float,
) -> None:
    """Raise an error for the target farthest from its nearest cell, if it is too far."""
    worst = int(deviation.argmax())
    if deviation[worst] > limit:
        target = np.array2string(targets[worst], precision=4)
        cell = np.array2string(database.properties[nearest[worst]], precision=4)
        raise ValueError(
            f"target {worst} = {target} (C11, C12, C22, C33) lies outside the property space: the "
            f"nearest cell has {cell}, {deviation[worst]:.2f} away in unit coordinates where "
            f"{limit:g} is allowed. Keep targets inside PropertySpace or use a larger database"
        )
