"""A problem before it is solved: its cells, its supports, its loads and its targets."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metafast._base.typing import FloatArray
from metafast.plotting.bodies import body_axes
from metafast.plotting.figures import PathLike, axes_of, drawing, figure_of
from metafast.plotting.loads import ARROW, ARROW_LOOK, draw_loads
from metafast.plotting.style import ACHIEVED, HAIR, INK, LINE, MARK, MESH, TARGET, Width
from metafast.plotting.targets import target_curves, wanted_position
from metafast.plotting.words import legend
from metafast.problems import Problem
from metafast.problems.body import edges_of

_ROOM = 2.6  # points of a figure's width for each node of the longer side, below which marks shrink


def plot_problem(
    problem: Problem,
    *,
    cell_size: float | None = None,
    title: str | None = None,
    path: PathLike | None = None,
    ax: Axes | None = None,
    width: Width | None = None,
) -> Figure:
    """Cells, supports, loads and target curves, displacements at true scale.

    Supports that hold are triangles, those that move arrows; forces and tractions are arrows, whose
    lengths compare within a kind, springs zigzags.

    Parameters
    ----------
    problem : Problem
    cell_size : float, optional
        Side of a cell in mm, for axes in mm.
    title : str, optional
        Words above it, none if empty; name, size and number of targets by default.
    path, ax, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If a value is out of its range, or the file cannot be written.
    """
    with drawing(path, width, ax) as made:
        axes = axes_of(made, ax)
        draw_task(axes, problem)
        for number, nodes in enumerate(target_curves(problem)):
            wanted = wanted_position(problem, nodes, np.zeros_like(problem.target))
            style: dict[str, Any] = {"color": TARGET, "marker": ".", "linewidth": LINE}
            size = mark_size(axes, problem)
            axes.plot(*wanted, label=None if number else "target", markersize=size, **style)
        axes.autoscale_view()
        axes.margins(0.03)
        legend(axes)
        count = int(problem.wanted.sum())
        asked = f"{count} targets" if problem.objective == "displacement" else "least compliance"
        words = f"{problem.name}: {problem.rows} x {problem.period - 1} cells, {asked}"
        body_axes(axes, problem, words if title is None else title, cell_size)
    return made


def draw_task(ax: Axes, problem: Problem) -> None:
    """Undeformed cells, supports and loads."""
    size = mark_size(ax, problem)
    draw_cells(ax, problem)
    draw_supports(ax, problem, size)
    draw_loads(ax, problem, size)


def mark_size(ax: Axes, problem: Problem) -> float:
    """Diameter of a mark at a node in points."""
    room = 72.0 * figure_of(ax).get_size_inches()[0] / max(problem.rows, problem.cols)
    return float(min(MARK, room / _ROOM))


def draw_cells(ax: Axes, problem: Problem) -> None:
    """Edges of the undeformed cells."""
    rows = problem.rows
    style: dict[str, Any] = {"color": MESH, "linewidth": HAIR}
    right, down = (np.nonzero(edges) for edges in edges_of(problem.present))
    ax.hlines(rows - right[0], right[1], right[1] + 1, **style)
    ax.vlines(down[1], rows - down[0] - 1, rows - down[0], **style)


def draw_supports(
    ax: Axes, problem: Problem, size: float, displacement: FloatArray | None = None
) -> None:
    """A mark at each component that a support holds, and an arrow where it moves.

    Parameters
    ----------
    ax : Axes
    problem : Problem
    size : float
        Diameter of a mark in points.
    displacement : (rows+1, cols+1, 2) array, optional
        Of the macro nodes, which marks then follow.
    """
    markers = ((">", "held in x"), ("^", "held in y"))
    for component, (marker, label) in enumerate(markers):
        values = problem.prescribed[..., component]
        r, c = np.nonzero(values == 0)
        if len(r):
            style: dict[str, Any] = {"color": INK, "markersize": size, "fillstyle": "none"}
            moved = 0.0 if displacement is None else displacement[r, c].T
            x, y = np.stack([c, problem.rows - r]) + moved
            ax.plot(x, y, marker, label=label, **style)
    way = np.nan_to_num(problem.prescribed)
    r, c = np.nonzero(way.any(axis=-1))
    if len(r):
        ax.quiver(
            c, problem.rows - r, *way[r, c].T,
            color=ACHIEVED, angles="xy", scale_units="xy", scale=1.0, width=0.003,
        )  # fmt: skip
        ax.plot([], [], marker=ARROW, label="moved by a support", color=ACHIEVED, **ARROW_LOOK)
