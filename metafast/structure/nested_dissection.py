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

from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._base.jit import jit
from metafast._base.typing import AnyArray, ByteArray
from metafast.structure.nodes import copies, corner_contacts, number

# regions of at most this many nodes are not cut again
_LEAF = 4
# the cut lies within this share of the region's length from its middle
_WINDOW = 0.2


@dataclass(frozen=True, eq=False)
class DissectionTree:
    """Elimination order in blocks: leaves and lines, each after those that it parts.

    Attributes
    ----------
    order : (n,) int32 array
        ``order[k]`` is the degree of freedom eliminated k-th.
    start : (blocks + 1,) int32 array
        Block b holds ``order[start[b]:start[b + 1]]``.
    parent : (blocks,) int32 array
        The line that the block is parted from its sibling by; -1 where there is none.
    """

    order: AnyArray
    start: AnyArray
    parent: AnyArray


def dissection_tree(code: ByteArray, dof: AnyArray, leaf: int = _LEAF) -> DissectionTree:
    """Nested dissection, with the tree of its lines.

    Parameters
    ----------
    code, dof
        As in `dissection_order`.
    leaf : int
        Regions of at most this many nodes are not cut again.
    """
    order, blocks = _dissected(code, dof, leaf, True)
    # from the order of the stack, last block first, to the order of elimination
    blocks = blocks[::-1]
    parent = np.where(blocks[:, 1] >= 0, len(blocks) - 1 - blocks[:, 1], -1)
    start = np.append(blocks[:, 0], len(order))
    return DissectionTree(order, start.astype(np.int32), parent.astype(np.int32))


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
    return _dissected(code, dof, _LEAF, False)[0]


def _dissected(
    code: ByteArray, dof: AnyArray, leaf: int, record: bool
) -> tuple[AnyArray, AnyArray]:
    """The order, and per block that is not empty its first place and its parent, last one first."""
    rows, cols = dof.shape[:2]
    free = (dof >= 0).sum(axis=2, dtype=np.int32)
    free[corner_contacts(code)] *= 2
    along = np.zeros((rows, cols + 1), np.int32)
    down = np.zeros((rows + 1, cols), np.int32)
    np.cumsum(free, axis=1, out=along[:, 1:])
    np.cumsum(free, axis=0, out=down[1:])
    order = np.empty(int(along[:, -1].sum(dtype=np.int64)), np.int32)
    # a region adds at most one more to the stack than it takes, once per halving
    stack = np.empty((4 * (rows + cols).bit_length() + 64, 5), np.int32)
    blocks = np.empty((len(order) if record else 0, 2), np.int32)
    count = _dissect(code, dof, along, down, order, stack, blocks, leaf, _WINDOW)
    return order, blocks[:count]


@jit()
def _dissect(
    code: Any,
    dof: Any,
    along: Any,
    down: Any,
    order: Any,
    stack: Any,
    blocks: Any,
    leaf: int,
    window: float,
) -> int:
    """Fill `order` from its end: each region's line, then its two halves; count the blocks."""
    rows, cols = dof.shape[0], dof.shape[1]
    end = order.size
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3], stack[0, 4] = 0, rows, 0, cols, -1
    size, count = 1, 0
    while size > 0:
        size -= 1
        i0, i1, j0, j1, above = stack[size]
        height, width = i1 - i0, j1 - j0
        before, i, j = end, -1, -1
        if height * width <= leaf:
            end = _place(code, dof, order, end, i0, i1, j0, j1)
        elif height >= width:
            i = _lightest(along[:, j1], along[:, j0], i0, i1, window)
            end = _place(code, dof, order, end, i, i + 1, j0, j1)
        else:
            j = _lightest(down[i1], down[i0], j0, j1, window)
            end = _place(code, dof, order, end, i0, i1, j, j + 1)
        if end < before and blocks.shape[0] > 0:
            blocks[count, 0], blocks[count, 1] = end, above
            above = count
            count += 1
        if i >= 0:
            size = _push(stack, size, i0, i, j0, j1, above)
            size = _push(stack, size, i + 1, i1, j0, j1, above)
        elif j >= 0:
            size = _push(stack, size, i0, i1, j0, j, above)
            size = _push(stack, size, i0, i1, j + 1, j1, above)
    return count


@jit()
def _push(stack: Any, size: int, i0: int, i1: int, j0: int, j1: int, above: int) -> int:
    stack[size, 0], stack[size, 1], stack[size, 2], stack[size, 3] = i0, i1, j0, j1
    stack[size, 4] = above
    return size + 1


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
