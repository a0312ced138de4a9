"""A property arrow in latent space: cells low and high in the property (Figs. 9a and 10a)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from metafast._base.typing import BoolArray, FloatArray
from metafast.plotting.figures import PathLike, axes_of, drawing
from metafast.plotting.style import (
    ACHIEVED,
    BOLD,
    DOT,
    GREY,
    INK,
    LINE,
    MARK,
    PALE,
    TARGET,
    TYPE,
    Width,
)
from metafast.plotting.words import heading, legend

_DOT = 1.0  # diameter of a cell's dot in points
_AXES = ("first principal component", "second principal component")


def plot_arrow(
    points: FloatArray,
    low: BoolArray,
    high: BoolArray,
    walks: Sequence[FloatArray] = (),
    *,
    names: tuple[str, str] = ("low", "high"),
    title: str = "",
    path: PathLike | None = None,
    ax: Axes | None = None,
    width: Width | None = None,
) -> Figure:
    """Cells low and high in a property on a map of the latent space, and the arrow between them.

    Parameters
    ----------
    points : (n, 2) array
        All cells on the map.
    low, high : (n,) bool arrays
        Cells between whose means the arrow points (`metafast.latent.high_and_low`).
    walks : sequence of (m, 2) arrays
        Walks on the map, for instance along the arrow.
    names : (str, str)
        Names of the cells low and high.
    title : str
        Words above it; none if empty.
    path, ax, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If the width is out of range, or the file cannot be written.
    """
    with drawing(path, width, ax, height=0.7) as made:
        axes = axes_of(made, ax)
        neither = ~(low | high)
        marks = []
        for which, colour, name in (
            (neither, PALE, "other cells"),
            (low, ACHIEVED, names[0]),
            (high, TARGET, names[1]),
        ):
            many: dict[str, Any] = {"markersize": _DOT, "markeredgewidth": 0, "rasterized": True}
            axes.plot(*points[which].T, "o", color=colour, alpha=0.5, **many)
            grey = GREY if colour == PALE else colour
            marks.append(Line2D([], [], color=grey, marker="o", markersize=MARK, linestyle="",
                                label=name))  # fmt: skip
        for walk in walks:
            axes.plot(*walk.T, "-o", color=INK, linewidth=0.6 * LINE, markersize=0.8 * DOT)
        if walks:
            marks.append(Line2D([], [], color=INK, marker="o", markersize=DOT, linewidth=LINE,
                                label="walks"))  # fmt: skip
        start, stop = points[low].mean(axis=0), points[high].mean(axis=0)
        for edge, colour, wide in ((2.0, "white", 1.8 * BOLD), (0.0, INK, BOLD)):
            arrow: dict[str, Any] = {"arrowstyle": "-|>", "color": colour, "linewidth": wide}
            arrow |= {"mutation_scale": 1.6 * TYPE + edge, "shrinkA": 0, "shrinkB": 0}
            axes.annotate("", stop, start, arrowprops=arrow, zorder=5)
        axes.set(xlabel=_AXES[0], ylabel=_AXES[1])
        legend(axes, marks)
        heading(axes, title)
    return made
