"""Property space of a database (Fig. 4), with its coverage of another cloud."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.ndimage import binary_closing, binary_fill_holes, gaussian_filter

from metafast._base.checks import require_flag, require_number, require_properties
from metafast._base.typing import FloatArray
from metafast.database.coverage import coverage, require_cloud
from metafast.plotting.figures import PathLike, drawing
from metafast.plotting.panels import panels_height, panels_of, panels_shape
from metafast.plotting.style import ACHIEVED, HAIR, INK, MARK, SHADE, TARGET, Width
from metafast.plotting.words import legend, main_heading, property_label

_PANELS = ((0, 1), (0, 2), (0, 3))  # as in Fig. 4
_BINS = 110
_MANY = 20_000  # points from which on each is a pixel


def plot_property_cloud(
    properties: Any,
    cloud: Any = None,
    *,
    title: str | None = None,
    label: str = "cells",
    cloud_label: str = "published",
    share: bool = True,
    young: float | None = None,
    path: PathLike | None = None,
    width: Width | None = None,
) -> Figure:
    """Scatter of C12, C22 and C33 over C11, the boundary shaded (Fig. 4).

    Parameters
    ----------
    properties : (n, 4) array
        C11, C12, C22, C33 of the cells, in units of E.
    cloud : (m, 3) or (m, 4) array, optional
        Other properties for the same base material, laid over; the share of them with a cell
        within 0.015 is told.
    title : str, optional
        Words above it, none if empty; the number of cells by default.
    label, cloud_label : str
        Names in the legend.
    share : bool
        Whether to tell the share of the cloud that the cells cover.
    young : float, optional
        Young's modulus of the solid in MPa, for axes in MPa; in units of E without it.
    path, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If an array has another shape or holds no stiffnesses, the width is out of range, or the
        file cannot be written.
    """
    own = require_properties(properties)
    other = None if cloud is None else require_cloud(cloud)
    scale = 1.0 if young is None else require_number("young", young, above=0.0)
    size = _marker_size(len(own))
    many = len(own) >= _MANY
    shape = panels_shape(width, len(_PANELS))
    with drawing(path, width, height=panels_height(width, shape, 0.95)) as picture:
        panels = panels_of(picture, shape, len(_PANELS))
        for axes, (x, y) in zip(panels, _PANELS, strict=True):
            _shade(axes, own[:, x] * scale, own[:, y] * scale)
            style: dict[str, Any] = {"color": ACHIEVED, "markersize": size, "rasterized": many}
            style |= {"alpha": 0.5 if many else 0.9, "markeredgewidth": 0}
            axes.plot(own[:, x] * scale, own[:, y] * scale, "," if many else "o", **style)
            if other is not None and y < other.shape[1]:
                style |= {"color": TARGET, "markersize": max(1.6, _marker_size(len(other)))}
                style |= {"alpha": 0.7, "rasterized": len(other) >= _MANY}
                axes.plot(other[:, x] * scale, other[:, y] * scale, "o", **style)
            axes.set(xlabel=property_label(x, young), ylabel=property_label(y, young))
        words = f"{len(own):,} cells" if title is None else title
        if other is not None:
            if require_flag("share", share):
                (covered,) = coverage(own, other, (0.015,))
                told = f"{covered:.2%} of {len(other):,} {cloud_label} points within 0.015"
                words = f"{words}; {told}" if words else told
            marks = [
                Line2D([], [], marker="o", linestyle="", color=color, label=name, markersize=MARK)
                for color, name in ((ACHIEVED, label), (TARGET, cloud_label))
            ]
            legend(panels[0], marks, inside=False)
        main_heading(picture, words)
    return picture


def _marker_size(count: int) -> float:
    """Diameter of a point in points: 4 for up to a dozen, 0.5 for thousands."""
    return float(np.clip(16.0 / np.sqrt(count), 0.5, MARK))


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
    axes.contourf(*centres, level, levels=[0.5, 2.0], colors=[SHADE])
    axes.contour(*centres, level, levels=[0.5], colors=[INK], linewidths=HAIR)
