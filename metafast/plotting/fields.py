"""Target deformation and optimised property fields (Figs. 16 and 17)."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from metafast.macro import PropertyField
from metafast.plotting.deformation import error_text
from metafast.plotting.figures import ACHIEVED, TARGET, body_axes, figure
from metafast.plotting.problem import draw_cells
from metafast.plotting.targets import position, target_curves, wanted_position
from metafast.problems import Problem

_TITLES = ("$C_{11}$", "$C_{12}$", "$C_{22}$", "$C_{33}$")


def plot_fields(problem: Problem, field: PropertyField) -> Figure:
    """The target curves on the undeformed mesh, and the four property fields.

    Stiffnesses are drawn on logarithmic scales, C12, which has both signs, on a linear one.
    """
    rows, cols = problem.rows, problem.cols
    wide = cols > 2 * rows
    shape = (5, 1) if wide else (2, 3)
    width = 9.0 if wide else 11.0
    made = figure(width, 5 * (width - 1.2) * rows / cols + 3.2 if wide else 7.0)
    axes = made.subplots(*shape, squeeze=False).ravel()
    _draw_target(axes[0], problem, field)
    for k, title in enumerate(_TITLES):
        ax = axes[k + 1]
        values = np.where(problem.present, field.properties[..., k], np.nan)
        norm = None if k == 1 else LogNorm(np.nanmin(values), np.nanmax(values))
        image = ax.imshow(values, norm=norm, cmap="viridis", extent=(0, cols, 0, rows))
        body_axes(ax, title)
        made.colorbar(image, ax=ax, shrink=0.9, pad=0.01)
    for ax in axes[5:]:
        ax.set_visible(False)
    return made


def _draw_target(ax: Axes, problem: Problem, field: PropertyField) -> None:
    draw_cells(ax, problem)
    for nodes in target_curves(problem):
        wanted = wanted_position(problem, nodes, field.displacement)
        marker = "o" if len(nodes) == 1 else ""
        ax.plot(*wanted, color=TARGET, linewidth=3, marker=marker)
        reached = field.displacement[tuple(nodes.T)]
        ax.plot(*position(problem, nodes, reached), ".", color=ACHIEVED, markersize=3)
    title = "target, dots: macro optimum"
    if not problem.wanted.any():
        title, nodes = "macro optimum", np.argwhere(problem.nodes)
        moved = field.displacement[tuple(nodes.T)]
        ax.plot(*position(problem, nodes, moved), ".", color=ACHIEVED, markersize=3)
    body_axes(ax, f"{title} ({error_text(problem, field.rrmse, field.compliance)})")
