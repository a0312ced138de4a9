"""Pairs of neighbouring cells with their two incompatibilities (Fig. 14)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from metafast._base.checks import require_array, require_cells
from metafast._base.typing import FloatArray
from metafast.plotting.cells import draw_cell
from metafast.plotting.figures import PathLike, drawing
from metafast.plotting.style import GREY, HAIR, LINE, SMALL_TYPE, TARGET, Width, width_in_mm
from metafast.plotting.words import main_heading, text_width

_LEAST = 15.0  # mm of a pair with its two numbers
_NOTES, _POINT = 4.5, 25.4 / 72.0  # mm of the two lines of numbers; mm of a point
_HIGH = 0.62  # height of a pair with its numbers over its width


def plot_pairs(
    cells: Any,
    geometric: Any,
    mechanical: Any,
    names: Sequence[str],
    title: str = "",
    *,
    path: PathLike | None = None,
    width: Width | None = None,
) -> Figure:
    """Every cell to the left of every cell, with theta_G and theta_M below (Fig. 14).

    Parameters
    ----------
    cells : (n, h, h) array
        1 = solid, row 0 at the top.
    geometric, mechanical : (n, n) arrays
        theta_G and theta_M of the cell of the row, on the left, beside that of the column; tables
        of `metafast.incompatibility_tables` with one weight 1 and the other 0.
    names : sequence of str
        Names of the cells.
    title : str
        Words above all; none if empty.
    path, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If an array has another shape, so many pairs do not fit into the width, or the file cannot
        be written.
    """
    own = require_cells(cells, square=True)
    count = len(own)
    tables = [_table(*each, count) for each in (("geometric", geometric),
                                                ("mechanical", mechanical))]  # fmt: skip
    if len(names) != count:
        raise ValueError(f"there are {len(names)} names for {count} cells; one for each is needed")
    room = width_in_mm(width)
    left = _POINT * max(text_width(name, SMALL_TYPE) for name in names) + 2.0
    share = (room - left) / count
    if share < _LEAST:
        raise ValueError(
            f"{count} pairs do not fit side by side; width={left + _LEAST * count:.0f} (mm) is "
            "needed, or fewer cells"
        )
    with drawing(path, width, height=count * (_HIGH * share + 0.5) / room + 0.05) as made:
        places = made.subplots(count, count, squeeze=False)
        for i, row in enumerate(places):
            for j, ax in enumerate(row):
                draw_cell(ax, np.hstack([own[i], own[j]]))
                ax.set(frame_on=True)
                ax.spines[:].set(visible=True, color=GREY, linewidth=HAIR)
                ax.axvline(own.shape[2] - 0.5, color=TARGET, linewidth=LINE, linestyle=":")
                words = "  ".join(
                    f"$\\theta^{mark}$ {table[i, j]:.2f}"
                    for mark, table in zip("GM", tables, strict=True)
                )
                ax.set_xlabel(words, fontsize=SMALL_TYPE - 0.5, labelpad=2.0)
            row[0].set_ylabel(names[i], rotation=0, ha="right", va="center")
        for ax, name in zip(places[0], names, strict=True):
            ax.set_title(name, loc="center", pad=3.0)
        main_heading(made, title)
    return made


def _table(name: str, value: Any, count: int) -> FloatArray:
    """Incompatibilities (n, n) of all pairs."""
    table = require_array(name, value, finite=True)
    if table.shape != (count, count):
        raise ValueError(f"{name} has shape {table.shape}; ({count}, {count}) is needed")
    return table
