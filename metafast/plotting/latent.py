"""Pictures of the latent space: cells along a walk, and maps coloured by property."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from metafast._typing import FloatArray

if TYPE_CHECKING:
    from metafast.generative.decoding import DecodedCells

_COLUMNS = 10
_NAMES = ("C11", "C12", "C22", "C33")


def plot_walk(made: DecodedCells, title: str) -> Figure:
    """Cells in reading order, solid black, with their recomputed C11 and C22 (Figs. 6 to 10)."""
    count = len(made.cells)
    columns = min(count, _COLUMNS)
    rows = -(-count // columns)
    figure = Figure(figsize=(1.15 * columns, 1.45 * rows + 0.3), layout="constrained")
    axes = np.atleast_1d(figure.subplots(rows, columns, squeeze=False)).ravel()
    for k, axis in enumerate(axes):
        axis.set_axis_off()
        if k < count:
            axis.imshow(1 - made.cells[k], cmap="gray", vmin=0, vmax=1)
            c11, _, c22, _ = made.properties[k]
            whole = "" if made.connected[k] else " (pieces)"
            axis.set_title(f"{c11:.3f}, {c22:.3f}{whole}", fontsize=7)
    figure.suptitle(f"{title}: cells with their C11, C22", fontsize=9)
    return figure


def plot_latent_map(points: FloatArray, properties: FloatArray) -> Figure:
    """Two components of the latent space, once for each property (Fig. 8)."""
    figure = Figure(figsize=(11, 3.1), layout="constrained")
    for k, axis in enumerate(figure.subplots(1, 4, sharex=True, sharey=True)):
        dots = axis.scatter(*points.T, c=properties[:, k], s=2, linewidths=0, cmap="viridis")
        axis.set_title(_NAMES[k], fontsize=10, loc="left")
        figure.colorbar(dots, ax=axis, shrink=0.8)
    return figure
