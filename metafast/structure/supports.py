"""Prescribed displacements of pixel nodes, and the parts of the body that they hold.

Between two neighbouring macro nodes that prescribe the same component, every pixel node on the
segment gets the linear interpolation. A component prescribed at a single macro node, such as the
u_y = 0 of the bridge's bottom corners, acts on the nearest solid node of the largest part within
one cell: first along a boundary line that has a segment there, then along any boundary line, then
anywhere.

Parts are sets of solid pixels joined by edges; pixels that touch in a corner only carry no load in
print, so they do not join. A part whose own prescribed displacements leave a rigid motion free
floats and is removed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import label

from metafast._typing import AnyArray, BoolArray, FloatArray, IntArray
from metafast.problems.problem import Problem


@dataclass(frozen=True, eq=False)
class Supported:
    """The held parts and what is prescribed to their nodes.

    Parameters
    ----------
    solid : (ny, nx) bool array
        Pixels of the held parts.
    prescribed : (ny+1, nx+1, 2) float array
        Displacement where it is prescribed to a node of `solid`, NaN elsewhere.
    removed_parts, removed_pixels : int
        Floating parts and their pixels.
    """

    solid: BoolArray
    prescribed: FloatArray
    removed_parts: int
    removed_pixels: int


@dataclass(frozen=True, eq=False)
class _Point:
    """One component prescribed at a single macro node, with what it could act on."""

    macro: tuple[int, int]
    component: int
    value: float
    nearest: dict[int, tuple[int, int]]  # part -> its node that would take the support


def support(solid: BoolArray, problem: Problem, side: int) -> Supported:
    """Hold the pixels as the problem says and remove what floats.

    Parameters
    ----------
    solid : (ny, nx) bool array
        Solid pixels, row 0 at the top.
    problem : Problem
        Of ny/side x nx/side cells.
    side : int
        Pixels per cell side.

    Raises
    ------
    ValueError
        If no part is held, or none is loaded although the supports move against each other.
    """
    parts, count = label(solid)
    prescribed, single = _segments(problem, side)
    prescribed[~_touched(solid)] = np.nan
    nodes = np.argwhere(np.isfinite(prescribed))
    points = [_point(problem, parts, side, *node) for node in np.argwhere(single)]
    alive = np.ones(count + 1, bool)
    alive[0] = False
    # first drop what could not be held even with every support in reach, so that a speck beside
    # the body does not take the body's support
    everything = [np.r_[node, p.component] for p in points for node in p.nearest.values()]
    alive &= _held(parts, count, _stack(nodes, everything))
    sizes = np.bincount(parts.ravel(), minlength=count + 1)
    while True:
        chosen = {p: _largest(p, alive, sizes) for p in points}
        taken = [np.r_[p.nearest[part], p.component] for p, part in chosen.items() if part]
        still = alive & _held(parts, count, _stack(nodes, taken))
        if (still == alive).all():
            break
        alive = still
    if not alive.any():
        raise ValueError(
            f"no part of the structure is held by the supports of problem {problem.name!r}: "
            f"{count} part(s), each leaves a rigid motion free. Solid pixels must reach the "
            "prescribed macro nodes and join them edge to edge; check the pixels' orientation "
            "(row 0 is the top) and the cells along the supports"
        )
    for p, part in chosen.items():
        if not part:
            raise ValueError(
                f"the support of component {p.component} at macro node {p.macro} finds no held "
                "solid pixel within one cell; put a cell with solid pixels there"
            )
        if np.isnan(prescribed[(*p.nearest[part], p.component)]):
            prescribed[(*p.nearest[part], p.component)] = p.value
    kept = alive[parts]
    prescribed[~_touched(kept)] = np.nan
    _require_load(problem, prescribed, parts, alive)
    return Supported(
        solid=kept,
        prescribed=prescribed,
        removed_parts=count - int(np.count_nonzero(alive)),
        removed_pixels=int(np.count_nonzero(solid) - np.count_nonzero(kept)),
    )


def _segments(problem: Problem, side: int) -> tuple[FloatArray, BoolArray]:
    """Interpolated values on the node grid, and the macro components that no segment holds."""
    macro, fixed = problem.prescribed, problem.fixed
    values = np.full((problem.rows * side + 1, problem.cols * side + 1, 2), np.nan)
    single = fixed.copy()
    share = np.arange(side + 1) / side
    for step in ((1, 0), (0, 1)):
        ahead = (slice(step[0], None), slice(step[1], None))
        behind = (slice(None, -1 if step[0] else None), slice(None, -1 if step[1] else None))
        both = fixed[ahead] & fixed[behind]
        single[ahead] &= ~both
        single[behind] &= ~both
        for r, c, d in np.argwhere(both):
            start, stop = macro[r, c, d], macro[r + step[0], c + step[1], d]
            rows = r * side + np.arange(side + 1) * step[0]
            cols = c * side + np.arange(side + 1) * step[1]
            values[rows, cols, d] = start * (1 - share) + stop * share
    return values, single


def _point(problem: Problem, parts: AnyArray, side: int, r: int, c: int, d: int) -> _Point:
    """For each part within one cell of the macro node, its node that would take the support."""
    row, col = r * side, c * side
    top, left = max(0, row - side), max(0, col - side)
    window = parts[top : row + side, left : col + side]
    around = np.zeros((4, window.shape[0] + 1, window.shape[1] + 1), parts.dtype)
    around[0, :-1, :-1] = around[1, :-1, 1:] = around[2, 1:, :-1] = around[3, 1:, 1:] = window
    i, j = np.indices(around.shape[1:])
    i, j = i + top, j + left
    vertical, horizontal = c in (0, problem.cols), r in (0, problem.rows)
    fixed = problem.fixed
    along_col = fixed[r, c] & (_neighbour(fixed, r - 1, c) | _neighbour(fixed, r + 1, c))
    along_row = fixed[r, c] & (_neighbour(fixed, r, c - 1) | _neighbour(fixed, r, c + 1))
    preference = np.full(i.shape, 2)
    for line, on_boundary, segment in (
        (i == row, horizontal, along_row.any()),
        (j == col, vertical, along_col.any()),
    ):
        if on_boundary:
            preference[line] = np.minimum(preference[line], 0 if segment else 1)
    distance = (i - row) ** 2 + (j - col) ** 2
    nearest = {}
    ranking = np.lexsort(((i == row).ravel(), distance.ravel(), preference.ravel()))
    ordered = around.reshape(4, -1)[:, ranking]
    for part in np.unique(window[window > 0]):
        k = ranking[np.flatnonzero((ordered == part).any(0))[0]]
        nearest[int(part)] = (int(i.ravel()[k]), int(j.ravel()[k]))
    return _Point((int(r), int(c)), int(d), float(problem.prescribed[r, c, d]), nearest)


def _neighbour(fixed: BoolArray, r: int, c: int) -> BoolArray:
    inside = 0 <= r < fixed.shape[0] and 0 <= c < fixed.shape[1]
    return fixed[r, c] if inside else np.zeros(2, bool)


def _largest(point: _Point, alive: BoolArray, sizes: IntArray) -> int:
    """Largest living part in reach of the support, 0 if there is none."""
    return max((p for p in point.nearest if alive[p]), key=lambda p: int(sizes[p]), default=0)


def _stack(nodes: IntArray, more: list[IntArray]) -> IntArray:
    return np.concatenate([nodes, np.array(more).reshape(-1, 3).astype(nodes.dtype)])


def _parts_at(parts: AnyArray, nodes: IntArray) -> tuple[IntArray, IntArray]:
    """Pairs (position in `nodes`, part) for each of the four pixels around; a pair may repeat."""
    ny, nx = parts.shape
    position, found = [], []
    for di, dj in ((-1, -1), (-1, 0), (0, -1), (0, 0)):
        i, j = nodes[:, 0] + di, nodes[:, 1] + dj
        inside = np.flatnonzero((i >= 0) & (i < ny) & (j >= 0) & (j < nx))
        at = parts[i[inside], j[inside]]
        position.append(inside[at > 0])
        found.append(at[at > 0])
    return np.concatenate(position), np.concatenate(found)


def _held(parts: AnyArray, count: int, nodes: IntArray) -> BoolArray:
    """Whether the degrees of freedom `nodes` (m, 3) block every rigid motion of each part.

    A free rotation has all held u_x in its centre's row and all held u_y in its centre's column.
    """
    position, part = _parts_at(parts, nodes)
    found = np.zeros((2, count + 1), bool)
    spread = np.zeros((2, count + 1), bool)
    for d in (0, 1):
        mine = nodes[position, 2] == d
        where, of = nodes[position[mine], d], part[mine]
        low, high = np.full(count + 1, np.iinfo(np.int64).max), np.full(count + 1, -1)
        np.minimum.at(low, of, where)
        np.maximum.at(high, of, where)
        found[d], spread[d] = high >= 0, high > low
    return np.asarray(found.all(0) & spread.any(0))


def _touched(solid: BoolArray) -> BoolArray:
    """Nodes with a solid pixel."""
    touched = np.zeros((solid.shape[0] + 1, solid.shape[1] + 1), bool)
    for rows in (slice(None, -1), slice(1, None)):
        for cols in (slice(None, -1), slice(1, None)):
            touched[rows, cols] |= solid
    return touched


def _is_rigid(nodes: IntArray, values: FloatArray) -> bool:
    """Whether one rigid motion explains the prescribed `values` at `nodes` (m, 3)."""
    r, c, d = (nodes - np.r_[nodes[:, :2].mean(0).round(), 0]).astype(float).T
    modes = np.stack([d == 0, d == 1, np.where(d == 0, r, c)], 1).astype(float)
    motion = np.linalg.lstsq(modes, values, rcond=None)[0]
    return bool(np.abs(values - modes @ motion).max() <= 1e-9 * max(np.abs(values).max(), 1e-300))


def _require_load(
    problem: Problem, prescribed: FloatArray, parts: AnyArray, alive: BoolArray
) -> None:
    macro = np.argwhere(problem.fixed)
    if _is_rigid(macro, problem.prescribed[problem.fixed]):
        return
    nodes = np.argwhere(np.isfinite(prescribed))
    values = prescribed[tuple(nodes.T)]
    position, part = _parts_at(parts, nodes)
    for p in np.flatnonzero(alive):
        mine = position[part == p]
        if not _is_rigid(nodes[mine], values[mine]):
            return
    raise ValueError(
        f"nothing carries load between the supports of problem {problem.name!r}: each of the "
        f"{int(alive.sum())} held part(s) is only moved as a rigid body. Solid pixels must join, "
        "edge to edge, supports that move against each other"
    )
