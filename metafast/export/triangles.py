"""Triangles of pixel outlines, with no other points than the corners, and none without area.

Triangulation takes more than linear time, so a wide picture is cut into strips along columns of
nodes. Where an outline crosses such a column the two strips have a point in common; columns are
taken that few cross, and none with a corner contact. The corners of pixels lie on common lines, so
some triangles have no area: they go by a flip of their longest side with the triangle beyond. ::

        D                   D
       / \\                 /|\\
      /   \\       ->      / | \\
     A--B--C             A--B--C
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from metafast._base.extras import need
from metafast._base.progress import Progress, silent
from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.export.outlines import Outlines
from metafast.export.rings import Grid, Rings, placed
from metafast.export.tracing import outlines_of
from metafast.structure.nodes import corner_contacts, node_codes

_STRIP = 250  # pixels: triangulation is fastest about there
_CROSSED = (3, 12)  # codes of nodes with a horizontal outline
_FLAT = 1e-9  # twice the area of a triangle, relative to its longest side squared


def triangulated(
    solid: BoolArray, outlines: Outlines, grid: Grid, progress: Progress = silent
) -> tuple[Rings, IntArray, FloatArray]:
    """Triangles of the solid pixels.

    Parameters
    ----------
    solid : (ny, nx) bool array
    outlines : Outlines
        Those of the pixels.
    grid : Grid
        Places of the nodes; the triangles are those of the moved nodes if they are.
    progress : callable, optional
        Called as ``progress("triangles", done, total)``.

    Returns
    -------
    rings : Rings
        All outlines, with the points that the cuts need.
    triangles : (t, 3) int array
        Counterclockwise numbers of points.
    points : (n, 2) array
        First those of the rings, in their order, then those inside.

    Raises
    ------
    ValueError
        If manifold3d is not installed.
    """
    library = need("manifold3d", "a body of triangles")
    code = node_codes(solid)
    cuts = _cuts(code)
    kept = _kept(code, cuts, grid.moved is not None)
    rings = placed(outlines.with_straight_nodes(kept), grid)
    keys, points = [rings.keys], [rings.points]
    found = []
    ends = [0, *cuts, solid.shape[1]]
    for number, (left, right) in enumerate(pairwise(ends)):
        strip = solid[:, left:right]
        if strip.any():
            part = _placed_strip(strip, left, kept, grid)
            keys.append(part.keys)
            points.append(part.points)
            found.append(part.keys[_triangles(library, part)])
        progress("triangles", number + 1, len(ends) - 1)
    # numbers of the points: those of the rings first
    every, first, number_of = np.unique(
        np.concatenate(keys), return_index=True, return_inverse=True
    )
    order = np.argsort(first, kind="stable")
    numbers = np.empty(len(every), dtype=np.int64)
    numbers[order] = np.arange(len(every))
    triangles = numbers[np.searchsorted(every, np.concatenate(found))]
    assert (numbers[number_of[: len(rings.keys)]] == np.arange(len(rings.keys))).all()
    return rings, triangles, np.concatenate(points)[first[order]]


def _cuts(code: Any) -> list[int]:
    """Columns of nodes to cut the picture along."""
    width = code.shape[1] - 1
    crossings = np.isin(code, _CROSSED).sum(axis=0)
    barred = np.asarray(corner_contacts(code).any(axis=0))
    cost = np.where(barred, np.iinfo(np.int64).max, crossings)
    cuts = []
    for middle in range(_STRIP, width - _STRIP // 2, _STRIP):
        window = slice(middle - _STRIP // 4, middle + _STRIP // 4)
        best = int(np.argmin(cost[window])) + window.start
        if not barred[best]:
            cuts.append(best)
    return cuts


def _kept(code: Any, cuts: list[int], moved: bool) -> BoolArray:
    """Nodes to keep where outlines or cuts are straight."""
    if moved:
        kept = (code != 0) & (code != 15)
        kept[:, cuts] = code[:, cuts] != 0
        return np.asarray(kept)
    kept = np.zeros(code.shape, dtype=bool)
    kept[:, cuts] = ~np.isin(code[:, cuts], (0, 5, 10, 15))
    return kept


def _placed_strip(strip: BoolArray, left: int, kept: BoolArray, grid: Grid) -> Rings:
    """Rings of the pixels between two cuts, with the keys of the whole picture."""
    columns = slice(left, left + strip.shape[1] + 1)
    moved = None if grid.moved is None else grid.moved[:, columns]
    part = placed(
        outlines_of(strip).with_straight_nodes(kept[:, columns]),
        Grid(grid.x[columns], grid.y, moved),
    )
    node, copy = np.divmod(part.keys, 4)
    i, j = np.divmod(node, strip.shape[1] + 1)
    keys = 4 * (i * len(grid.x) + j + left) + copy
    return Rings(part.points, part.starts, part.parts, part.holes, keys)


def _triangles(library: Any, rings: Rings) -> IntArray:
    """Triangles (t, 3) of rings, none of them flat."""
    middle = rings.points.mean(axis=0)
    points = rings.points - middle
    parts = [points[a:b] for a, b in zip(rings.starts[:-1], rings.starts[1:], strict=True)]
    return without_flat(np.asarray(library.triangulate(parts), dtype=np.int64), points)


def without_flat(triangles: IntArray, points: FloatArray) -> IntArray:
    """Triangles (t, 3) over the same points of which none is flat, as far as flips can do it."""
    triangles = triangles.copy()
    while True:
        sides = _squared_sides(triangles, points)
        flat = np.flatnonzero(_doubled_areas(triangles, points) <= _FLAT * sides.max(axis=1))
        if not len(flat):
            return triangles
        # the longest side goes from corner k to the next
        k = sides[flat].argmax(axis=1)
        a, c, b = (triangles[flat, (k + step) % 3] for step in range(3))
        beyond = _triangle_with(triangles, c, a, len(points))
        usable = (beyond >= 0) & ~np.isin(beyond, flat)
        # no triangle takes part in two flips at once
        _, once = np.unique(beyond[usable], return_index=True)
        chosen = np.flatnonzero(usable)[once]
        if not len(chosen):
            return triangles
        flat, beyond, a, b, c = (each[chosen] for each in (flat, beyond, a, b, c))
        opposite = triangles[beyond].sum(axis=1) - a - c
        triangles[flat] = np.stack([b, a, opposite], axis=1)
        triangles[beyond] = np.stack([c, b, opposite], axis=1)


def _doubled_areas(triangles: IntArray, points: FloatArray) -> FloatArray:
    p, q, r = points[triangles.T]
    q, r = q - p, r - p
    return np.asarray(q[:, 0] * r[:, 1] - q[:, 1] * r[:, 0])


def _squared_sides(triangles: IntArray, points: FloatArray) -> FloatArray:
    """Squared lengths (t, 3) of the sides from each corner to the next."""
    corners = points[triangles]
    return np.asarray(np.square(np.roll(corners, -1, axis=1) - corners).sum(axis=2))


def _triangle_with(triangles: IntArray, start: IntArray, stop: IntArray, count: int) -> IntArray:
    """Triangles that have the directed sides, -1 where there is none."""
    sides = (triangles * count + np.roll(triangles, -1, axis=1)).ravel()
    order = np.argsort(sides)
    wanted = start * count + stop
    at = np.minimum(np.searchsorted(sides[order], wanted), len(sides) - 1)
    return np.where(sides[order[at]] == wanted, order[at] // 3, -1)
