"""Outline of a structure by linear elasticity against the one at finite deformation."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from metafast._base.typing import FloatArray
from metafast.plotting.bodies import body_axes
from metafast.plotting.deformation import render_deformed
from metafast.plotting.figures import PathLike, axes_of, drawing
from metafast.plotting.style import ACHIEVED, BOLD, DOT, INK, LINE, PALE, TARGET, Width
from metafast.plotting.targets import target_curves, wanted_position
from metafast.plotting.words import legend
from metafast.problems import Problem
from metafast.problems.body import edges_of
from metafast.structure import StructureResponse


def plot_linear_and_finite(
    response: StructureResponse,
    problem: Problem,
    *,
    cell_size: float | None = None,
    title: str | None = None,
    path: PathLike | None = None,
    ax: Axes | None = None,
    width: Width | None = None,
) -> Figure:
    """The body at finite deformation in grey, both outlines through the macro nodes, the target.

    Parameters
    ----------
    response : StructureResponse
        Solved at finite deformation.
    problem : Problem
    cell_size : float, optional
        Side of a cell in mm, for axes in mm.
    title : str, optional
        Words above it, none if empty.
    path, ax, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If a value is out of its range, or the file cannot be written.
    """
    with drawing(path, width, ax) as made:
        _, solid, extent = render_deformed(response, problem)
        axes = axes_of(made, ax)
        grey = ListedColormap([PALE])
        axes.imshow(np.ones(solid.shape), alpha=solid, cmap=grey, extent=extent,
                    interpolation="antialiased", interpolation_stage="rgba")  # fmt: skip
        for number, nodes in enumerate(target_curves(problem)):
            wanted = wanted_position(problem, nodes, response.displacement)
            axes.plot(*wanted, color=INK, linewidth=BOLD, label=None if number else "target")
        is_, was, what = "finite deformation", "linear elasticity", ""
        if problem.wanted.any():
            is_ += f": {response.rrmse:.4f}"
            was += f", as in the paper: {response.linear_rrmse:.4f}"
            what = " (RRMSE)"
        _outline(axes, problem, response.linear_displacement, "--", TARGET, was)
        _outline(axes, problem, response.displacement, "-", ACHIEVED, is_)
        axes.autoscale_view()
        legend(axes)
        words = f"{problem.name}: linear against finite deformation{what}"
        body_axes(axes, problem, words if title is None else title, cell_size)
    return made


def _outline(
    ax: Axes, problem: Problem, u: FloatArray, style: str, colour: str, label: str
) -> None:
    """Lines through the displaced macro nodes of the body's edges, those of holes included."""
    right, down = edges_of(problem.present)
    ends = [
        np.argwhere(edges == 1)[:, None] + np.array([[0, 0], step])  # (edges, end, row or column)
        for edges, step in ((right, [0, 1]), (down, [1, 0]))
    ]
    r, c = np.concatenate(ends).transpose(2, 0, 1)
    x, y = c + u[r, c, 0], problem.rows - r + u[r, c, 1]
    x, y = (np.pad(part, ((0, 0), (0, 1)), constant_values=np.nan).ravel() for part in (x, y))
    look: dict[str, Any] = {"color": colour, "linewidth": LINE, "marker": "o", "markersize": DOT}
    ax.plot(x, y, style, label=label, **look)
