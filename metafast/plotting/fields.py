"""Target deformation and optimised property fields (Figs. 16 and 17)."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from metafast.macro import PropertyField
from metafast.plotting.figures import ACHIEVED, INK, TARGET, body_axes, figure
from metafast.problems import Problem
from metafast.problems.body import edges_of

_TITLES = ("$C_{11}$", "$C_{12}$", "$C_{22}$", "$C_{33}$")


def target_curves(problem: Problem) -> list[list[tuple[int, int]]]:
    """Runs of neighbouring macro nodes (row, column) with a target u_y, end supports included."""
    known = problem.wanted[..., 1] | problem.fixed[..., 1]
    right, _ = edges_of(problem.present)  # a curve ends where no cell joins neighbouring nodes
    curves = []
    for r in range(problem.rows + 1):
        run: list[tuple[int, int]] = []
        for c in range(problem.cols + 2):
            if c <= problem.cols and known[r, c] and (not run or right[r, c - 1]):
                run.append((r, c))
            else:
                if any(problem.wanted[node][1] for node in run):
                    curves.append(run)
                run = [(r, c)] if c <= problem.cols and known[r, c] else []
    return curves


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


def _draw_target(ax, problem: Problem, field: PropertyField) -> None:  # type: ignore[no-untyped-def]
    rows = problem.rows
    lines = {"color": "0.85", "linewidth": 0.4}
    right, down = (np.nonzero(edges) for edges in edges_of(problem.present))
    ax.hlines(rows - right[0], right[1], right[1] + 1, **lines)
    ax.vlines(down[1], rows - down[0] - 1, rows - down[0], **lines)
    for curve in target_curves(problem):
        r, c = np.array(curve).T
        lift = np.where(problem.wanted[r, c, 1], problem.target[r, c, 1], 0.0)
        x = c + field.displacement[r, c, 0]
        ax.plot(x, rows - r + lift, color=TARGET, linewidth=3)
        ax.plot(x, rows - r + field.displacement[r, c, 1], ".", color=ACHIEVED, markersize=3)
    title = "target, dots: macro optimum"
    body_axes(ax, f"{title} (RRMSE {field.rrmse:.4f})")
    ax.title.set_color(INK)
