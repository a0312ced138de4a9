"""STL files of bodies: binary, in millimetres."""

from __future__ import annotations

import os

import numpy as np

from metafast._base.files import atomic_write
from metafast.export.solid import Body

_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("unused", "<u2")])


def write_stl(path: str | os.PathLike[str], body: Body) -> None:
    """Write a binary STL file. The format knows no unit; the numbers are millimetres.

    Raises
    ------
    ValueError
        If the file cannot be written, or points coincide in single precision.
    """
    points = np.ascontiguousarray(body.points, dtype="<f4")
    if len(np.unique(points.view("V12"))) < len(points):
        raise ValueError(
            f"{os.fspath(path)!r} has pixels too small for its size: points coincide in the single "
            "precision of STL; write 3MF, or smaller pieces"
        )
    corners = points[body.triangles]
    a, b, c = (corners[:, k].astype(float) for k in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.maximum(np.linalg.norm(normal, axis=1), np.finfo(float).tiny)[:, None]
    records = np.zeros(len(corners), dtype=_TRIANGLE)
    records["normal"], records["corners"] = normal, corners
    with atomic_write(path) as partial, partial.open("wb") as stream:
        stream.write(b"metafast, millimetres".ljust(80))
        stream.write(np.uint32(len(records)).tobytes())
        stream.write(records.tobytes())
