"""Picture of a study: error over what is varied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metafast._base.typing import FloatArray
from metafast.plotting.figures import ACHIEVED, INK, TARGET, figure, save_figure
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
    ("macro", "macro optimum", "0.55", ":"),
    ("own_cells", "own cells", "0.55", "--"),
    ("pixels", "every pixel", ACHIEVED, "-"),
    ("fine", "finer mesh", INK, "-"),
    ("linear", "linear", TARGET, "--"),
)
_DECADE = 10.0  # largest over smallest error from which the scale is logarithmic
_ACROSS = 3  # panels
_LONGEST = 12  # values of an axis up to which all of them are ticks


def plot_study(
    grid: Mapping[str, Sequence[Any]],
    rows: Sequence[Mapping[str, Any]],
    *,
    title: str = "",
    units: Mapping[str, str] | None = None,
    path: Path | None = None,
) -> Figure:
    """Error over what is varied: lines with one axis, a map with two, dots with more.

    Parameters
    ----------
    grid : mapping of str to sequence
        Values of each axis.
    rows : sequence of mapping
        Runs: ``values`` of the axes, the errors and ``compliance``, ``headline`` and ``failure``.
    title : str
    units : mapping of str to str, optional
        Units of parameters.
    path : Path, optional
        Where to write the picture too.
    """
    with_error = any(np.isfinite(row["headline"]) for row in rows)
    shown, name = ("headline", "RRMSE") if with_error else ("compliance", "compliance (E t w$^2$)")
    names = {axis: _label(axis, values, units or {}) for axis, values in grid.items()}
    if len(grid) == 1:
        made = figure(7.0, 4.0)
        _lines(made.subplots(), grid, rows, names, with_error)
    elif len(grid) == 2:
        made = figure(*_map_size(grid))
        _map(made, grid, rows, names, shown, name)
    else:
        made = _dots(grid, rows, names, shown, name)
    failed = int(_failed(grid, rows).sum())
    lost = f" ({failed} of {len(rows)} runs failed)" if failed else ""
    made.suptitle(f"{title}{lost}", fontsize=11, color=INK)
    if path is not None:
        save_figure(made, path)
    return made


def _lines(
    axes: Axes,
    grid: Mapping[str, Sequence[Any]],
    rows: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    with_error: bool,
) -> None:
    """Every level of the error over the one axis; crosses where no design was made."""
    ((axis, values),) = grid.items()
    x = _set_ticks(axes, values)
    order = np.argsort(x, kind="stable")
    levels = _LEVELS if with_error else (("compliance", "every pixel", ACHIEVED, "-"),)
    pixels = _values(grid, rows, "pixels")
    there: list[FloatArray] = []
    for key, label, colour, style in levels:
        y = _values(grid, rows, key)
        same = key == "linear" and np.array_equal(y, pixels, equal_nan=True)
        if np.isfinite(y).any() and not same:
            axes.plot(x[order], y[order], style, marker="o", ms=4, color=colour, label=label)
        there.append(y)
    failed = x[_failed(grid, rows)]
    if len(failed):
        low = axes.get_xaxis_transform()
        axes.plot(failed, np.full(len(failed), 0.03), "x", color=TARGET, transform=low,
                  label="no design", clip_on=False)  # fmt: skip
    _set_scale(axes, np.concatenate(there))
    axes.set_xlabel(names[axis])
    axes.set_ylabel("RRMSE" if with_error else "compliance (E t w$^2$)")
    if axes.get_lines():
        axes.figure.legend(fontsize=8, loc="outside right upper")


def _map(
    made: Figure,
    grid: Mapping[str, Sequence[Any]],
    rows: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    shown: str,
    name: str,
) -> None:
    """A field for each run, with its number in it, the first axis upward."""
    axes = made.subplots()
    (first, upward), (second, across) = grid.items()
    field = _values(grid, rows, shown).reshape(len(upward), len(across))
    failed = _failed(grid, rows).reshape(field.shape)
    finite = field[np.isfinite(field)]
    image = axes.imshow(field, origin="lower", cmap="viridis_r", aspect="auto")
    middle = (finite.min() + finite.max()) / 2 if len(finite) else 0.0
    for (r, c), value in np.ndenumerate(field):
        text = f"{value:.3g}" if np.isfinite(value) else "no design" if failed[r, c] else ""
        colour = "white" if np.isfinite(value) and value > middle else INK
        axes.text(c, r, text, ha="center", va="center", fontsize=8, color=colour)
    axes.set_xticks(range(len(across)), [_text(value) for value in across])
    axes.set_yticks(range(len(upward)), [_text(value) for value in upward])
    axes.set_xlabel(names[second])
    axes.set_ylabel(names[first])
    if len(finite):
        made.colorbar(image, ax=axes, label=name)


def _dots(
    grid: Mapping[str, Sequence[Any]],
    rows: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    shown: str,
    name: str,
) -> Figure:
    """A panel for each axis with a dot for each run; the least errors are joined, or underlined."""
    across = min(len(grid), _ACROSS)
    down = -(-len(grid) // across)
    made = figure(3.4 * across, 3.4 * down)
    panels = made.subplots(down, across, squeeze=False, sharey=True)
    y = _values(grid, rows, shown)
    places = np.indices([len(values) for values in grid.values()]).reshape(len(grid), -1)
    for axes, place, (axis, values) in zip(panels.flat, places, grid.items(), strict=False):
        x = _set_ticks(axes, values)
        axes.plot(x[place], y, "o", ms=4, alpha=0.6, color=ACHIEVED)
        least = np.array([_least(y[place == k]) for k in range(len(values))])
        order = np.argsort(x, kind="stable")
        if _numbers(values) is None:
            axes.plot(x, least, "_", ms=16, color=INK)  # nothing lies between words
        else:
            axes.plot(x[order], least[order], "-", lw=1, color=INK)
        _set_scale(axes, y)
        axes.set_xlabel(names[axis])
    for axes in panels[:, 0]:
        axes.set_ylabel(name)
    for axes in panels.flat[len(grid) :]:
        axes.set_axis_off()
    return made


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


def _set_ticks(axes: Axes, values: Sequence[Any]) -> FloatArray:
    """Positions of values along an axis: numbers and lengths true to scale, text side by side."""
    numbers = _numbers(values)
    if numbers is None:
        axes.set_xticks(range(len(values)), [_text(value) for value in values])
        axes.set_xlim(-0.5, len(values) - 0.5)
        return np.arange(len(values), dtype=float)
    if len(numbers) <= _LONGEST:
        axes.set_xticks(sorted(numbers), [f"{number:g}" for number in sorted(numbers)])
    return np.array(numbers)


def _set_scale(axes: Axes, values: FloatArray) -> None:
    """A logarithmic scale for values over decades, otherwise one from 0."""
    positive = values[np.isfinite(values) & (values > 0)]
    if len(positive) and positive.max() > _DECADE * positive.min():
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0.0)


def _map_size(grid: Mapping[str, Sequence[Any]]) -> tuple[float, float]:
    """Width and height of a map in inches."""
    down, across = (len(values) for values in grid.values())
    return min(max(5.0, 2.2 + 0.8 * across), 14.0), min(max(3.6, 1.4 + 0.5 * down), 12.0)


def _text(value: Any) -> str:
    """A value as a tick; an option without a value has its default."""
    if value is None:
        return "default"
    return value if isinstance(value, str) else f"{value:g}"
