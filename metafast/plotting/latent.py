"""Maps of the latent space: groups of similar cells, and colours by property."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from metafast._base.typing import AnyArray, FloatArray
from metafast.plotting.bodies import mark_bar
from metafast.plotting.cells import draw_cell
from metafast.plotting.figures import PathLike, drawing
from metafast.plotting.panels import panels_height, panels_of, panels_shape
from metafast.plotting.style import CYCLE, DOT, GREY, HAIR, PALE, SEQUENTIAL, Width, width_in_mm
from metafast.plotting.words import legend, main_heading, property_label

_NARROW = 120.0  # mm up to which the cells are below the map
_DOT = 1.2  # area of a point of a map in points squared
_AXES = ("first principal component", "second principal component")


def plot_clusters(
    points: FloatArray,
    groups: Sequence[FloatArray],
    cells: Sequence[AnyArray],
    title: str = "",
    *,
    path: PathLike | None = None,
    width: Width | None = None,
) -> Figure:
    """Groups of latent points on a map of all of them, with some cells of each (Fig. 7b).

    Parameters
    ----------
    points : (n, 2) array
        All cells on the map.
    groups : sequence of (m, 2) arrays
    cells : sequence of (k, h, w) arrays
        Some cells of each group.
    title : str
        Words above all; none if empty.
    path, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If the width is out of range, or the file cannot be written.
    """
    shown = max(len(some) for some in cells)
    beside = width_in_mm(width) > _NARROW
    with drawing(path, width, height=0.4 if beside else 1.3) as made:
        ratios: dict[str, Any] = (
            {"width_ratios": (1.0, 1.1)} if beside else {"height_ratios": (1.1, 1.0)}
        )
        shape = (1, 2) if beside else (2, 1)
        left, right = np.asarray(made.subfigures(*shape, squeeze=False, **ratios)).ravel()
        ax = left.subplots()
        many: dict[str, Any] = {
            "color": PALE,
            "markersize": HAIR,
            "rasterized": True,
        }
        ax.plot(*points.T, ".", **many)
        ax.set(xlabel=_AXES[0], ylabel=_AXES[1])
        places = right.subplots(len(groups), shown, squeeze=False)
        for k, (group, some) in enumerate(zip(groups, cells, strict=True)):
            colour = CYCLE[k % len(CYCLE)]
            ax.plot(*group.T, "o", markersize=DOT, color=colour, label=f"group {k + 1}")
            for c, place in enumerate(places[k]):
                draw_cell(place, some[c] if c < len(some) else None)
            places[k, 0].set_ylabel(f"group {k + 1}", color=colour)
        everything = Line2D([], [], color=GREY, marker=".", linestyle="", label="all cells")
        legend(ax, [everything, *ax.get_legend_handles_labels()[0]], inside=True)
        main_heading(made, title)
    return made


def plot_latent_map(
    points: FloatArray,
    properties: FloatArray,
    *,
    title: str = "",
    young: float | None = None,
    path: PathLike | None = None,
    width: Width | None = None,
) -> Figure:
    """Two components of the latent space, once for each property (Fig. 8).

    Parameters
    ----------
    points : (n, 2) array
    properties : (n, 4) array
        C11, C12, C22, C33, relative to Young's modulus.
    title : str
        Words above all; none if empty.
    young : float, optional
        Young's modulus of the solid in MPa, for stiffnesses in MPa.
    path, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If the width is out of range, or the file cannot be written.
    """
    shape = panels_shape(width, 4)
    with drawing(path, width, height=panels_height(width, shape, 1.15)) as made:
        for k, ax in enumerate(panels_of(made, shape, 4)):
            values = properties[:, k] * (young or 1.0)
            dots = ax.scatter(points[:, 0], points[:, 1], c=values, s=_DOT, linewidths=0,
                              cmap=SEQUENTIAL, rasterized=True)  # fmt: skip
            ax.set_xlabel(_AXES[0] if shape[1] < 4 else "first component")
            ax.set_ylabel(_AXES[1] if shape[1] < 4 else "second component")
            place: dict[str, Any] = {"location": "top", "aspect": 25, "pad": 0.02}
            mark_bar(made.colorbar(dots, ax=ax, label=property_label(k, young), **place), 3)
        main_heading(made, title)
    return made
