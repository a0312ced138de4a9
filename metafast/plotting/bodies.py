"""Axes on which bodies are drawn: equal scales, in cell widths or mm, with their colour bars."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import LogNorm
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from metafast._base.checks import require_number
from metafast._base.typing import FloatArray
from metafast.plotting.figures import figure_of
from metafast.plotting.style import HAIR, SMALL_TYPE
from metafast.plotting.words import heading
from metafast.problems import Problem

_WIDE = 2.5  # columns over rows from which on a colour bar lies below the body
_NICE = np.array([1.0, 2.0, 5.0])
_TICKS = 5
_BEYOND = 0.01  # share of the range of colours that values may leave it by


class _Scaled(MaxNLocator):
    """Round ticks of a coordinate that is shown `scale` times as large."""

    def __init__(self, scale: float) -> None:
        super().__init__(nbins=6, steps=[1, 2, 5, 10], integer=scale == 1.0)
        self.scale = scale

    def tick_values(self, vmin: float, vmax: float) -> Any:
        """Places of the ticks between two ends."""
        return np.asarray(super().tick_values(vmin * self.scale, vmax * self.scale)) / self.scale


def length_scale(cell_size: float | None) -> tuple[float, str]:
    """Factor from cell widths to the unit of lengths, and the unit's name."""
    if cell_size is None:
        return 1.0, "cells"
    return require_number("cell_size", cell_size, above=0.0), "mm"


def body_axes(
    ax: Axes, problem: Problem, title: str, cell_size: float | None = None, columns: int = 1
) -> None:
    """Equal scales, coordinates from the lower left corner, the names of load cases, a title.

    Parameters
    ----------
    ax : Axes
    problem : Problem
    title : str
        Empty for none.
    cell_size : float, optional
        Side of a cell in mm, for coordinates in mm; in cells without it.
    columns : int
        Axes side by side in the figure.
    """
    scale, unit = length_scale(cell_size)
    ax.set_aspect("equal")
    ax.set(xlabel=f"$x$ ({unit})", ylabel=f"$y$ ({unit})")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(_Scaled(scale))
        axis.set_major_formatter(lambda value, _: f"{scale * value:g}")
    if problem.cases:
        _name_cases(ax, problem, scale)
    if title:
        heading(ax, title, columns)


def colour_bar(
    ax: Axes, shown: ScalarMappable, label: str, shape: tuple[int, int], values: FloatArray
) -> Colorbar:
    """Colour bar of a field on a body of so many rows and columns, below it if it is wide.

    It is pointed at an end that some of the values (n,) lie beyond.
    """
    rows, cols = shape
    wide = cols > _WIDE * rows
    place: dict[str, Any] = {"location": "right", "aspect": 18, "pad": 0.02}
    if wide:
        place = {"location": "bottom", "aspect": 45, "shrink": 0.6, "pad": 0.03}
    low, high = shown.get_clim()
    assert low is not None
    assert high is not None
    slack = _BEYOND * (high - low)
    under, over = values.min() < low - slack, values.max() > high + slack
    place["extend"] = {(0, 0): "neither", (1, 0): "min", (0, 1): "max"}.get((under, over), "both")
    bar = figure_of(ax).colorbar(shown, ax=ax, label=label, extendfrac=0.03, **place)
    bar.outline.set_linewidth(HAIR)
    mark_bar(bar, _TICKS)
    return bar


def mark_bar(bar: Colorbar, count: int) -> None:
    """About so many plain numbers beside a colour bar, on a logarithmic scale too."""
    low, high = bar.mappable.get_clim()
    assert low is not None
    assert high is not None
    ticks: Any = MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    if isinstance(bar.norm, LogNorm):
        decades = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)))
        nice = (decades[:, None] * _NICE).ravel()
        inside = nice[(nice >= low) & (nice <= high)]
        if len(inside) >= 2:
            ticks = inside[:: max(1, -(-len(inside) // (count + 1)))]
    bar.set_ticks([float(tick) for tick in ticks if low <= tick <= high])
    bar.ax.yaxis.set_minor_locator(NullLocator())
    bar.ax.xaxis.set_minor_locator(NullLocator())
    long = bar.ax.yaxis if bar.orientation == "vertical" else bar.ax.xaxis
    long.set_major_formatter(lambda value, _: f"{value:.6g}")


def _name_cases(ax: Axes, problem: Problem, scale: float) -> None:
    """Coordinates of every copy of the body from its own left end, and below it its case's name."""
    width = problem.period - 1
    ticks: Any = MaxNLocator(3, steps=[1, 2, 5, 10]).tick_values(0.0, width * scale)
    own = ticks[(ticks >= 0.0) & (ticks <= width * scale)]
    starts = np.repeat(np.arange(problem.copies) * problem.period, len(own))
    ax.xaxis.set_major_locator(FixedLocator(starts + np.tile(own / scale, problem.copies)))
    ax.xaxis.set_major_formatter(lambda value, _: f"{scale * (value % problem.period):.4g}")
    ax.xaxis.remove_overlapping_locs = False
    middles = np.arange(problem.copies) * problem.period + 0.5 * width
    ax.set_xticks(middles.tolist(), list(problem.cases), minor=True)
    ax.tick_params(axis="x", which="minor", length=0, pad=2.2 * SMALL_TYPE)
