"""Picture of a family graph: cells along a gradation over a latent principal component."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from metafast._base.checks import require_choice, require_count
from metafast.plotting.bodies import mark_bar
from metafast.plotting.figures import PathLike, axes_of, drawing
from metafast.plotting.style import BOLD, FAMILIES, GREY, HAIR, MARK, SEQUENTIAL, Width, width_in_mm
from metafast.plotting.words import heading, legend, property_label

if TYPE_CHECKING:
    import networkx as nx

    from metafast.selection.family import Family

_NARROW = 120.0  # mm up to which the graph is higher in proportion
_NICE = (1.0, 2.0, 5.0)
_DOT = 3.0  # area of a cell's dot in points squared


def plot_family_graph(
    graph: nx.DiGraph,
    families: Sequence[Family] = (),
    *,
    component: int = 1,
    scale: Literal["linear", "log"] = "linear",
    title: str | None = None,
    path: PathLike | None = None,
    ax: Axes | None = None,
    width: Width | None = None,
) -> Figure:
    """Draw the cells of a family graph, its edges, and the paths of families through it.

    Parameters
    ----------
    graph : networkx.DiGraph
        Graph from `metafast.family_graph`.
    families : sequence of Family
        Families from this graph.
    component : int
        Principal component of the latents on the vertical axis, 1 for the first.
    scale : {"linear", "log"}
        Scale of the parameter; a logarithmic one shows soft cells apart.
    title : str, optional
        Words above it, none if empty; numbers of cells and edges by default.
    path, ax, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If the latents have no such component, the scale is unknown, or the file cannot be written.
    """
    nodes = {row: data for row, data in graph.nodes(data=True) if "latent" in data}
    require_choice("scale", scale, ("linear", "log"))
    latents = np.array([data["latent"] for data in nodes.values()])
    mean = latents.mean(axis=0)
    if require_count("component", component) > latents.shape[1]:
        raise ValueError(f"component is {component}; the latents have {latents.shape[1]}")
    axis = np.linalg.svd(latents - mean, full_matrices=False)[2][component - 1]
    place = {
        row: (data["parameter"], (data["latent"] - mean) @ axis) for row, data in nodes.items()
    }
    ends = [(place[a], place[b]) for a, b in graph.edges if a in place and b in place]
    points = np.array(list(place.values()))
    stiffness = np.array([data["C11"] for data in nodes.values()])
    gradation = graph.graph["gradation"].name
    ordinal = {1: "first", 2: "second", 3: "third"}.get(component, f"{component}th")
    with drawing(path, width, ax, height=0.5 if width_in_mm(width) > _NARROW else 0.7) as picture:
        axes = axes_of(picture, ax)
        alpha = float(np.clip(6000 / max(len(ends), 1), 0.04, 0.5))
        many: dict[str, Any] = {"rasterized": True, "zorder": 1}
        axes.add_collection(LineCollection(ends, linewidths=HAIR, colors=GREY, alpha=alpha, **many))
        dots = axes.scatter(points[:, 0], points[:, 1], c=stiffness, s=_DOT, linewidths=0,
                            cmap=SEQUENTIAL, rasterized=True, zorder=2)  # fmt: skip
        marks = []
        for k, family in enumerate(families):
            way = np.column_stack([family.parameter, (family.latents - mean) @ axis])
            colour = FAMILIES[k % len(FAMILIES)]
            axes.plot(*way.T, "-", color="white", linewidth=2.0 * BOLD, zorder=3)
            style: dict[str, Any] = {
                "color": colour,
                "linewidth": BOLD,
                "markersize": MARK,
                "zorder": 4,
            }
            marks += axes.plot(*way.T, "-o", label=f"family {k + 1}", **style)
        mark_bar(picture.colorbar(dots, ax=axes, shrink=0.8, label=property_label(0)), 5)
        axes.set_xscale(scale)
        if scale == "log":
            axes.xaxis.set_major_locator(LogLocator(subs=_NICE))
            axes.xaxis.set_minor_locator(NullLocator())
            axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.set_xlabel(f"parameter of {gradation}")
        axes.set_ylabel(f"{ordinal} principal component")
        legend(axes, marks)
        words = f"Family graph along {gradation}: {len(nodes):,} cells, {len(ends):,} edges"
        heading(axes, words if title is None else title)
    return picture
