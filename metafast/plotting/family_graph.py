"""Picture of a family graph: cells along a gradation over a latent principal component."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from metafast._base.checks import require_count
from metafast.plotting.figures import INK, figure

if TYPE_CHECKING:
    import networkx as nx

    from metafast.selection.family import Family

_EDGE = "#9aa3ad"
_COLOURS = ("#d1495b", "#e08e2b", "#2a9d5c", "#8a4fb5", "#20242b")


def plot_family_graph(
    graph: nx.DiGraph, families: Sequence[Family] = (), *, component: int = 1
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

    Raises
    ------
    ValueError
        If the latents have no such component.
    """
    nodes = {row: data for row, data in graph.nodes(data=True) if "latent" in data}
    latents = np.array([data["latent"] for data in nodes.values()])
    mean = latents.mean(axis=0)
    if require_count("component", component) > latents.shape[1]:
        raise ValueError(f"component is {component}; the latents have {latents.shape[1]}")
    axis = np.linalg.svd(latents - mean, full_matrices=False)[2][component - 1]
    place = {
        row: (data["parameter"], (data["latent"] - mean) @ axis) for row, data in nodes.items()
    }
    picture = figure(11.0, 5.6)
    axes = picture.subplots()
    ends = [(place[a], place[b]) for a, b in graph.edges if a in place and b in place]
    alpha = float(np.clip(6000 / max(len(ends), 1), 0.04, 0.5))
    axes.add_collection(
        LineCollection(ends, linewidths=0.3, colors=_EDGE, alpha=alpha, rasterized=True, zorder=1)
    )
    points = np.array(list(place.values()))
    stiffness = np.array([data["C11"] for data in nodes.values()])
    dots = axes.scatter(points[:, 0], points[:, 1], c=stiffness, s=7, linewidths=0, cmap="viridis",
                        rasterized=True, zorder=2)  # fmt: skip
    for k, family in enumerate(families):
        path = np.column_stack([family.parameter, (family.latents - mean) @ axis])
        colour = _COLOURS[k % len(_COLOURS)]
        axes.plot(*path.T, "-o", color="white", lw=4.0, ms=6, zorder=3)
        axes.plot(*path.T, "-o", color=colour, lw=2.2, ms=7, zorder=4, label=f"family {k + 1}")
    picture.colorbar(dots, ax=axes, shrink=0.8, label="$C_{11}$")
    gradation = graph.graph["gradation"].name
    ordinal = {1: "first", 2: "second", 3: "third"}.get(component, f"{component}th")
    axes.set(xlabel=f"parameter of {gradation}", ylabel=f"{ordinal} principal component of latents")
    axes.spines[["top", "right"]].set_visible(False)
    if families:
        axes.legend(fontsize=8, frameon=False, loc="upper right")
    title = f"Family graph along {gradation}: {len(nodes):,} cells, {len(ends):,} edges"
    picture.suptitle(title, fontsize=10, color=INK, x=0.01, ha="left")
    return picture
