"""Outlines of pixels: closed, exact, with the solid on the left, holes inside outer outlines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._base.checks import as_array, require_cells
from metafast._base.typing import BoolArray, FloatArray, IntArray


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
    """

    nodes: IntArray
    starts: IntArray
    parts: IntArray
    holes: BoolArray
    contacts: BoolArray
    lower: BoolArray

    @property
    def part_count(self) -> int:
        """Number of parts."""
        return int(self.holes.size - np.count_nonzero(self.holes))

    @property
    def contact_count(self) -> int:
        """Number of nodes where two pixels touch only in a corner."""
        return int(np.count_nonzero(self.contacts)) // 2

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
        return Outlines(nodes[wanted], starts, self.parts, self.holes, contacts, lower)


def require_picture(pixels: Any) -> BoolArray:
    """Return the solid pixels (ny, nx) of one binary picture.

    Raises
    ------
    ValueError
        If the pixels are not one binary picture, or none is solid.
    """
    pixels = as_array("pixels", pixels, "one picture (ny, nx) of 0 and 1 is needed")
    if pixels.ndim != 2:
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
