"""Stiffnesses just outside what a database reaches, for judging what is done about them."""

from __future__ import annotations

import numpy as np

from metafast._base.checks import require_count, require_number
from metafast._base.typing import BoolArray, FloatArray
from metafast.database.store import CellDatabase
from metafast.properties.space import PropertySpace

_STABLE = 0.95  # largest |C12|/sqrt(C11 C22)


def extreme_targets(
    database: CellDatabase, count: int = 50, *, outward: float = 0.08, seed: int = 0
) -> FloatArray:
    """Stiffnesses (count, 4) outside the property space that a cell may still have.

    Properties of random cells at the boundary, moved outward along the gradient of the signed
    distance; kept if they are stable, below the Voigt bound of the solid, and if no cell is near.

    Parameters
    ----------
    database : CellDatabase
    count : int
    outward : float
        How far, in unit coordinates.
    seed : int

    Raises
    ------
    ValueError
        If not as many can be found.
    """
    count, rng = require_count("count", count), np.random.default_rng(seed)
    require_number("outward", outward, above=0.0)
    space = PropertySpace.from_properties(database.properties)
    unit = space.coordinates.to_unit(database.properties)
    distance, slope = space.signed_distance_at(unit)
    edge = rng.permutation(np.flatnonzero(distance < space.step))
    norm = np.maximum(np.linalg.norm(slope[edge], axis=1, keepdims=True), 1e-12)
    targets = space.coordinates.to_properties(unit[edge] - outward * slope[edge] / norm)
    targets = targets[_possible(targets, database)]
    _, gap = database.nearest(targets)
    targets = targets[gap[:, 0] > 0.5 * outward]
    if len(targets) < count:
        raise ValueError(
            f"{len(targets)} of {count} targets were found outside the property space; lower "
            "count or outward"
        )
    return np.asarray(targets[:count])


def _possible(p: FloatArray, database: CellDatabase) -> BoolArray:
    """Stable, and solid minus target positive definite."""
    stable = np.abs(p[:, 1]) < _STABLE * np.sqrt(p[:, 0] * p[:, 2])
    solid = database.phases.solid.stiffness
    rest = solid[[0, 0, 1, 2], [0, 1, 1, 2]] - p
    below = (rest[:, [0, 2, 3]] > 0).all(axis=1) & (rest[:, 0] * rest[:, 2] > rest[:, 1] ** 2)
    return np.asarray(stable & below)
