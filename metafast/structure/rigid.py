"""Rigid motions: which parts of a body the prescribed displacements hold, and which they strain.

A degree of freedom is (row, column, component) of a pixel node.
"""

from __future__ import annotations

import numpy as np

from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray


def parts_at(parts: AnyArray, nodes: IntArray) -> tuple[IntArray, IntArray]:
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


def held(parts: AnyArray, count: int, nodes: IntArray) -> BoolArray:
    """Whether the degrees of freedom `nodes` (m, 3) block every rigid motion of each part.

    A free rotation has all held u_x in its centre's row and all held u_y in its centre's column.
    """
    position, part = parts_at(parts, nodes)
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


def is_rigid(nodes: IntArray, values: FloatArray) -> bool:
    """Whether one rigid motion explains the prescribed `values` at `nodes` (m, 3)."""
    r, c, d = (nodes - np.r_[nodes[:, :2].mean(0).round(), 0]).astype(float).T
    modes = np.stack([d == 0, d == 1, np.where(d == 0, r, c)], 1).astype(float)
    motion = np.linalg.lstsq(modes, values, rcond=None)[0]
    return bool(np.abs(values - modes @ motion).max() <= 1e-9 * max(np.abs(values).max(), 1e-300))
