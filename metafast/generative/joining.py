"""Decoded cells in pieces, joined where the model holds solid most likely."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_dilation, label
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from metafast._typing import BoolArray, FloatArray, IntArray

_LEAST = 1e-6  # chance below which all pixels are alike
_SOLID = 1e-3  # length of a step to a pixel that is solid already
_SIDES = (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1])
_WIDTHS = ((0, 0), (0, -1), (-1, 0), (-1, -1))  # origins of a brush two pixels wide


def joined(chance: FloatArray, solid: BoolArray) -> BoolArray:
    """The largest piece of a cell, grown until it reaches all four sides.

    To every side that it does not reach leads the most probable way: the one that maximises the
    product of the chances of its pixels, free through solid. It becomes solid, two pixels wide, and
    pieces that it passes belong to the whole.

    Parameters
    ----------
    chance : (h, w) array
        Probability of each pixel being solid.
    solid : (h, w) bool array
        The cell as it is read, or the quarter of a mirror-symmetric one. Such a cell is in one
        piece that reaches its sides exactly if its quarter is: two of the quarter's sides are the
        mirror axes.
    """
    made = solid.copy()
    if not made.any():
        made.ravel()[np.argmax(chance)] = True
    number: IntArray = np.arange(made.size).reshape(made.shape)
    toll = -np.log(np.clip(chance, _LEAST, 1.0))
    piece = _largest(made)
    for side in _SIDES:
        if piece[side].any():
            continue
        distance, before = _ways(np.where(made, _SOLID, toll + _SOLID), number, piece)
        ends = number[side]
        at = int(ends[np.argmin(distance[ends])])
        way = np.zeros(made.shape, bool)
        while at >= 0:
            way.ravel()[at] = True
            at = int(before[at])
        way &= ~made
        strips = [binary_dilation(way, np.ones((2, 2), bool), origin=o) for o in _WIDTHS]
        made |= max(strips, key=lambda strip: float(np.sum(strip * (1.0 + chance))))
        piece = _largest(made)
    return piece


def _largest(solid: BoolArray) -> BoolArray:
    parts, _ = label(solid)
    return np.asarray(parts == 1 + int(np.argmax(np.bincount(parts.ravel())[1:])))


def _ways(length: FloatArray, number: IntArray, start: BoolArray) -> tuple[FloatArray, IntArray]:
    """Distance of every pixel from `start` and the pixel before it, by steps across edges."""
    pairs = [
        (number[:-1], number[1:]),
        (number[1:], number[:-1]),
        (number[:, :-1], number[:, 1:]),
        (number[:, 1:], number[:, :-1]),
    ]
    source = np.concatenate([a.ravel() for a, _ in pairs])
    target = np.concatenate([b.ravel() for _, b in pairs])
    graph = csr_array((length.ravel()[target], (source, target)), shape=(number.size,) * 2)
    distance, before, _ = dijkstra(
        graph, indices=number[start], min_only=True, return_predecessors=True
    )
    return distance, before
