"""Cheapest paths between edge-adjacent pixels, bars along them, and the largest piece."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import binary_dilation, label
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray

_ORIGINS = ((0, 0), (0, -1), (-1, 0), (-1, -1))  # places of a pixel in a brush of 2 x 2


def cheapest_way(toll: FloatArray, start: BoolArray, end: Any) -> BoolArray:
    """Mask (h, w) of the cheapest path from `start` to a pixel of `end`, both included.

    Parameters
    ----------
    toll : (h, w) array
        Cost of a step onto each pixel, above 0.
    start : (h, w) bool array
        Pixels where the path may begin.
    end : (h, w) bool array, or an index of a part of such an array
        Pixels where it may end.
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


def two_wide(way: BoolArray, value: AnyArray) -> BoolArray:
    """Bar two pixels wide along a path: the path, widened to its best side inside the image.

    Parameters
    ----------
    way : (h, w) bool array
        The path.
    value : (h, w) array
        Worth of each pixel: among the sides inside the image, the bar covers the greatest sum.
    """
    bars = [np.asarray(binary_dilation(way, np.ones((2, 2)), origin=o)) for o in _ORIGINS]
    return max(bars, key=lambda bar: (bar.sum(), float(value[bar].sum())))


def largest_piece(solid: BoolArray) -> BoolArray:
    """Mask of the largest set of solid pixels joined by edges; empty if there is none."""
    parts, count = label(solid)
    if count == 0:
        return np.zeros(solid.shape, bool)
    return np.asarray(parts == 1 + int(np.argmax(np.bincount(parts.ravel())[1:])))
