"""Picture of a study: error over what is varied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from metafast._base.typing import FloatArray
from metafast.plotting.figures import PathLike, drawing
from metafast.plotting.panels import panels_height, panels_of, panels_shape
from metafast.plotting.style import (
    ACHIEVED,
    GREY,
    INK,
    MARK,
    SEQUENTIAL,
    SMALL_TYPE,
    TARGET,
    THIN,
    Width,
    width_in_mm,
)
from metafast.plotting.words import legend, main_heading
from metafast.problems.file.quantities import MILLIMETRES, quantity

# units of sizes and options; those of parameters are the study's
UNITS = {
    "rows": "cells", "cols": "cells", "size": "cells a side", "candidates": "cells per element",
    "smoothing": "cell widths", "minimum_width": "pixels", "refine": "elements per pixel side",
    "fine_mesh": "elements per side of an element", "mesh": "elements per cell side",
    "space_nodes": "nodes per axis", "tolerance": "RRMSE", "mesh_error": "RRMSE",
    "least_side_solid": "share of a side", "least_stiffness": "E",
}  # fmt: skip
# lines over one axis: attribute of the row, its name, colour and style
_LEVELS = (
    ("macro", "macro optimum", GREY, ":"),
    ("own_cells", "own cells", GREY, "--"),
    ("pixels", "every pixel", ACHIEVED, "-"),
    ("fine", "finer mesh", INK, "-"),
    ("linear", "linear", TARGET, "--"),
)
_COMPLIANCE = "compliance ($E\\,t\\,w^2$)"
_DECADE = 10.0  # largest over smallest value from which the scale is logarithmic
_NICE = (1.0, 2.0, 5.0)
_LONGEST = 8  # values of an axis up to which all of them are ticks
_ROW, _EDGES = 8.0, 18.0  # mm of a map: a row, and what is around all of them
_LEAST, _HIGHEST = 55.0, 160.0  # mm
_LINES = 80.0  # mm


def plot_study(
    grid: Mapping[str, Sequence[Any]],
    rows: Sequence[Mapping[str, Any]],
    *,
    title: str = "",
    units: Mapping[str, str] | None = None,
    path: PathLike | None = None,
    width: Width | None = None,
) -> Figure:
    """Error over what is varied: lines with one axis, a map with two, dots with more.

    Parameters
    ----------
    grid : mapping of str to sequence
        Values of each axis.
    rows : sequence of mapping
        Runs: ``number`` from 1, the first axis slowest, the errors and ``compliance``,
        ``headline`` and ``failure``.
    title : str
    units : mapping of str to str, optional
        Units of parameters.
    path, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If the width is out of range, or the file cannot be written.
    """
    with_error = any(np.isfinite(row["headline"]) for row in rows)
    shown, name = ("headline", "RRMSE") if with_error else ("compliance", _COMPLIANCE)
    names = {axis: _label(axis, values, units or {}) for axis, values in grid.items()}
    shape = panels_shape(width, len(grid)) if len(grid) > 2 else (1, 1)
    height, room = panels_height(width, shape, 0.9), width_in_mm(width)
    if len(grid) == 1:
        height = min(_LINES / room, 0.75)
    if len(grid) == 2:
        upward = len(next(iter(grid.values())))
        height = min(max(_EDGES + _ROW * upward, _LEAST), _HIGHEST) / room
    with drawing(path, width, height=height) as made:
        axes = panels_of(made, shape, len(grid) if len(grid) > 2 else 1)
        if len(grid) == 1:
            _lines(axes[0], grid, rows, names, with_error)
        elif len(grid) == 2:
            _map(axes[0], grid, rows, names, shown, name)
        else:
            _dots(axes, grid, rows, names, shown, name)
        failed = int(_failed(grid, rows).sum())
        lost = f" ({failed} of {len(rows)} runs failed)" if failed else ""
        main_heading(made, f"{title}{lost}".strip())
    return made


def _lines(
    ax: Axes,
    grid: Mapping[str, Sequence[Any]],
    rows: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    with_error: bool,
) -> None:
    """Every level of the error over the one axis; crosses where no design was made."""
    ((axis, values),) = grid.items()
    x = _set_ticks(ax, values)
    order = np.argsort(x, kind="stable")
    levels = _LEVELS if with_error else (("compliance", "every pixel", ACHIEVED, "-"),)
    pixels = _values(grid, rows, "pixels")
    there: list[FloatArray] = []
    for key, label, colour, style in levels:
        y = _values(grid, rows, key)
        same = key == "linear" and np.array_equal(y, pixels, equal_nan=True)
        if np.isfinite(y).any() and not same:
            ax.plot(x[order], y[order], style, marker="o", color=colour, label=label)
        there.append(y)
    failed = x[_failed(grid, rows)]
    if len(failed):
        low = ax.get_xaxis_transform()
        mark: dict[str, Any] = {"color": TARGET, "markersize": MARK, "label": "no design"}
        ax.plot(failed, np.full(len(failed), 0.04), "x", transform=low, clip_on=False, **mark)
    _set_scale(ax, np.concatenate(there))
    ax.set(xlabel=names[axis], ylabel="RRMSE" if with_error else _COMPLIANCE)
    legend(ax)


def _map(
    ax: Axes,
    grid: Mapping[str, Sequence[Any]],
    rows: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    shown: str,
    name: str,
) -> None:
    """A field for each run, with its number in it, the first axis upward."""
    (first, upward), (second, across) = grid.items()
    field = _values(grid, rows, shown).reshape(len(upward), len(across))
    failed = _failed(grid, rows).reshape(field.shape)
    finite = field[np.isfinite(field)]
    image = ax.imshow(field, origin="lower", cmap=SEQUENTIAL, aspect="auto")
    middle = (finite.min() + finite.max()) / 2 if len(finite) else 0.0
    for (r, c), value in np.ndenumerate(field):
        text = f"{value:.3g}" if np.isfinite(value) else "no design" if failed[r, c] else ""
        dark = np.isfinite(value) and value <= middle
        colour = "white" if dark else INK
        ax.text(c, r, text, ha="center", va="center", fontsize=SMALL_TYPE, color=colour)
    ax.set_xticks(range(len(across)), [_text(value) for value in across])
    ax.set_yticks(range(len(upward)), [_text(value) for value in upward])
    ax.set(xlabel=names[second], ylabel=names[first])
    if len(finite):
        ax.figure.colorbar(image, ax=ax, label=name)


def _dots(
    axes: Sequence[Axes],
    grid: Mapping[str, Sequence[Any]],
    rows: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    shown: str,
    name: str,
) -> None:
    """A panel for each axis with a dot for each run; the least are joined, or underlined."""
    y = _values(grid, rows, shown)
    places = np.indices([len(values) for values in grid.values()]).reshape(len(grid), -1)
    for ax, place, (axis, values) in zip(axes, places, grid.items(), strict=True):
        x = _set_ticks(ax, values)
        ax.plot(x[place], y, "o", alpha=0.6, color=ACHIEVED)
        least = np.array([_least(y[place == k]) for k in range(len(values))])
        order = np.argsort(x, kind="stable")
        if _numbers(values) is None:
            ax.plot(x, least, "_", ms=2 * MARK, color=INK)  # nothing lies between words
        else:
            ax.plot(x[order], least[order], "-", lw=THIN, color=INK)
        _set_scale(ax, y)
        ax.set(xlabel=names[axis], ylabel=name)


def _values(
    grid: Mapping[str, Sequence[Any]], rows: Sequence[Mapping[str, Any]], key: str
) -> FloatArray:
    """A column of the table for all runs of the grid; NaN for those that are not there."""
    values = np.full(int(np.prod([len(each) for each in grid.values()])), np.nan)
    for row in rows:
        values[row["number"] - 1] = row[key]
    return values


def _failed(grid: Mapping[str, Sequence[Any]], rows: Sequence[Mapping[str, Any]]) -> Any:
    """Which runs of the grid have no design."""
    failed = np.zeros(int(np.prod([len(each) for each in grid.values()])), bool)
    failed[[row["number"] - 1 for row in rows if row["failure"]]] = True
    return failed


def _least(values: FloatArray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.min()) if len(finite) else float("nan")


def _lengths(values: Sequence[Any]) -> list[float] | None:
    """Values in mm, if every one is a length with its unit."""
    found = [quantity(value, MILLIMETRES) for value in values]
    return None if None in found else [float(each) for each in found if each is not None]


def _numbers(values: Sequence[Any]) -> list[float] | None:
    """Numbers or lengths in mm along an axis; None for one with text."""
    if all(isinstance(value, (int, float)) for value in values):
        return [float(value) for value in values]
    return _lengths(values)


def _label(axis: str, values: Sequence[Any], units: Mapping[str, str]) -> str:
    """Name of an axis with its unit, if that is known."""
    unit = "mm" if _lengths(values) is not None else units.get(axis) or UNITS.get(axis)
    name = axis.replace("_", " ")
    return f"{name} ({unit})" if unit else name


def _set_ticks(ax: Axes, values: Sequence[Any]) -> FloatArray:
    """Positions of values along an axis: numbers and lengths true to scale, text side by side."""
    numbers = _numbers(values)
    if numbers is None:
        ax.set_xticks(range(len(values)), [_text(value) for value in values])
        ax.set_xlim(-0.5, len(values) - 0.5)
        return np.arange(len(values), dtype=float)
    if len(numbers) <= _LONGEST:
        ax.set_xticks(sorted(numbers), [f"{number:g}" for number in sorted(numbers)])
    return np.array(numbers)


def _set_scale(ax: Axes, values: FloatArray) -> None:
    """A logarithmic scale for values over decades, otherwise one from 0."""
    positive = values[np.isfinite(values) & (values > 0)]
    if not len(positive) or positive.max() <= _DECADE * positive.min():
        ax.set_ylim(bottom=0.0)
        return
    ax.set_yscale("log")
    if positive.max() < _DECADE**2 * positive.min():  # decades alone would leave one number or none
        ax.yaxis.set_major_locator(LogLocator(subs=_NICE))
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.yaxis.set_minor_locator(NullLocator())


def _text(value: Any) -> str:
    """A value as a tick; an option without a value has its default."""
    if value is None:
        return "default"
    return value if isinstance(value, str) else f"{value:g}"
