"""Loads of a problem in its picture: arrows for forces and tractions, zigzags for springs."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.path import Path

from metafast._base.typing import FloatArray
from metafast.plotting.style import HAIR, INK, LOAD, MARK
from metafast.problems import Problem

_LONGEST = 0.12  # of an arrow, relative to the longer side of the body
# a spring from the node outward, in units of half a marker
_ZIGZAG = np.array(
    [[0, 0], [0.5, 0], [0.75, 0.5], [1.25, -0.5], [1.75, 0.5], [2.25, -0.5], [2.5, 0], [3, 0]]
)
# directions, in quarters from the right, by component, and the cells around a node that lie there
_TURNS = ((2, 0), (3, 1))
_BESIDE = (np.s_[:, 1], np.s_[0], np.s_[:, 0], np.s_[1])
_GROUND = np.array([[3.0, -0.6], [3.0, 0.6]])
# middle of a cell's sides, x and y from its upper left corner, in the order of SIDES
_MIDDLES = np.array([[0.0, -0.5], [1.0, -0.5], [0.5, 0.0], [0.5, -1.0]])

# an arrow in a legend
ARROW = r"$\rightarrow$"
ARROW_LOOK: dict[str, Any] = {
    "markersize": 2.25 * MARK,
    "linestyle": "none",
    "markeredgewidth": 0.0,
}


def draw_loads(ax: Axes, problem: Problem, size: float) -> None:
    """Forces, tractions and springs; the longest arrow of each kind has the same length."""
    if problem.forces is not None:
        r, c = np.nonzero(problem.forces.any(axis=2))
        start = np.stack([c, problem.rows - r], axis=1).astype(float)
        _draw_arrows(ax, problem, start, problem.forces[r, c], "force", 0.005)
    if problem.tractions is not None:
        r, c, k = np.nonzero(problem.tractions.any(axis=3))
        start = np.stack([c, problem.rows - r], axis=1) + _MIDDLES[k]
        _draw_arrows(ax, problem, start, problem.tractions[r, c, k], "traction", 0.0025)
    if problem.springs is not None:
        _draw_springs(ax, problem, size)


def _draw_arrows(
    ax: Axes, problem: Problem, start: FloatArray, values: FloatArray, label: str, width: float
) -> None:
    """Arrows from their points of attack (n, 2)."""
    longest = float(np.linalg.norm(values, axis=1).max())
    arrows = _LONGEST * max(problem.rows, problem.cols) / longest * values
    ax.quiver(
        *start.T, *arrows.T,
        color=LOAD, angles="xy", scale_units="xy", scale=1.0, width=width, zorder=3,
    )  # fmt: skip
    ax.plot([], [], marker=ARROW, label=label, color=LOAD, **ARROW_LOOK)
    ax.update_datalim(start + arrows)  # a quiver counts with its starts alone


def _draw_springs(ax: Axes, problem: Problem, size: float) -> None:
    """A zigzag at each spring, to a side of its node on which no cell is, if there is one."""
    assert problem.springs is not None
    there = np.pad(problem.present, 1)
    style: dict[str, Any] = {"color": INK, "zorder": 4, "fillstyle": "none", "linestyle": "none"}
    style["markeredgewidth"] = HAIR
    ax.plot([], [], marker=_spring(0, middle=True), label="spring", markersize=2.0 * MARK, **style)
    for r, c, component in np.argwhere(problem.springs > 0.0):
        around = there[r : r + 2, c : c + 2]
        free = [turn for turn in _TURNS[component] if not around[_BESIDE[turn]].any()]
        turn = (*free, _TURNS[component][0])[0]
        ax.plot(c, problem.rows - r, marker=_spring(turn), markersize=5.0 * size, **style)


def _spring(turn: int, *, middle: bool = False) -> Path:
    """Outline of a spring, turned by quarters counterclockwise from the right.

    It begins at the node, or has its middle there.
    """
    angle = 0.5 * np.pi * turn
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    lines = (np.concatenate([_ZIGZAG, _GROUND]) - [1.5 * middle, 0.0]) @ rotation.T
    codes = [Path.MOVETO] + (len(_ZIGZAG) - 1) * [Path.LINETO] + [Path.MOVETO, Path.LINETO]
    return Path(lines, codes)
