"""Closed rings of points in millimetres, from the outlines of pixels.

The two pixels of a corner contact are taken apart: each loses a triangle at the corner, whose legs
are `CUT` of a pixel. So no ring touches itself or another one, and what is apart in the structure
that was solved is apart in the file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.export.outlines import Outlines, following, ring_areas

CUT = 1.0 / 2048.0
"""Share of a pixel's side that a corner contact takes from each side of both pixels."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Places of the pixel nodes in millimetres.

    Attributes
    ----------
    x : (nx + 1,) array
        By columns of nodes, to the right.
    y : (ny + 1,) array
        By rows of nodes, upward; row 0 is the top.
    moved : (ny+1, nx+1, 2) array, optional
        Displacement of the nodes in millimetres.
    """

    x: FloatArray
    y: FloatArray
    moved: FloatArray | None = None

    @staticmethod
    def of(shape: tuple[int, int], pixel_size: float, frame: float = 0.0) -> Grid:
        """A picture with its lower left corner at the origin; a frame takes a pixel all around.

        Parameters
        ----------
        shape : (int, int)
            Rows and columns of pixels, those of the frame among them.
        pixel_size, frame : float
            Sides of a pixel, and width of the frame, in millimetres; 0 for none.
        """
        y, x = (_places(count, pixel_size, frame) for count in shape)
        return Grid(x, y[-1] - y)

    def at(self, nodes: IntArray) -> FloatArray:
        """Places (n, 2) of nodes (n, 2) given by row and column."""
        i, j = nodes.T
        places = np.stack([self.x[j], self.y[i]], axis=1)
        return places if self.moved is None else places + self.moved[i, j]


def _places(count: int, pixel_size: float, frame: float) -> FloatArray:
    """Places (count + 1,) of the nodes along one direction."""
    if not frame:
        return np.asarray(np.arange(count + 1) * pixel_size, dtype=float)
    inner = frame + np.arange(count - 1) * pixel_size
    return np.concatenate([[0.0], inner, [inner[-1] + frame]])


@dataclass(frozen=True, eq=False)
class Rings:
    """Closed rings of points, the outer one of each part before its holes.

    Attributes
    ----------
    points : (n, 2) array
        In millimetres, y upward.
    starts : (m + 1,) int array
        First point of each ring, and n.
    parts : (m,) int array
        Part of each ring.
    holes : (m,) bool array
    keys : (n,) int array
        Number of the point in the picture: 4 for each node, apart where pixels touch in it only.
    """

    points: FloatArray
    starts: IntArray
    parts: IntArray
    holes: BoolArray
    keys: IntArray

    @property
    def areas(self) -> FloatArray:
        """Areas (m,) in square millimetres, negative for holes."""
        return ring_areas(self.points, self.starts)

    def ring(self, number: int) -> FloatArray:
        """Points (k, 2) of one ring."""
        return self.points[self.starts[number] : self.starts[number + 1]]


def placed(outlines: Outlines, grid: Grid) -> Rings:
    """Rings of outlines, cut at the corner contacts.

    Where the grid is moved, the outlines need all their pixel nodes.
    """
    nodes, contacts = outlines.nodes, outlines.contacts
    here = grid.at(nodes)
    times = 1 + contacts
    places = np.repeat(here, times, axis=0)
    keys = 4 * (nodes[:, 0] * len(grid.x) + nodes[:, 1]) + 2 * outlines.lower
    keys = np.repeat(keys, times)
    last = np.cumsum(times) - 1
    if contacts.any():
        after = following(outlines.starts)
        before = np.empty_like(after)
        before[after] = np.arange(len(after))
        for neighbour, index in ((before, last - 1), (after, last)):
            side = nodes[neighbour[contacts]] - nodes[contacts]
            pixel = nodes[contacts] + np.sign(side)
            places[index[contacts]] += CUT * (grid.at(pixel) - here[contacts])
        keys[last[contacts]] += 1
    starts = np.concatenate([[0], np.cumsum(times)])[outlines.starts]
    return Rings(places, starts, outlines.parts, outlines.holes, keys)
