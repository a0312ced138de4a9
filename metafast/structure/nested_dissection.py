"""Elimination order by geometric nested dissection of the pixel-node grid.

A region is cut by the grid line, across its longer side and near its middle, that meets the fewest
free degrees of freedom; both halves are eliminated before the line. In porous bodies such lines run
through the pores, not along cell borders, where the walls of two cells meet::

    +-----+|+-----+
    |  A  |S|  B  |      order: A, B, S; then A and B are cut the same way
    +-----+|+-----+

A. George, Nested dissection of a regular finite element mesh, SIAM J. Numer. Anal. 10 (1973).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from metafast._jit import jit
from metafast._typing import AnyArray, ByteArray
from metafast.structure.nodes import copies, corner_contacts, number

# regions of at most this many nodes are not cut again
_LEAF = 4
# the cut lies within this share of the region's length from its middle
_WINDOW = 0.2


def dissection_order(code: ByteArray, dof: AnyArray) -> AnyArray:
    """Order in which the free degrees of freedom of a node grid are best eliminated.

    Parameters
    ----------
    code : (ny+1, nx+1) uint8 array
        Solid pixels around each node (`metafast.structure.nodes`).
    dof : (ny+1, nx+1, 2) int32 array
        Numbers of the free degrees of freedom; -1 elsewhere.

    Returns
    -------
    (n,) int32 array
        ``order[k]`` is the degree of freedom eliminated k-th.
    """
    rows, cols = dof.shape[:2]
    free = (dof >= 0).sum(axis=2, dtype=np.int32)
    free[corner_contacts(code)] *= 2
    along = np.zeros((rows, cols + 1), np.int32)
    down = np.zeros((rows + 1, cols), np.int32)
    np.cumsum(free, axis=1, out=along[:, 1:])
    np.cumsum(free, axis=0, out=down[1:])
    order = np.empty(int(along[:, -1].sum(dtype=np.int64)), np.int32)
    # a region adds at most one more to the stack than it takes, once per halving
    stack = np.empty((4 * (rows + cols).bit_length() + 64, 4), np.int32)
    _dissect(code, dof, along, down, order, stack, _LEAF, _WINDOW)
    return order


@jit()
def _dissect(
    code: Any,
    dof: Any,
    along: Any,
    down: Any,
    order: Any,
    stack: Any,
    leaf: int,
    window: float,
) -> None:
    """Fill `order` from its end: each region's line, then its two halves."""
    rows, cols = dof.shape[0], dof.shape[1]
    end = order.size
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = 0, rows, 0, cols
    size = 1
    while size > 0:
        size -= 1
        i0, i1, j0, j1 = stack[size]
        height, width = i1 - i0, j1 - j0
        if height * width <= leaf:
            end = _place(code, dof, order, end, i0, i1, j0, j1)
        elif height >= width:
            i = _lightest(along[:, j1], along[:, j0], i0, i1, window)
            end = _place(code, dof, order, end, i, i + 1, j0, j1)
            stack[size, 0], stack[size, 1], stack[size, 2], stack[size, 3] = i0, i, j0, j1
            size += 1
            stack[size, 0], stack[size, 1], stack[size, 2], stack[size, 3] = i + 1, i1, j0, j1
            size += 1
        else:
            j = _lightest(down[i1], down[i0], j0, j1, window)
            end = _place(code, dof, order, end, i0, i1, j, j + 1)
            stack[size, 0], stack[size, 1], stack[size, 2], stack[size, 3] = i0, i1, j0, j
            size += 1
            stack[size, 0], stack[size, 1], stack[size, 2], stack[size, 3] = i0, i1, j + 1, j1
            size += 1


@jit()
def _lightest(upper: Any, lower: Any, first: int, last: int, window: float) -> int:
    """Line of least ``upper - lower`` near the middle of [first, last), central ones first."""
    middle = (first + last) // 2
    best, lightest = middle, upper[middle] - lower[middle]
    for distance in range(1, int((last - first) * window) + 1):
        for line in (middle - distance, middle + distance):
            if upper[line] - lower[line] < lightest:
                best, lightest = line, upper[line] - lower[line]
    return best


@jit()
def _place(code: Any, dof: Any, order: Any, end: int, i0: int, i1: int, j0: int, j1: int) -> int:
    for i in range(i1 - 1, i0 - 1, -1):
        for j in range(j1 - 1, j0 - 1, -1):
            for copy in range(copies(code[i, j]) - 1, -1, -1):
                for p in range(1, -1, -1):
                    if dof[i, j, p] >= 0:
                        end -= 1
                        order[end] = number(dof, i, j, p, copy)
    return end
