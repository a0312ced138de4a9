"""Target deformation and optimised property fields (Figs. 16 and 17)."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from metafast._base.checks import require_number
from metafast.macro import PropertyField
from metafast.plotting.bodies import body_axes, mark_bar
from metafast.plotting.deformation import error_text
from metafast.plotting.figures import PathLike, drawing
from metafast.plotting.problem import draw_task, mark_size
from metafast.plotting.style import (  # fmt: skip
    ACHIEVED,
    BOLD,
    DIVERGING,
    DOT,
    HAIR,
    SEQUENTIAL,
    TARGET,
    Width,
    diverges,
    width_in_mm,
)
from metafast.plotting.targets import position, target_curves, wanted_position
from metafast.plotting.words import legend, property_label
from metafast.problems import Problem

_WIDE = 3.5  # columns over rows from which on the panels lie below each other
_NARROW = 120.0  # mm up to which there are two panels side by side, not three
_C12 = 1
_EDGE = 0.03  # around a body, relative to its longer side


def plot_fields(
    problem: Problem,
    field: PropertyField,
    *,
    young: float | None = None,
    cell_size: float | None = None,
    title: str | None = None,
    path: PathLike | None = None,
    width: Width | None = None,
) -> Figure:
    """The problem with its macro optimum on the undeformed mesh, and the four property fields.

    Stiffnesses are drawn on logarithmic scales, C12, which has both signs, on a linear one.

    Parameters
    ----------
    problem : Problem
    field : PropertyField
        Its properties are relative to Young's modulus.
    young : float, optional
        Young's modulus of the solid in MPa, for stiffnesses in MPa.
    cell_size : float, optional
        Side of a cell in mm, for axes in mm.
    title : str, optional
        Words above the first panel, none if empty.
    path, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If a value is out of its range, or the file cannot be written.
    """
    scale = 1.0 if young is None else require_number("young", young, above=0.0)
    rows, cols = problem.rows, problem.cols
    columns = 3 if width_in_mm(width) > _NARROW else 2
    shape = (5, 1) if cols > _WIDE * rows else (-(-5 // columns), columns)
    with drawing(path, width) as made:
        panels = made.subplots(*shape, squeeze=False, sharex=True, sharey=shape[1] > 1)
        first, *others = panels.ravel()
        _draw_optimum(first, problem, field, shape[1])
        for k, ax in enumerate(others[:4]):
            values = np.where(problem.present, scale * field.properties[..., k], np.nan)
            extent = (0, cols, 0, rows)
            image = ax.imshow(values, extent=extent, interpolation="nearest", **_colours(values, k))
            body_axes(ax, problem, "", cell_size, shape[1])
            bar = made.colorbar(image, ax=ax, pad=0.01, aspect=14, label=property_label(k, young))
            bar.outline.set_linewidth(HAIR)
            mark_bar(bar, 3 if shape[1] == 1 else 5)
        for ax in others[4:]:
            ax.remove()
        legend(first, inside=False)
        words = "macro optimum" if not problem.wanted.any() else "target and macro optimum"
        words += f", {error_text(problem, field.rrmse, field.compliance)}"
        body_axes(first, problem, words if title is None else title, cell_size, shape[1])
        _make_room(first, rows, alone=shape[1] == 1)
        _share_labels(list(panels.ravel()[:5]), shape)
    return made


def _colours(values: Any, number: int) -> dict[str, Any]:
    """Colour map and scale of a property."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if high - low < 1e-6 * abs(high):  # a field that is even still needs a scale
        low, high = low - 0.05 * abs(low), high + 0.05 * abs(high)
    if number != _C12:
        return {"cmap": SEQUENTIAL, "norm": LogNorm(low, high)}
    if diverges(low, high):
        most = max(-low, high)
        return {"cmap": DIVERGING, "norm": Normalize(-most, most)}
    return {"cmap": SEQUENTIAL, "norm": Normalize(low, high)}


def _make_room(first: Axes, rows: int, *, alone: bool) -> None:
    """Limits of the first panel, shared by those it shares them with, around all that it shows."""
    (left, bottom), (right, top) = first.dataLim.get_points()
    edge = _EDGE * max(right - left, top - bottom)
    first.set(xlim=(left - edge, right + edge), ylim=(bottom - edge, top + edge))
    grid = first.get_gridspec()
    if alone and grid is not None:  # targets make it higher than the others
        grid.set_height_ratios([top - bottom + 2 * edge, *4 * [rows]])


def _draw_optimum(ax: Axes, problem: Problem, field: PropertyField, columns: int) -> None:
    """The problem, its target curves, and the macro nodes where the optimum has them."""
    draw_task(ax, problem)
    size = min(DOT, mark_size(ax, problem) / columns)
    for number, nodes in enumerate(target_curves(problem)):
        wanted = wanted_position(problem, nodes, field.displacement)
        marker, label = "o" if len(nodes) == 1 else "", None if number else "target"
        ax.plot(*wanted, color=TARGET, linewidth=BOLD, marker=marker, label=label)
        _draw_nodes(ax, problem, field, nodes, size, None if number else "macro optimum")
    if not problem.wanted.any():
        _draw_nodes(ax, problem, field, np.argwhere(problem.nodes), size, "macro optimum")


def _draw_nodes(
    ax: Axes, problem: Problem, field: PropertyField, nodes: Any, size: float, label: str | None
) -> None:
    """Dots at macro nodes, displaced."""
    reached = position(problem, nodes, field.displacement[tuple(nodes.T)])
    ax.plot(*reached, "o", color=ACHIEVED, markersize=size, label=label)


def _share_labels(panels: list[Axes], shape: tuple[int, int]) -> None:
    """Words and numbers of the shared coordinates at the outer panels alone."""
    for number, ax in enumerate(panels):
        if number + shape[1] < len(panels):
            ax.xaxis.label.set_visible(False)
        ax.tick_params(axis="x", which="both", labelbottom=number + shape[1] >= len(panels))
        if shape[1] > 1 and number % shape[1]:
            ax.yaxis.label.set_visible(False)
            ax.tick_params(axis="y", labelleft=False)
