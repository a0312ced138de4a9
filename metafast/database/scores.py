"""Which cells to perturb next: extreme and sparse ones (section 3.2).

Two clouds are scored, (C11, C12, C22) as they are and in logarithmic coordinates, because the
Euclidean distance of the first hides the soft cells.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_closing, distance_transform_edt, gaussian_filter

from metafast._typing import FloatArray, IntArray
from metafast.database.coordinates import PropertyCoordinates

_GRID = 40
_SPARSE, _BOUNDARY = 0.2, 0.8
_SHARES = {"linear": 0.4, "log": 0.3, "extreme": 0.2, "soft": 0.1}


def grid_weights(points: FloatArray) -> FloatArray:
    """Weights (n,) of points (n, 3) in [0, 1]: sparse neighbourhoods and the cloud's boundary.

    ``0.2/(smoothed density) + 0.8 exp(-distance to the boundary)/count``, each part normalised.
    """
    node = tuple(np.rint(points * (_GRID - 1)).astype(int).T)
    count = np.zeros((_GRID,) * 3)
    np.add.at(count, node, 1.0)
    density = gaussian_filter(count, 1.0, mode="constant")[node]
    sparse = 1.0 / (density + 0.05)
    occupied = np.pad(count > 0, 2)
    inside = np.asarray(distance_transform_edt(occupied | binary_closing(occupied)))
    depth = inside[2:-2, 2:-2, 2:-2][node]
    boundary = np.exp(-(depth - 1.0)) / count[node]
    return np.asarray(_SPARSE * sparse / sparse.sum() + _BOUNDARY * boundary / boundary.sum())


def draw_parents(properties: FloatArray, count: int, rng: np.random.Generator) -> IntArray:
    """Rows (count,) of the cells to perturb, from the properties (n, 4) of all cells so far."""
    shares = np.array(list(_SHARES.values()))
    numbers = dict(zip(_SHARES, rng.multinomial(count, shares), strict=True))
    drawn = []
    for kind in ("linear", "log"):
        axes = PropertyCoordinates.spanning(properties, "linear" if kind == "linear" else "log")
        unit = axes.to_unit(properties)
        drawn.append(_draw(grid_weights(unit[:, :3]), numbers[kind], rng))
    directions = rng.standard_normal((numbers["extreme"], 4))
    # a random tie-break keeps one hull point from being drawn for every similar direction
    noise = rng.normal(0.0, 0.02, len(unit))
    drawn.append((unit @ directions.T + noise[:, None]).argmax(axis=0))
    node = tuple(np.rint(unit[:, [0, 2]] * (_GRID - 1)).astype(int).T)
    soft = np.zeros((_GRID, _GRID))
    np.add.at(soft, node, 1.0)
    drawn.append(_draw(1.0 / soft[node], numbers["soft"], rng))
    return np.concatenate(drawn)


def _draw(weights: FloatArray, count: int, rng: np.random.Generator) -> IntArray:
    cumulative = np.cumsum(weights)
    at = np.searchsorted(cumulative, rng.random(count) * cumulative[-1], side="right")
    return np.asarray(np.minimum(at, len(weights) - 1))
