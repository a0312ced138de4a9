"""Rigid motions: parts that prescribed displacements hold, and displacements without strain.

A degree of freedom is (row, column, component) of a pixel node.
"""

from __future__ import annotations

import numpy as np

from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray


def parts_at(parts: AnyArray, nodes: IntArray) -> tuple[IntArray, IntArray]:
    """Parts of the four pixels around each node.

    Returns
    -------
    position : (m,) int array
        Position in `nodes`; one entry for each solid pixel around a node.
    part : (m,) int array
        Part of that pixel; pairs may repeat.
    """
    ny, nx = parts.shape
    position, part = [], []
    for di, dj in ((-1, -1), (-1, 0), (0, -1), (0, 0)):
        i, j = nodes[:, 0] + di, nodes[:, 1] + dj
        inside = np.flatnonzero((i >= 0) & (i < ny) & (j >= 0) & (j < nx))
        at = parts[i[inside], j[inside]]
        position.append(inside[at > 0])
        part.append(at[at > 0])
    return np.concatenate(position), np.concatenate(part)


def held(parts: AnyArray, count: int, nodes: IntArray) -> BoolArray:
    """Parts (count + 1,) whose rigid motions are all blocked by the degrees of freedom `nodes`.

    A rotation stays free if all held u_x lie in the row of its centre and all held u_y in the
    column of its centre.
    """
    position, part = parts_at(parts, nodes)
    present = np.zeros((2, count + 1), bool)
    spread = np.zeros((2, count + 1), bool)
    for d in (0, 1):
        mine = nodes[position, 2] == d
        where, of = nodes[position[mine], d], part[mine]
        low, high = np.full(count + 1, np.iinfo(np.int64).max), np.full(count + 1, -1)
        np.minimum.at(low, of, where)
        np.maximum.at(high, of, where)
        present[d], spread[d] = high >= 0, high > low
    return np.asarray(present.all(0) & spread.any(0))


def is_rigid(nodes: IntArray, values: FloatArray) -> bool:
    """Whether one rigid motion explains the prescribed `values` at `nodes` (m, 3)."""
    r, c, d = (nodes - np.r_[nodes[:, :2].mean(0).round(), 0]).astype(float).T
    modes = np.stack([d == 0, d == 1, np.where(d == 0, r, c)], 1).astype(float)
    motion = np.linalg.lstsq(modes, values, rcond=None)[0]
    return bool(np.abs(values - modes @ motion).max() <= 1e-9 * max(np.abs(values).max(), 1e-300))
