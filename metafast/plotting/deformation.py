"""The assembled structure, and its deformed shape over the target (Figs. 16c and 17c)."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from metafast._typing import ByteArray, FloatArray
from metafast.plotting.fields import target_curves
from metafast.plotting.figures import ACHIEVED, TARGET, body_axes, figure
from metafast.problems import Problem
from metafast.structure import StructureResponse

_LARGEST_PICTURE = 2600  # pixels along the longer side of a rendered body


def _size(problem: Problem) -> tuple[float, float]:
    width = 12.0 if problem.cols > 2 * problem.rows else 9.0
    return width, width * problem.rows / problem.cols + 0.8


def plot_structure(pixels: ByteArray, problem: Problem) -> Figure:
    """The assembled structure as it prints, solid in black."""
    made = figure(*_size(problem))
    ax = made.subplots()
    extent = (0, problem.cols, 0, problem.rows)
    ax.imshow(1 - pixels, cmap="gray", vmin=0, vmax=1, extent=extent, interpolation="antialiased")
    count = f"{problem.rows * problem.cols} cells, {pixels.size:,} pixels"
    body_axes(ax, f"{problem.name}: {count}, {pixels.mean():.0%} solid")
    return made


def plot_deformed(response: StructureResponse, problem: Problem) -> Figure:
    """The deformed structure at true scale, its macro nodes, and the target curves."""
    image, extent = render_deformed(response, problem)
    made = figure(*_size(problem))
    ax = made.subplots()
    ax.imshow(image, cmap="gray_r", vmin=0, vmax=1.6, extent=extent, interpolation="antialiased")
    for number, curve in enumerate(target_curves(problem)):
        r, c = np.array(curve).T
        wanted = np.where(problem.wanted[r, c, 1], problem.target[r, c, 1], 0.0)
        u = response.displacement[r, c]
        x, y = c + u[:, 0], problem.rows - r
        label = ("target", "every pixel") if number == 0 else (None, None)
        ax.plot(x, y + wanted, color=TARGET, linewidth=2.0, label=label[0])
        ax.plot(x, y + u[:, 1], ".", color=ACHIEVED, markersize=5, label=label[1])
    ax.legend(loc="lower right", fontsize=8, framealpha=0.9)
    body_axes(ax, f"{problem.name}, deformed: RRMSE of every pixel {response.rrmse:.4f}")
    return made


def render_deformed(
    response: StructureResponse, problem: Problem
) -> tuple[FloatArray, tuple[float, float, float, float]]:
    """Deformed solid as a grey picture.

    Every solid pixel is drawn as 3x3 points of its bilinear displacement.

    Returns
    -------
    image : (height, width) array
        1 = solid, 0 = void, row 0 at the top.
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
    hits = np.zeros(shape[0] * shape[1], dtype=np.int64)
    for a in (1 / 6, 1 / 2, 5 / 6):
        for b in (1 / 6, 1 / 2, 5 / 6):
            weights = ((1 - a) * (1 - b), (1 - a) * b, a * (1 - b), a * b)
            moved = np.tensordot(weights, corners, 1)
            x = (column + b) / per_cell + moved[:, 0]
            y = problem.rows - (row + a) / per_cell + moved[:, 1]
            i = np.clip(((top - y) / step).astype(np.int64), 0, shape[0] - 1)
            j = np.clip(((x - left) / step).astype(np.int64), 0, shape[1] - 1)
            hits += np.bincount(i * shape[1] + j, minlength=hits.size)
    full = 9.0 * (step * per_cell) ** 2
    image = np.minimum(hits.reshape(shape) / (0.6 * full), 1.0)
    return image, (left, left + shape[1] * step, top - shape[0] * step, top)
