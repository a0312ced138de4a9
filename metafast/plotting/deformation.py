"""The assembled structure, and its deformed shape over the target (Figs. 16c and 17c)."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from metafast._base.typing import ByteArray, FloatArray
from metafast.plotting.case_names import name_cases
from metafast.plotting.figures import INK, TARGET, body_axes, figure
from metafast.plotting.targets import position, shown_component, target_curves, wanted_position
from metafast.problems import Problem
from metafast.structure import StructureResponse

_LARGEST_PICTURE = 2600  # pixels along the longer side of a rendered body


def size_of(problem: Problem) -> tuple[float, float]:
    """Width and height of a picture of a body in inches."""
    width = 12.0 if problem.cols > 2 * problem.rows else 9.0
    return width, width * problem.rows / problem.cols + 0.6


def error_text(problem: Problem, rrmse: float, work: float) -> str:
    """RRMSE where there are targets, compliance where it is the objective."""
    if problem.objective == "compliance":
        return f"compliance {work:.4g}"
    return f"RRMSE {rrmse:.4f}"


def plot_structure(pixels: ByteArray, problem: Problem) -> Figure:
    """The assembled structure as it prints, solid in black."""
    made = figure(*size_of(problem))
    ax = made.subplots()
    extent = (0, problem.cols, 0, problem.rows)
    ax.imshow(1 - pixels, cmap="gray", vmin=0, vmax=1, extent=extent, interpolation="antialiased")
    cells = int(np.count_nonzero(problem.present))
    size = pixels.size * cells // problem.present.size  # without holes
    count = f"{cells} cells, {size:,} pixels"
    body_axes(ax, f"{problem.name}: {count}, {pixels.sum() / size:.0%} solid")
    return made


def plot_deformed(response: StructureResponse, problem: Problem) -> Figure:
    """The deformed structure at true scale, its macro nodes and the target.

    Coloured by the component of the displacement that the targets ask most of, or the loads where
    there are no targets.
    """
    component = shown_component(problem)
    values, solid, extent = render_deformed(response, problem, component)
    made = figure(*size_of(problem))
    ax = made.subplots()
    asked = problem.target[..., component][problem.wanted[..., component]]
    if not len(asked):
        asked = values[solid > 0.0]
    image = ax.imshow(
        values,
        alpha=solid,
        cmap="turbo",
        vmin=min(0.0, asked.min()),
        vmax=max(0.0, asked.max()),
        extent=extent,
        interpolation="antialiased",
        interpolation_stage="rgba",
    )
    name = ("$u_x$", "$u_y$")[component]
    made.colorbar(image, ax=ax, shrink=0.6, pad=0.01, label=f"{name} in cell widths")
    for number, nodes in enumerate(target_curves(problem)):
        wanted = wanted_position(problem, nodes, response.displacement)
        reached = position(problem, nodes, response.displacement[tuple(nodes.T)])
        label = ("target", "every pixel") if number == 0 else (None, None)
        ax.plot(*wanted, color="white", linewidth=5.0)
        ax.plot(*wanted, color=INK, linewidth=2.5, label=label[0])
        ax.plot(*reached, ".", color=TARGET, markersize=6, label=label[1])
    if problem.wanted.any():
        ax.legend(loc="upper right", bbox_to_anchor=(1, 0), ncols=2, fontsize=8, frameon=False)
    finite = response.kinematics == "finite"
    kind = f"finite deformation, {response.law}" if finite else "linear elasticity"
    error = f"{error_text(problem, response.rrmse, response.work)} of every pixel"
    body_axes(ax, f"{problem.name}, deformed at true scale ({kind}): {error}")
    name_cases(ax, problem)
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
