"""Pictures of families: rows of their cells, and their properties along the gradation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from metafast.plotting.latent import plot_cell_rows
from metafast.properties.names import PROPERTIES

if TYPE_CHECKING:
    from metafast.selection.family import Family

_SHOWN = 14


def plot_families(families: Sequence[Family], shown: int = _SHOWN) -> Figure:
    """Members of each family, evenly thinned to `shown`, with their parameter (Fig. 12b)."""
    rows, notes = [], []
    for family in families:
        order = np.argsort(family.parameter, kind="stable")
        few = order[np.linspace(0, len(family) - 1, min(shown, len(family))).round().astype(int)]
        rows.append(family.cells[few])
        notes.append([f"{value:.3f}" for value in family.parameter[few]])
    labels = [f"{k + 1}: {len(family)}" for k, family in enumerate(families)]
    title = f"Families along {families[0].gradation.name}, with its parameter"
    return plot_cell_rows(rows, labels, notes, title)


def plot_gradation(families: Sequence[Family]) -> Figure:
    """Properties of the members over the parameter, with the gradation itself (Fig. 13)."""
    figure = Figure(figsize=(11, 3.2), layout="constrained")
    gradation = families[0].gradation
    for k, axis in enumerate(figure.subplots(1, 4, sharex=True)):
        axis.plot(gradation.parameter, gradation.properties[:, k], "k-", lw=1, label="gradation")
        for number, family in enumerate(families):
            axis.plot(
                family.parameter, family.properties[:, k], ".", ms=3, label=f"family {number + 1}"
            )
        axis.set_title(PROPERTIES[k], fontsize=10, loc="left")
        axis.set_xlabel("parameter", fontsize=8)
    axis.legend(fontsize=7)
    return figure
