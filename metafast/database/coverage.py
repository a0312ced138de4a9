"""Coverage of one property cloud by another, and density of a cloud (section 3.2, Fig. 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.spatial import ConvexHull, cKDTree

from metafast._base.checks import require_array, require_number, require_properties
from metafast._base.typing import FloatArray


def require_cloud(cloud: Any) -> FloatArray:
    """Return points (m, 3) with columns C11, C12, C22, or (m, 4) with C33, checked."""
    points = np.atleast_2d(require_array("cloud", cloud))
    if points.ndim != 2 or points.shape[1] not in (3, 4) or not len(points):
        raise ValueError(
            f"cloud has shape {points.shape}; (m, 3) is needed, columns C11, C12, C22, or (m, 4) "
            "with C33"
        )
    if not np.isfinite(points).all():
        row = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        raise ValueError(f"cloud[{row}] = {points[row].tolist()}; finite numbers are needed")
    return points


def gaps(properties: Any, cloud: Any) -> FloatArray:
    """Distance (m,) from each point of a cloud to the nearest properties, in the cloud's columns.

    Parameters
    ----------
    properties : (n, 4) array
    cloud : (m, 3) or (m, 4) array
        C11, C12, C22 and, if given, C33, for the same base material.
    """
    points = require_cloud(cloud)
    own = require_properties(properties)[:, : points.shape[1]]
    return np.asarray(cKDTree(own).query(points)[0])


def coverage(
    properties: Any, cloud: Any, radii: Sequence[float] = (0.03, 0.015, 0.0075)
) -> list[float]:
    """Fraction of a cloud's points with a cell within each radius, in the units of both.

    Parameters
    ----------
    properties : (n, 4) array
        C11, C12, C22, C33 of the cells.
    cloud : (m, 3) or (m, 4) array
    radii : sequence of float
    """
    gap = gaps(properties, cloud)
    return [float((gap <= require_number("radius", r, above=0.0)).mean()) for r in radii]


def soft_coverage(properties: Any, cloud: Any, decades: float = 0.1) -> float:
    """Fraction of a cloud's points with a cell within `decades` in (log10 C11, log10 C22).

    Soft cells count here as much as stiff ones; in `coverage` the stiff ones dominate.
    """
    points = require_cloud(cloud)[:, [0, 2]]
    own = require_properties(properties)[:, [0, 2]]
    with np.errstate(divide="ignore", invalid="ignore"):
        known = np.log10(points)
    usable = np.isfinite(known).all(axis=1)
    gap = np.full(len(points), np.inf)
    gap[usable] = cKDTree(np.log10(own)).query(known[usable])[0]
    return float((gap <= decades).mean())


def neighbour_distances(properties: Any) -> FloatArray:
    """Distance (n,) from each cell to its nearest neighbour in (C11, C12, C22, C33)."""
    own = require_properties(properties)
    if len(own) < 2:
        return np.full(len(own), np.inf)
    return np.asarray(cKDTree(own).query(own, k=2)[0][:, 1])


def hull_volume(properties: Any) -> float:
    """Volume of the convex hull in (C11, C12, C22); 0 if the cloud is flat."""
    own = require_properties(properties)[:, :3]
    centred = own - own.mean(axis=0)
    if len(own) < 4 or np.linalg.matrix_rank(centred, tol=1e-9) < 3:
        return 0.0
    return float(ConvexHull(own).volume)
