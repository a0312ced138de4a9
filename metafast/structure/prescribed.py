"""Prescribed displacements of the pixel nodes, from those of the macro nodes.

Between two neighbouring macro nodes that prescribe the same component and share a cell, every pixel
node on the segment has the linear interpolation. A component prescribed at a single macro node,
such as the u_y = 0 of the bridge's bottom corners, acts on the nearest solid node of a part within
one cell: preferably along a boundary line with a segment there, then along any boundary line, then
anywhere. The edges of holes are boundary lines too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray
from metafast.problems.body import edges_of
from metafast.problems.problem import Problem


@dataclass(frozen=True, eq=False)
class Point:
    """One component prescribed at a single macro node, or held by a spring there.

    Attributes
    ----------
    macro : (int, int)
        Macro node (r, c).
    component : int
    value : float
    nearest : dict of int to (int, int)
        For each part within one cell, half a cell for springs, its pixel node that would take the
        support.
    is_spring : bool
        Whether a spring holds it; then the value is not prescribed.
    """

    macro: tuple[int, int]
    component: int
    value: float
    nearest: dict[int, tuple[int, int]]
    is_spring: bool = False


def segments(problem: Problem, side: int) -> tuple[FloatArray, BoolArray]:
    """Interpolated values on the node grid, and macro components that lie on no segment.

    Returns
    -------
    values : (ny+1, nx+1, 2) float array
        NaN where no segment prescribes the component.
    single : (rows+1, cols+1, 2) bool array
        Components prescribed at a single macro node.
    """
    macro, fixed = problem.prescribed, problem.fixed
    values = np.full((problem.rows * side + 1, problem.cols * side + 1, 2), np.nan)
    single = fixed.copy()
    share = np.arange(side + 1) / side
    right, down = edges_of(problem.present)
    for step, cells in (((1, 0), down), ((0, 1), right)):
        ahead = (slice(step[0], None), slice(step[1], None))
        behind = (slice(None, -1 if step[0] else None), slice(None, -1 if step[1] else None))
        both = fixed[ahead] & fixed[behind] & (cells > 0)[..., None]
        single[ahead] &= ~both
        single[behind] &= ~both
        for r, c, d in np.argwhere(both):
            start, stop = macro[r, c, d], macro[r + step[0], c + step[1], d]
            rows = r * side + np.arange(side + 1) * step[0]
            cols = c * side + np.arange(side + 1) * step[1]
            values[rows, cols, d] = start * (1 - share) + stop * share
    return values, single


def point(problem: Problem, parts: AnyArray, side: int, r: int, c: int, d: int) -> Point:
    """Candidate nodes for component d prescribed at macro node (r, c) alone."""
    row, col = r * side, c * side
    top, left = max(0, row - side), max(0, col - side)
    window = parts[top : row + side, left : col + side]
    around = np.zeros((4, window.shape[0] + 1, window.shape[1] + 1), parts.dtype)
    around[0, :-1, :-1] = around[1, :-1, 1:] = around[2, 1:, :-1] = around[3, 1:, 1:] = window
    i, j = np.indices(around.shape[1:])
    i, j = i + top, j + left
    preference = np.full(i.shape, 2)
    for line, has_segment in _boundary_lines(problem, r, c, i - row, j - col):
        preference[line] = np.minimum(preference[line], 0 if has_segment else 1)
    distance = (i - row) ** 2 + (j - col) ** 2
    nearest = {}
    ranking = np.lexsort(((i == row).ravel(), distance.ravel(), preference.ravel()))
    ordered = around.reshape(4, -1)[:, ranking]
    for part in np.unique(window[window > 0]):
        k = ranking[np.flatnonzero((ordered == part).any(0))[0]]
        nearest[int(part)] = (int(i.ravel()[k]), int(j.ravel()[k]))
    return Point((int(r), int(c)), int(d), float(problem.prescribed[r, c, d]), nearest)


def spring_ends(problem: Problem, parts: AnyArray, side: int) -> list[Point]:
    """Nodes by which the springs of a problem may hold the parts within half a cell."""
    if problem.springs is None:
        return []
    ends, half = [], side // 2
    for r, c, d in np.argwhere(problem.springs > 0.0):
        row, col = r * side, c * side
        top, left = max(0, row - half), max(0, col - half)
        window = parts[top : row + half, left : col + half]
        i, j = np.indices(window.shape)
        # the corner of each pixel that is nearest to the macro node
        i, j = i + top + (i + top < row), j + left + (j + left < col)
        distance = (i - row) ** 2 + (j - col) ** 2
        nearest = {}
        for part in np.unique(window[window > 0]):
            k = np.argmin(np.where(window == part, distance, np.iinfo(np.int64).max))
            nearest[int(part)] = (int(i.flat[k]), int(j.flat[k]))
        ends.append(Point((int(r), int(c)), int(d), np.nan, nearest, is_spring=True))
    return ends


def _boundary_lines(
    problem: Problem, r: int, c: int, below: IntArray, right: IntArray
) -> Iterator[tuple[BoolArray, bool]]:
    """Pixel nodes on each boundary line through macro node (r, c), and whether it has a segment.

    `below` and `right` are the distances of the pixel nodes from the macro node. A line reaches to
    both sides of the macro node where both are on the boundary, and to one at a corner.
    """
    across, down = edges_of(problem.present)
    fixed = problem.fixed
    for on_line, ahead, edges, at, step in (
        (below == 0, right, across[r], c, (0, 1)),
        (right == 0, below, down[:, c], r, (1, 0)),
    ):
        has_segment, line = False, np.zeros(on_line.shape, dtype=bool)
        for edge, side in ((at - 1, -1), (at, 1)):
            cells = edges[edge] if 0 <= edge < len(edges) else 0
            if cells:
                other = fixed[r + side * step[0], c + side * step[1]]
                has_segment |= bool((fixed[r, c] & other).any())
            if cells == 1:
                line |= on_line & (side * ahead >= 0)
        if line.any():
            yield line, has_segment
