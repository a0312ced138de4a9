"""Outlines of pixels: closed, exact, with the solid on the left, holes inside outer outlines.

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

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import label

from metafast._base.checks import require_cells
from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray
from metafast.structure.nodes import corner_contacts, node_codes

_FALLING = 9  # code of the corner contact on the left
_STRAIGHT = (0, 3, 5, 10, 12, 15)  # codes of nodes where no outline turns
# offset (row, column) from a node to a solid pixel around it, by code; for contacts at corner 0
_SOLID = {1: (-1, -1), 2: (-1, 0), 4: (0, -1), 8: (0, 0), 7: (-1, -1), 11: (-1, -1), 13: (-1, -1),
          14: (-1, 0), 9: (-1, -1), 6: (0, -1)}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Outlines:
    """Outlines of a picture, the outer one of each part before its holes.

    Attributes
    ----------
    nodes : (n, 2) int array
        Row and column of the corners, outline after outline; outer outlines counterclockwise with
        y upward, holes clockwise.
    starts : (m + 1,) int array
        First corner of each outline, and n.
    parts : (m,) int array
        Part of each outline, counted from 0.
    holes : (m,) bool array
        Which of them are holes.
    contacts : (n,) bool array
        Corners in which another pixel touches.
    lower : (n,) bool array
        Of such corners, those of the lower of the two pixels.
    labels : (ny, nx) int array
        Part of each pixel, counted from 1; 0 in void.
    """

    nodes: IntArray
    starts: IntArray
    parts: IntArray
    holes: BoolArray
    contacts: BoolArray
    lower: BoolArray
    labels: AnyArray

    @property
    def part_count(self) -> int:
        """Number of parts."""
        return int(self.holes.size - np.count_nonzero(self.holes))

    @property
    def contact_count(self) -> int:
        """Number of nodes where two pixels touch only in a corner."""
        return int(np.count_nonzero(self.contacts)) // 2

    def of_part(self, part: int) -> slice:
        """The outlines of a part."""
        first, after = np.searchsorted(self.parts, [part, part + 1])
        return slice(int(first), int(after))

    def with_straight_nodes(self, kept: BoolArray | None = None) -> Outlines:
        """The same outlines with pixel nodes where they are straight.

        Parameters
        ----------
        kept : (ny+1, nx+1) bool array, optional
            Nodes to keep in addition to the corners; all by default.
        """
        ahead = self.nodes[following(self.starts)]
        steps = np.abs(ahead - self.nodes).max(axis=1)
        first = np.concatenate([[0], np.cumsum(steps)])
        along = np.arange(first[-1]) - np.repeat(first[:-1], steps)
        unit = np.repeat(np.sign(ahead - self.nodes), steps, axis=0)
        corner = np.repeat(np.arange(len(self.nodes)), steps)
        nodes = self.nodes[corner] + along[:, None] * unit
        wanted = along == 0
        wanted |= True if kept is None else kept[tuple(nodes.T)]
        corner, at_corner = corner[wanted], along[wanted] == 0
        starts = np.concatenate([[0], np.cumsum(wanted)])[first[self.starts]]
        contacts, lower = (each[corner] & at_corner for each in (self.contacts, self.lower))
        return Outlines(nodes[wanted], starts, self.parts, self.holes, contacts, lower, self.labels)


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
        labels,
    )
    return _sorted(rings)


def require_picture(pixels: Any) -> BoolArray:
    """Return the solid pixels (ny, nx) of one binary picture.

    Raises
    ------
    ValueError
        If the pixels are not one binary picture, or none is solid.
    """
    if np.ndim(pixels) != 2:
        raise ValueError(
            f"pixels have shape {np.shape(pixels)}; one picture (ny, nx) is needed: lay several "
            "cells out with metafast.tile or metafast.cell_sheet"
        )
    solid: BoolArray = require_cells(pixels)[0].astype(bool)
    if not solid.any():
        raise ValueError("pixels have no solid pixel (1 = solid); there is nothing to export")
    return solid


def following(starts: IntArray) -> IntArray:
    """Number of the point after each one along closed rings that start at `starts`."""
    after = np.arange(1, starts[-1] + 1)
    after[starts[1:] - 1] = starts[:-1]
    return after


def ring_areas(points: FloatArray, starts: IntArray) -> FloatArray:
    """Areas (m,) of closed rings of points (n, 2), negative for clockwise ones."""
    # relative to the first point of the ring, so that distance from the origin costs no digits
    origin = np.repeat(points[starts[:-1]], np.diff(starts), axis=0)
    a, b = points - origin, points[following(starts)] - origin
    return np.asarray(0.5 * np.add.reduceat(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], starts[:-1]))


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
        rings.labels,
    )
