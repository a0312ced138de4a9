"""Bodies of triangles: outlines of pixels drawn out to a thickness, with a base plate if wanted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metafast._base.extras import need
from metafast._base.progress import Progress, silent
from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.export.outlines import Outlines, following
from metafast.export.rings import Grid
from metafast.export.triangles import triangulated


class Body(NamedTuple):
    """Closed surface of triangles.

    Attributes
    ----------
    points : (n, 3) array
        In millimetres; z is the height above the bed.
    triangles : (t, 3) int array
        Counterclockwise from outside.
    """

    points: FloatArray
    triangles: IntArray


def drawn_out(
    solid: BoolArray,
    outlines: Outlines,
    grid: Grid,
    thickness: float,
    base: float = 0.0,
    progress: Progress = silent,
) -> Body:
    """Body of the solid pixels: two faces and a wall along each outline.

    Its triangles are as few as a closed surface over these corners can have, four for each corner
    and each hole less four for each part, with a few more where the picture is cut into strips.

    Parameters
    ----------
    solid : (ny, nx) bool array
    outlines : Outlines
        Those of the pixels.
    grid : Grid
    thickness, base : float
        In millimetres; a plate of the height `base` lies under the whole picture.
    progress : callable, optional
        Called as ``progress("triangles", done, total)``.

    Raises
    ------
    ValueError
        If manifold3d is not installed.
    """
    rings, face, flat = triangulated(solid, outlines, grid, progress)
    count = len(flat)
    here, there = np.arange(len(rings.keys)), following(rings.starts)
    walls = np.stack([here, there, there + count, here, there + count, here + count], axis=1)
    triangles = np.concatenate([face[:, ::-1], face + count, walls.reshape(-1, 3)])
    bottom = 0.5 * base  # inside the plate, so that no two faces lie in one plane
    heights = np.repeat([bottom, base + thickness], count)
    body = Body(np.column_stack([np.tile(flat, (2, 1)), heights]), triangles)
    return _on_plate(body, grid, base) if base else body


def _on_plate(body: Body, grid: Grid, base: float) -> Body:
    """The union of a body with a plate under the whole picture."""
    library = need("manifold3d", "a base plate")
    surface = library.Mesh64(body.points, body.triangles.astype(np.uint64))
    corner = grid.x[0], grid.y[-1]
    size = grid.x[-1] - grid.x[0], grid.y[0] - grid.y[-1]
    plate = library.Manifold.cube((*size, base)).translate((*corner, 0.0))
    joined = (library.Manifold(surface) + plate).to_mesh64()
    points = np.asarray(joined.vert_properties, dtype=float)[:, :3]
    return Body(points, np.asarray(joined.tri_verts, dtype=np.int64))
