"""Cheapest ways over a picture, by edges of pixels, and strips of two pixels along them."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import binary_dilation
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from metafast._typing import BoolArray, FloatArray, IntArray

_ORIGINS = ((0, 0), (0, -1), (-1, 0), (-1, -1))  # of a brush of 2 x 2 pixels


def cheapest_way(toll: FloatArray, start: BoolArray, end: Any) -> BoolArray:
    """Mask (h, w) of the cheapest way from `start` to a pixel of `end`, both included.

    Parameters
    ----------
    toll : (h, w) array
        What stepping onto each pixel costs, above 0.
    start : (h, w) bool array
    end : (h, w) bool array, or an index of a part of such an array
    """
    number: IntArray = np.arange(toll.size).reshape(toll.shape)
    pairs = [
        (number[:-1], number[1:]),
        (number[1:], number[:-1]),
        (number[:, :-1], number[:, 1:]),
        (number[:, 1:], number[:, :-1]),
    ]
    source = np.concatenate([a.ravel() for a, _ in pairs])
    target = np.concatenate([b.ravel() for _, b in pairs])
    graph = csr_array((toll.ravel()[target], (source, target)), shape=(toll.size, toll.size))
    distance, before, _ = dijkstra(
        graph, indices=number[start], min_only=True, return_predecessors=True
    )
    way = np.zeros(toll.shape, bool)
    ends = number[end].ravel()
    at = int(ends[np.argmin(distance[ends])])
    while at >= 0:
        way.ravel()[at] = True
        at = int(before[at])
    return way


def two_wide(way: BoolArray, value: FloatArray | None = None) -> BoolArray:
    """The way, two pixels wide: of the four sides to widen it to, the one that adds most.

    Parameters
    ----------
    way : (h, w) bool array
    value : (h, w) array, optional
        Worth of each pixel; all alike by default.
    """
    worth = np.ones(way.shape) if value is None else value
    strips = [np.asarray(binary_dilation(way, np.ones((2, 2)), origin=o)) for o in _ORIGINS]
    return max(strips, key=lambda strip: float(worth[strip].sum()))
