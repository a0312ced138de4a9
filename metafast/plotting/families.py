"""Pictures of families: rows of their cells, and their properties along the gradation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from metafast.plotting.cells import plot_cell_rows
from metafast.plotting.figures import PathLike, drawing
from metafast.plotting.panels import panels_height, panels_of, panels_shape
from metafast.plotting.style import DOT, FAMILIES, INK, MARK, THIN, Width, width_in_mm
from metafast.plotting.words import legend, property_label

if TYPE_CHECKING:
    from metafast.selection.family import Family

_SHOWN = 14
_FEW = 50  # members up to which each is told apart
_CELL = 11.0  # mm of a cell with its parameter


def plot_families(
    families: Sequence[Family],
    shown: int | None = None,
    *,
    path: PathLike | None = None,
    width: Width | None = None,
) -> Figure:
    """Members of each family, evenly thinned, with their parameter (Fig. 12b).

    Parameters
    ----------
    families : sequence of Family
    shown : int, optional
        Members of each at most; as many as the width has room for, up to 14, by default.
    path, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If so many members do not fit into the width, or the file cannot be written.
    """
    if shown is None:
        shown = min(_SHOWN, int(width_in_mm(width) / _CELL) - 1)
    rows, notes = [], []
    for family in families:
        order = np.argsort(family.parameter, kind="stable")
        few = order[np.linspace(0, len(family) - 1, min(shown, len(family))).round().astype(int)]
        rows.append(family.cells[few])
        notes.append([f"{value:.3f}" for value in family.parameter[few]])
    labels = [f"{k + 1}: {len(family)} cells" for k, family in enumerate(families)]
    title = f"Families along {families[0].gradation.name}, with its parameter"
    return plot_cell_rows(rows, labels, notes, title, path=path, width=width)


def plot_gradation(
    families: Sequence[Family], *, path: PathLike | None = None, width: Width | None = None
) -> Figure:
    """Properties of the members over the parameter, with the gradation itself (Fig. 13).

    Parameters
    ----------
    families : sequence of Family
    path, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If the width is out of range, or the file cannot be written.
    """
    gradation, young = families[0].gradation, families[0].phases.solid.young
    shape = panels_shape(width, 4)
    with drawing(path, width, height=panels_height(width, shape, 1.0)) as figure:
        axes = panels_of(figure, shape, 4)
        for k, ax in enumerate(axes):
            for number, family in enumerate(families):
                style: dict[str, Any] = {
                    "color": FAMILIES[number % len(FAMILIES)],
                    "markersize": MARK if len(family) <= _FEW else 0.8 * DOT,
                }
                style |= {"rasterized": len(family) > 1000, "label": f"family {number + 1}"}
                ax.plot(family.parameter, family.properties[:, k] / young, ".", **style)
            curve: dict[str, Any] = {"color": INK, "linewidth": THIN, "label": "gradation"}
            ax.plot(gradation.parameter, gradation.properties[:, k] / young, "-", **curve)
            ax.set(xlabel=f"parameter of {gradation.name}", ylabel=property_label(k))
        legend(axes[0], inside=False)
    return figure
