"""Tracing of the outlines of pixels, from corner to corner.

Only corners are kept, the pixel nodes where an outline turns. In a row of nodes the corners, in
order, are ends of horizontal segments, two by two, and in a column those of vertical ones; so an
outline goes from corner to corner along the row and along the column by turns::

    node (0, 0) --- node (0, 1) ---        node (i, j) is the upper left corner of pixel (i, j);
         |  pixel (0, 0)  |                x = j to the right, y = -i upward
    node (1, 0) --- node (1, 1) ---

Parts are sets of pixels joined by edges. Pixels that touch only in a corner do not join, as in
`metafast.structure.nodes`, so that outlines pass through such a node twice::

    code 9   ###|                     |###   code 6
             ###|0                   1|###         0, 1: the two corners of the node
             ---+---               ---+---
                1|###             ###|0
                 |###             ###|
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import label

from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray
from metafast.export.outlines import Outlines, require_picture, ring_areas
from metafast.structure.nodes import corner_contacts, node_codes

_FALLING = 9  # code of the corner contact on the left
_STRAIGHT = (0, 3, 5, 10, 12, 15)  # codes of nodes where no outline turns
# offset (row, column) from a node to a solid pixel around it, by code; for contacts at corner 0
_SOLID = {1: (-1, -1), 2: (-1, 0), 4: (0, -1), 8: (0, 0), 7: (-1, -1), 11: (-1, -1), 13: (-1, -1),
          14: (-1, 0), 9: (-1, -1), 6: (0, -1)}  # fmt: skip


def outlines_of(pixels: Any) -> Outlines:
    """Trace the outlines of all parts of a picture.

    Parameters
    ----------
    pixels : (ny, nx) binary array
        1 = solid, row 0 at the top.

    Raises
    ------
    ValueError
        If the pixels are not one binary picture, or none is solid.
    """
    solid = require_picture(pixels)
    code = node_codes(solid)
    labels, _ = label(solid)
    nodes, turns, second = _corners(code)
    ahead = _next_corners(nodes, turns, second, solid)
    order, starts = _walked(ahead)
    i, j = nodes[order[starts[:-1]]].T
    part = labels[_solid_pixel(i, j, turns, second, order[starts[:-1]])] - 1
    rings = Outlines(
        nodes[order],
        starts,
        part.astype(np.int64),
        _turning(nodes[order], starts) < 0.0,
        corner_contacts(turns)[order],
        (corner_contacts(turns) & ((turns == _FALLING) == second))[order],
    )
    return _sorted(rings)


def _corners(code: Any) -> tuple[IntArray, AnyArray, BoolArray]:
    """Nodes (n, 2) of the corners by row and column, their codes, and which are second corners."""
    turns = ~np.isin(code, _STRAIGHT)
    single = np.argwhere(turns)
    times = 1 + corner_contacts(code[turns])
    nodes = np.repeat(single, times, axis=0)
    second = np.zeros(len(nodes), dtype=bool)
    second[np.cumsum(times)[times == 2] - 1] = True
    return nodes, np.repeat(code[turns], times), second


def _next_corners(
    nodes: IntArray, turns: AnyArray, second: BoolArray, solid: BoolArray
) -> IntArray:
    """Corner after each one, with the solid on the left."""
    number = np.arange(len(nodes))
    beside = number ^ 1  # the other end of the horizontal segment
    # in its column the upper corner of a node comes first
    lower = np.where(turns == _FALLING, second, ~second)
    down = np.lexsort((lower, nodes[:, 0], nodes[:, 1]))
    above = np.empty(len(nodes), dtype=np.int64)
    above[down] = down[number ^ 1]
    row, left = nodes[:, 0], np.minimum(nodes[:, 1], nodes[beside, 1])
    below = np.zeros(len(nodes), dtype=bool)  # whether the solid is below the horizontal segment
    inside = row < solid.shape[0]
    below[inside] = solid[row[inside], left[inside]]
    # the upper edges of the solid go to the left
    leaves = (nodes[:, 1] > nodes[beside, 1]) == below
    return np.where(leaves, beside, above)


def _walked(ahead: IntArray) -> tuple[IntArray, IntArray]:
    """Corners along the outlines, one after the other, and the first of each, with the end."""
    following, left = ahead.tolist(), bytearray(b"\1") * len(ahead)
    order: list[int] = []
    starts: list[int] = []
    first = left.find(1)
    while first >= 0:
        starts.append(len(order))
        corner = first
        while left[corner]:
            left[corner] = 0
            order.append(corner)
            corner = following[corner]
        first = left.find(1, first)
    starts.append(len(order))
    return np.array(order, dtype=np.int64), np.array(starts, dtype=np.int64)


def _solid_pixel(
    i: IntArray, j: IntArray, turns: AnyArray, second: BoolArray, corners: IntArray
) -> tuple[IntArray, IntArray]:
    """Row and column of a pixel that has the corner."""
    offsets = np.zeros((16, 2), dtype=np.int64)
    for code, offset in _SOLID.items():
        offsets[code] = offset
    step = offsets[turns[corners]]
    step[second[corners]] = -1 - step[second[corners]]  # the pixel across the node
    return i + step[:, 0], j + step[:, 1]


def _turning(nodes: IntArray, starts: IntArray) -> FloatArray:
    """Areas of the outlines, in pixels; negative for holes."""
    return ring_areas(np.stack([nodes[:, 1], -nodes[:, 0]], axis=1).astype(float), starts)


def _sorted(rings: Outlines) -> Outlines:
    """The outlines by part, outer ones before holes."""
    order = np.lexsort((rings.holes, rings.parts))
    sizes = np.diff(rings.starts)[order]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    corner = np.repeat(rings.starts[:-1][order] - starts[:-1], sizes) + np.arange(starts[-1])
    return Outlines(
        rings.nodes[corner],
        starts,
        rings.parts[order],
        rings.holes[order],
        rings.contacts[corner],
        rings.lower[corner],
    )
