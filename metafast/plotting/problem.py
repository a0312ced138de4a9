"""A problem before it is solved: its cells, its supports, its loads and its targets."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metafast.plotting.case_names import name_cases
from metafast.plotting.figures import ACHIEVED, INK, TARGET, body_axes, figure
from metafast.plotting.loads import draw_loads
from metafast.plotting.targets import target_curves, wanted_position
from metafast.problems import Problem
from metafast.problems.body import edges_of

_FEWEST_MARKS = 40  # nodes on the longer side from which marks become smaller


def plot_problem(problem: Problem) -> Figure:
    """Cells, supports, loads and target curves, displacements at true scale.

    Supports that hold are triangles, those that move arrows; forces and tractions are arrows, whose
    lengths compare within a kind, springs zigzags.
    """
    width = 10.0 if problem.cols > 2 * problem.rows else 7.5
    made = figure(width, width * problem.rows / problem.cols + 1.2)
    ax = made.subplots()
    draw_cells(ax, problem)
    size = 6.0 * min(1.0, _FEWEST_MARKS / max(problem.rows, problem.cols))
    _draw_supports(ax, problem, size)
    draw_loads(ax, problem, size)
    for number, nodes in enumerate(target_curves(problem)):
        wanted = wanted_position(problem, nodes, np.zeros_like(problem.target))
        style: dict[str, Any] = {
            "color": TARGET,
            "marker": ".",
            "markersize": size,
            "linewidth": 2.0,
        }
        ax.plot(*wanted, label=None if number else "target", **style)
    ax.autoscale_view()
    ax.margins(0.03)
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=6, fontsize=8, frameon=False)
    count = int(problem.wanted.sum())
    asked = f"{count} targets" if problem.objective == "displacement" else "least compliance"
    rows, cols = problem.rows, problem.period - 1
    body_axes(ax, f"{problem.name}: {rows} x {cols} cells, {asked}")
    name_cases(ax, problem)
    return made


def draw_cells(ax: Axes, problem: Problem) -> None:
    """Edges of the undeformed cells."""
    rows = problem.rows
    style: dict[str, Any] = {"color": "0.85", "linewidth": 0.4}
    right, down = (np.nonzero(edges) for edges in edges_of(problem.present))
    ax.hlines(rows - right[0], right[1], right[1] + 1, **style)
    ax.vlines(down[1], rows - down[0] - 1, rows - down[0], **style)


def _draw_supports(ax: Axes, problem: Problem, size: float) -> None:
    """A mark at each component that a support holds, and an arrow where it moves."""
    markers = ((">", "held in x"), ("^", "held in y"))
    for component, (marker, label) in enumerate(markers):
        values = problem.prescribed[..., component]
        r, c = np.nonzero(values == 0)
        if len(r):
            style: dict[str, Any] = {"color": INK, "markersize": size, "fillstyle": "none"}
            ax.plot(c, problem.rows - r, marker, label=label, **style)
    moved = np.nan_to_num(problem.prescribed)
    r, c = np.nonzero(moved.any(axis=-1))
    if len(r):
        ax.quiver(
            c, problem.rows - r, *moved[r, c].T,
            color=ACHIEVED, angles="xy", scale_units="xy", scale=1.0, width=0.003,
            label="moved by a support",
        )  # fmt: skip
