"""Outline of a structure by linear elasticity against the one at finite deformation."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metafast._base.typing import FloatArray
from metafast.plotting.deformation import render_deformed, size_of
from metafast.plotting.figures import ACHIEVED, INK, TARGET, body_axes, figure
from metafast.plotting.targets import target_curves, wanted_position
from metafast.problems import Problem
from metafast.problems.body import edges_of
from metafast.structure import StructureResponse


def plot_linear_and_finite(response: StructureResponse, problem: Problem) -> Figure:
    """The body at finite deformation in grey, both outlines through the macro nodes, the target."""
    _, solid, extent = render_deformed(response, problem)
    width, height = size_of(problem)
    made = figure(width, height)
    ax = made.subplots()
    grey = np.full(solid.shape, 0.75)
    ax.imshow(
        grey, alpha=solid, cmap="gray", vmin=0, vmax=1, extent=extent, interpolation="antialiased"
    )
    for number, nodes in enumerate(target_curves(problem)):
        wanted = wanted_position(problem, nodes, response.displacement)
        ax.plot(*wanted, color=INK, linewidth=4.0, label=None if number else "target")
    is_, was, what = "finite deformation", "linear", ""
    if problem.wanted.any():
        is_ += f": {response.rrmse:.4f}"
        was += f", as in the paper: {response.linear_rrmse:.4f}"
        what = " (RRMSE)"
    _outline(ax, problem, response.linear_displacement, "--", TARGET, was)
    _outline(ax, problem, response.displacement, "-", ACHIEVED, is_)
    ax.autoscale_view()
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, fontsize=8, frameon=False)
    body_axes(ax, f"{problem.name}: linear against finite deformation{what}")
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
    ax.plot(x, y, style, color=colour, linewidth=1.8, marker=".", markersize=4, label=label)
