"""Pictures of the latent space: cells along a walk, and maps coloured by property."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from metafast._base.typing import AnyArray, FloatArray
from metafast.properties.names import PROPERTIES

if TYPE_CHECKING:
    from metafast.generative.decoding import DecodedCells

_COLUMNS = 10


def plot_walk(made: DecodedCells, title: str) -> Figure:
    """Cells in reading order, solid black, with their recomputed C11 and C22."""
    words = ["" if connected else " (pieces)" for connected in made.connected]
    notes = [
        f"{c[0]:.3f}, {c[2]:.3f}{word}" for c, word in zip(made.properties, words, strict=True)
    ]
    return plot_cells(made.cells, notes, f"{title}: cells with their C11, C22")


def plot_cells(cells: AnyArray, notes: Sequence[str], title: str) -> Figure:
    """Cells (n, h, w) in reading order, solid black, each with a note above it."""
    count = len(cells)
    columns = min(count, _COLUMNS)
    rows = -(-count // columns)
    figure = Figure(figsize=(1.15 * columns, 1.45 * rows + 0.3), layout="constrained")
    axes = np.atleast_1d(figure.subplots(rows, columns, squeeze=False)).ravel()
    for k, axis in enumerate(axes):
        axis.set_axis_off()
        if k < count:
            axis.imshow(1 - cells[k], cmap="gray", vmin=0, vmax=1)
            axis.set_title(notes[k], fontsize=7)
    figure.suptitle(title, fontsize=9)
    return figure


def plot_cell_rows(
    rows: Sequence[AnyArray],
    labels: Sequence[str],
    notes: Sequence[Sequence[str]] | None = None,
    title: str = "",
) -> Figure:
    """Labelled rows of cells (n, h, w) or grey pictures in [0, 1], solid black (Figs. 6, 7, 9, 10).

    Parameters
    ----------
    rows : sequence of (n, h, w) arrays
    labels : sequence of str
        One per row.
    notes : sequence of sequences of str, optional
        Words above each cell.
    title : str
    """
    columns = max(len(row) for row in rows)
    figure = Figure(figsize=(1.1 * columns + 1.2, 1.25 * len(rows) + 0.4), layout="constrained")
    axes = figure.subplots(len(rows), columns, squeeze=False)
    for r, row in enumerate(rows):
        for c, axis in enumerate(axes[r]):
            axis.set(xticks=[], yticks=[], frame_on=False)
            if c < len(row):
                axis.imshow(1.0 - row[c], cmap="gray", vmin=0, vmax=1)
                if notes is not None:
                    axis.set_title(notes[r][c], fontsize=7)
        axes[r, 0].set_ylabel(labels[r], fontsize=8)
    figure.suptitle(title, fontsize=10)
    return figure


def plot_clusters(
    points: FloatArray, groups: Sequence[FloatArray], cells: Sequence[AnyArray], title: str = ""
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
    """
    shown = max(len(some) for some in cells)
    figure = Figure(figsize=(4.2 + 0.8 * shown, 1.15 * len(groups) + 0.8), layout="constrained")
    parts = figure.subfigures(1, 2, width_ratios=(4.2, 0.8 * shown), squeeze=False)
    left, right = np.asarray(parts).ravel()
    axis = left.subplots()
    axis.plot(*points.T, ".", ms=1, color="0.85")
    axis.set(xlabel="first principal component", ylabel="second")
    places = right.subplots(len(groups), shown, squeeze=False)
    for k, (group, some) in enumerate(zip(groups, cells, strict=True)):
        axis.plot(*group.T, "o", ms=4, color=f"C{k}", label=f"group {k + 1}")
        for c, place in enumerate(places[k]):
            place.set(xticks=[], yticks=[], frame_on=False)
            if c < len(some):
                place.imshow(1.0 - some[c], cmap="gray", vmin=0, vmax=1)
        places[k, 0].set_ylabel(f"group {k + 1}", color=f"C{k}", fontsize=8)
    axis.legend(fontsize=8)
    figure.suptitle(title, fontsize=10)
    return figure


def plot_latent_map(points: FloatArray, properties: FloatArray) -> Figure:
    """Two components of the latent space, once for each property (Fig. 8)."""
    figure = Figure(figsize=(11, 3.1), layout="constrained")
    for k, axis in enumerate(figure.subplots(1, 4, sharex=True, sharey=True)):
        dots = axis.scatter(*points.T, c=properties[:, k], s=2, linewidths=0, cmap="viridis")
        axis.set_title(PROPERTIES[k], fontsize=10, loc="left")
        figure.colorbar(dots, ax=axis, shrink=0.8)
    return figure
