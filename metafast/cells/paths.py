"""Cheapest ways over a picture, by edges of pixels, and strips of two pixels along them."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import binary_dilation, label
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray

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


def two_wide(way: BoolArray, value: AnyArray) -> BoolArray:
    """The way, two pixels wide, to whichever of its sides is inside the picture and worth most.

    Parameters
    ----------
    way : (h, w) bool array
    value : (h, w) array
        Worth of each pixel.
    """
    strips = [np.asarray(binary_dilation(way, np.ones((2, 2)), origin=o)) for o in _ORIGINS]
    return max(strips, key=lambda strip: (strip.sum(), float(value[strip].sum())))


def largest_piece(solid: BoolArray) -> BoolArray:
    """Mask of the largest set of solid pixels joined by edges; empty if there is none."""
    parts, count = label(solid)
    if count == 0:
        return np.zeros(solid.shape, bool)
    return np.asarray(parts == 1 + int(np.argmax(np.bincount(parts.ravel())[1:])))
