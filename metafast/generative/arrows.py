"""Semantic arrows: directions in latent space along which a property rises (section 4.1)."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from metafast._base.checks import (
    require_array,
    require_choice,
    require_count,
    require_properties,
)
from metafast._base.typing import BoolArray, FloatArray
from metafast.properties.names import require_name, value_of

_SHARE = 0.3  # section 4.1: top and bottom 30 %
_RATIO = 2.0  # section 4.1: C22/C11 or C11/C22 above it is anisotropic


def property_arrow(
    z: Any,
    properties: Any,
    name: str,
    *,
    method: Literal["means", "slope"] = "means",
    near: Any = None,
    cells: int = 2000,
) -> FloatArray:
    """Unit vector from cells low in a property to cells high in it (Fig. 9).

    Parameters
    ----------
    z : (n, latent) array
    properties : (n, 4) array
        C11, C12, C22, C33 of the same cells.
    name : {"C11", "C12", "C22", "C33", "poisson", "anisotropy"}
        "poisson" is C12/C22, Poisson's ratio under stress along 1; "anisotropy" points from cells
        with C11/C22 above 2 to cells with C22/C11 above 2 (Fig. 10).
    method : {"means", "slope"}
        "means", the paper's: mean of the highest 30 % minus mean of the lowest 30 %, which also
        follows everything that is correlated with the property in these cells. "slope": direction
        in which the property, or the logarithm of anisotropy, rises fastest, by least squares.
    near : (latent,) array, optional
        Point of a **local arrow**: only the cells nearest to it count. Poisson's ratio and
        anisotropy rise in different directions in different parts of the latent space, so that one
        arrow for all of it, as the paper's, raises them from a third of the points only.
    cells : int
        Number of cells that count for a local arrow; all if there are fewer.

    Returns
    -------
    (latent,) array
        Unit vector.

    Raises
    ------
    ValueError
        If the name or the method is unknown, there are too few cells, or `near` is no point.
    """
    points, values = require_array("z", z, finite=True), require_properties(properties)
    if points.ndim != 2 or len(points) != len(values):
        raise ValueError(
            f"z has shape {points.shape} but there are {len(values)} rows of properties"
        )
    require_choice("method", method, ("means", "slope"))
    require_name(name)
    count = min(require_count("cells", cells), len(points))
    if near is not None:
        rows = _nearest(points, near, count)
        points, values = points[rows], values[rows]
    high, low = high_and_low(values, name)
    if method == "means" and not (high.any() and low.any()):
        raise ValueError(f"no cells high or no cells low in {name} among {len(values)}; give more")
    if method == "slope":
        value, centred = value_of(values, name), points - points.mean(axis=0)
        arrow = np.linalg.lstsq(centred, value - value.mean(), rcond=None)[0]
    else:
        arrow = points[high].mean(axis=0) - points[low].mean(axis=0)
    length = float(np.linalg.norm(arrow))
    if length == 0.0:
        raise ValueError(f"cells high and cells low in {name} have the same mean in z; give others")
    return np.asarray(arrow / length)


def _nearest(points: FloatArray, near: Any, count: int) -> BoolArray:
    """The `count` points nearest to one, as a mask."""
    centre = require_array("near", near, finite=True)
    if centre.shape != points.shape[1:]:
        raise ValueError(f"near has shape {centre.shape}; ({points.shape[1]},) is needed")
    gap = ((points - centre) ** 2).sum(axis=1)
    return np.asarray(gap <= np.partition(gap, count - 1)[count - 1])


def high_and_low(properties: Any, name: str) -> tuple[BoolArray, BoolArray]:
    """Masks (n,) of the cells high and of the cells low in a property (section 4.1).

    Parameters
    ----------
    properties : (n, 4) array
        C11, C12, C22, C33.
    name : {"C11", "C12", "C22", "C33", "poisson", "anisotropy"}
        As in `property_arrow`.

    Returns
    -------
    high, low : (n,) bool arrays
        The highest and the lowest 30 %; for "anisotropy" C22/C11 above 2 and C11/C22 above 2.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    value = value_of(require_properties(properties), require_name(name))
    if name == "anisotropy":
        return value > np.log(_RATIO), value < -np.log(_RATIO)
    return value >= np.quantile(value, 1.0 - _SHARE), value <= np.quantile(value, _SHARE)
