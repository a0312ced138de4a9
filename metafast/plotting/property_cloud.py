"""Property space of a database (Fig. 4), with its coverage of another cloud."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.ndimage import binary_closing, binary_fill_holes, gaussian_filter

from metafast._base.checks import require_number, require_properties
from metafast._base.typing import FloatArray
from metafast.database.coverage import coverage, require_cloud
from metafast.plotting.figures import ACHIEVED, INK, TARGET, figure
from metafast.properties.names import PROPERTIES

_PANELS = ((0, 1), (0, 2), (0, 3))  # as in Fig. 4
_BINS = 110
_SHADE = "#cfe3ee"
_MANY = 20_000  # points from which on each is a pixel


def plot_property_cloud(
    properties: Any,
    cloud: Any = None,
    *,
    title: str = "",
    cloud_label: str = "published",
    young: float | None = None,
) -> Figure:
    """Scatter of C12, C22 and C33 over C11, the boundary shaded (Fig. 4).

    Parameters
    ----------
    properties : (n, 4) array
        C11, C12, C22, C33 of the cells, in units of E.
    cloud : (m, 3) or (m, 4) array, optional
        Other properties for the same base material, laid over; the share of them with a cell
        within 0.015 is told.
    title, cloud_label : str
    young : float, optional
        Young's modulus of the solid in MPa, for axes in MPa; in units of E without it.

    Raises
    ------
    ValueError
        If an array has another shape or holds no stiffnesses.
    """
    own = require_properties(properties)
    other = None if cloud is None else require_cloud(cloud)
    scale = 1.0 if young is None else require_number("young", young, above=0.0)
    unit = "/ E" if young is None else "(MPa)"
    size = _marker_size(len(own))
    many = len(own) >= _MANY
    picture = figure(13.0, 4.6)
    for axes, (x, y) in zip(picture.subplots(1, 3), _PANELS, strict=True):
        _shade(axes, own[:, x] * scale, own[:, y] * scale)
        style: dict[str, Any] = {"color": ACHIEVED, "markersize": size, "rasterized": many}
        style |= {"alpha": 0.5 if many else 0.9, "markeredgewidth": 0}
        axes.plot(own[:, x] * scale, own[:, y] * scale, "," if many else "o", **style)
        if other is not None and y < other.shape[1]:
            other_size = max(1.0, _marker_size(len(other)))
            style |= {"color": TARGET, "markersize": other_size, "alpha": 0.35, "rasterized": True}
            axes.plot(other[:, x] * scale, other[:, y] * scale, ".", **style)
        for set_label, k in ((axes.set_xlabel, x), (axes.set_ylabel, y)):
            set_label(f"${PROPERTIES[k][0]}_{{{PROPERTIES[k][1:]}}}$ {unit}", color=INK)
        axes.spines[["top", "right"]].set_visible(False)
    heading = title or f"{len(own):,} cells"
    if other is not None:
        (share,) = coverage(own, other, (0.015,))
        heading += f"; {share:.2%} of {len(other):,} {cloud_label} points within 0.015"
        marks = [
            Line2D([], [], marker="o", linestyle="", color=color, label=label, markersize=5)
            for color, label in ((ACHIEVED, "cells"), (TARGET, cloud_label))
        ]
        picture.axes[0].legend(handles=marks, fontsize=8, loc="upper left", frameon=False)
    picture.suptitle(heading, fontsize=10, color=INK, x=0.01, ha="left")
    return picture


def _marker_size(count: int) -> float:
    """Diameter of a point in points: 7 up to a dozen, 0.6 for thousands."""
    return float(np.clip(24.0 / np.sqrt(count), 0.6, 7.0))


def _shade(axes: Axes, x: FloatArray, y: FloatArray) -> None:
    """The region that a cloud fills in a plane, pinholes closed, with its outline."""
    low, high = np.array([x.min(), y.min()]), np.array([x.max(), y.max()])
    step = np.maximum(high - low, 1e-9) / _BINS
    margin = 5 * step
    edges = list(np.linspace(low - margin, high + margin, _BINS + 11, axis=1))
    filled = np.histogram2d(x, y, edges)[0].T > 0
    region = binary_fill_holes(binary_closing(filled, iterations=3) | filled)
    level = gaussian_filter(region.astype(float), 0.8)
    centres = [0.5 * (e[1:] + e[:-1]) for e in edges]
    axes.contourf(*centres, level, levels=[0.5, 2.0], colors=[_SHADE])
    axes.contour(*centres, level, levels=[0.5], colors=[INK], linewidths=0.7)
