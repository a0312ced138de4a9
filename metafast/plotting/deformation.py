"""The assembled structure, and its deformed shape over the target (Figs. 16c and 17c)."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metafast._base.checks import require_count
from metafast._base.typing import ByteArray, FloatArray
from metafast.plotting.bodies import body_axes, colour_bar, length_scale
from metafast.plotting.figures import PathLike, axes_of, drawing
from metafast.plotting.problem import draw_supports, mark_size
from metafast.plotting.style import (
    BOLD,
    DIVERGING,
    HAIR,
    INK,
    LINE,
    MARK,
    SEQUENTIAL,
    SOLID,
    TARGET,
    Width,
    diverges,
)
from metafast.plotting.targets import position, shown_component, target_curves, wanted_position
from metafast.plotting.words import legend
from metafast.problems import Problem
from metafast.structure import StructureResponse

_LARGEST_PICTURE = 2600  # pixels along the longer side of a rendered body
COMPONENTS = ("$u_x$", "$u_y$")


def error_text(problem: Problem, rrmse: float, work: float) -> str:
    """RRMSE where there are targets, compliance where it is the objective."""
    if problem.objective == "compliance":
        return f"compliance {work:.4g} $E\\,t\\,w^2$"
    return f"RRMSE {rrmse:.4f}"


def plot_structure(
    pixels: ByteArray,
    problem: Problem,
    *,
    cell_size: float | None = None,
    title: str | None = None,
    path: PathLike | None = None,
    ax: Axes | None = None,
    width: Width | None = None,
) -> Figure:
    """The assembled structure as it prints, solid in black.

    Parameters
    ----------
    pixels : (rows*h, cols*w) array
        1 = solid, row 0 at the top.
    problem : Problem
    cell_size : float, optional
        Side of a cell in mm, for axes in mm.
    title : str, optional
        Words above it, none if empty; name and size by default.
    path, ax, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If a value is out of its range, or the file cannot be written.
    """
    with drawing(path, width, ax) as made:
        axes = axes_of(made, ax)
        extent = (0, problem.cols, 0, problem.rows)
        style: dict[str, Any] = {
            "cmap": SOLID,
            "vmin": 0,
            "vmax": 1,
            "interpolation": "antialiased",
        }
        axes.imshow(pixels, extent=extent, interpolation_stage="rgba", **style)
        cells = int(np.count_nonzero(problem.present))
        size = pixels.size * cells // problem.present.size  # without holes
        count = f"{cells} cells, {size:,} pixels"
        words = f"{problem.name}: {count}, {pixels.sum() / size:.0%} solid"
        body_axes(axes, problem, words if title is None else title, cell_size)
    return made


def plot_deformed(
    response: StructureResponse,
    problem: Problem,
    *,
    component: int | None = None,
    cell_size: float | None = None,
    title: str | None = None,
    path: PathLike | None = None,
    ax: Axes | None = None,
    width: Width | None = None,
) -> Figure:
    """The deformed structure at true scale, its macro nodes, the target and the supports.

    Parameters
    ----------
    response : StructureResponse
    problem : Problem
    component : {0, 1}, optional
        Displacement that colours the body, u_x or u_y; by default the one that the targets ask most
        of, or the loads where there are no targets.
    cell_size : float, optional
        Side of a cell in mm, for lengths and displacements in mm.
    title : str, optional
        Words above it, none if empty; name, kinematics and error by default.
    path, ax, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If a value is out of its range, or the file cannot be written.
    """
    if component is None:
        component = shown_component(problem)
    component = require_count("component", component, 0, 1)
    scale, unit = length_scale(cell_size)
    with drawing(path, width, ax) as made:
        values, solid, extent = render_deformed(response, problem, component)
        axes = axes_of(made, ax)
        asked = problem.target[..., component][problem.wanted[..., component]]
        if not asked.any():
            asked = values[solid > 0.0]
        low, high = scale * min(0.0, asked.min()), scale * max(0.0, asked.max())
        both = diverges(low, high)
        if both:
            low, high = -max(-low, high), max(-low, high)
        image = axes.imshow(
            scale * values,
            alpha=solid,
            cmap=DIVERGING if both else SEQUENTIAL,
            vmin=low,
            vmax=high,
            extent=extent,
            interpolation="antialiased",
            interpolation_stage="rgba",
        )
        label = f"{COMPONENTS[component]} ({unit})"
        colour_bar(axes, image, label, problem.present.shape, scale * values[solid > 0.5])
        for number, nodes in enumerate(target_curves(problem)):
            wanted = wanted_position(problem, nodes, response.displacement)
            reached = position(problem, nodes, response.displacement[tuple(nodes.T)])
            names = (None, None) if number else ("target", "macro nodes, from every pixel")
            axes.plot(*wanted, color="white", linewidth=1.4 * BOLD)
            axes.plot(*wanted, color=INK, linewidth=LINE, label=names[0])
            look: dict[str, Any] = {"color": TARGET, "markersize": MARK, "markeredgecolor": "white"}
            axes.plot(*reached, "o", markeredgewidth=HAIR, label=names[1], **look)
        draw_supports(axes, problem, mark_size(axes, problem), response.displacement)
        legend(axes)
        finite = response.kinematics == "finite"
        kind = f"finite deformation, {response.law}" if finite else "linear elasticity"
        error = f"{error_text(problem, response.rrmse, response.work)} of every pixel"
        words = f"{problem.name}, deformed at true scale ({kind}): {error}"
        body_axes(axes, problem, words if title is None else title, cell_size)
    return made


def render_deformed(
    response: StructureResponse, problem: Problem, component: int = 1
) -> tuple[FloatArray, FloatArray, tuple[float, float, float, float]]:
    """Deformed solid as pictures of a displacement and of the solid's density, row 0 at the top.

    Every solid pixel is drawn as 3x3 points of its bilinear displacement.

    Parameters
    ----------
    response : StructureResponse
    problem : Problem
    component : int
        0 for u_x, 1 for u_y.

    Returns
    -------
    mean : (height, width) array
        Mean displacement, 0 where there is no solid.
    solid : (height, width) array
        1 = solid, 0 = void.
    extent : left, right, bottom, top in cell widths
    """
    u = response.nodal_displacement
    row, column = np.nonzero(response.solid)
    per_cell = response.solid.shape[1] / problem.cols
    step = max(1.0, max(response.solid.shape) / _LARGEST_PICTURE) / per_cell
    known = u[np.isfinite(u[..., 0])]
    low, high = np.minimum(known.min(0), 0.0) - 0.2, np.maximum(known.max(0), 0.0) + 0.2
    left, bottom = low
    right, top = problem.cols + high[0], problem.rows + high[1]
    shape = int(np.ceil((top - bottom) / step)), int(np.ceil((right - left) / step))
    corners = np.stack([u[row + i, column + j] for i in (0, 1) for j in (0, 1)])
    hits, total = np.zeros((2, shape[0] * shape[1]))
    for a in (1 / 6, 1 / 2, 5 / 6):
        for b in (1 / 6, 1 / 2, 5 / 6):
            weights = ((1 - a) * (1 - b), (1 - a) * b, a * (1 - b), a * b)
            moved = np.tensordot(weights, corners, 1)
            x = (column + b) / per_cell + moved[:, 0]
            y = problem.rows - (row + a) / per_cell + moved[:, 1]
            i = np.clip(((top - y) / step).astype(np.int64), 0, shape[0] - 1)
            j = np.clip(((x - left) / step).astype(np.int64), 0, shape[1] - 1)
            place = i * shape[1] + j
            hits += np.bincount(place, minlength=hits.size)
            total += np.bincount(place, moved[:, component], minlength=hits.size)
    full = 9.0 * (step * per_cell) ** 2
    solid = np.minimum(hits.reshape(shape) / (0.6 * full), 1.0)
    mean = (total / np.maximum(hits, 1)).reshape(shape)
    return mean, solid, (left, left + shape[1] * step, top - shape[0] * step, top)
