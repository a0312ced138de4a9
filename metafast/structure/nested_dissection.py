"""Geometric nested dissection: elimination order of the pixel-node grid.

A region is cut by the grid line, across its longer side and near its middle, that meets the fewest
free degrees of freedom; both halves are eliminated before the line. In porous bodies such lines run
through the pores, not along cell borders, where the walls of two cells meet::

    +-----+|+-----+
    |  A  |S|  B  |      order: A, B, S; then A and B are cut the same way
    +-----+|+-----+

A. George, Nested dissection of a regular finite element mesh, SIAM J. Numer. Anal. 10 (1973).

Legend
------
along  (ny+1, nx+2)     free degrees of freedom in a row, left of each node column
down   (ny+2, nx+1)     free degrees of freedom in a column, above each node row
region (i0, i1, j0, j1) node rows i0 .. i1-1 and node columns j0 .. j1-1
stack  (size, 5)        regions still to be cut, each with the block of the line that cut it out
blocks (blocks, 2)      first place in `order` and parent block, last block first
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._base.jit import jit
from metafast._base.typing import AnyArray
from metafast.structure.nodes import copies, corner_contacts, number
from metafast.structure.system import PixelSystem

# largest distance of a cut from the region's middle, as a share of its length
_WINDOW = 0.2


@dataclass(frozen=True, eq=False)
class DissectionTree:
    """Elimination order in blocks: leaves, and lines after the two halves that they separate.

    Attributes
    ----------
    order : (n,) int32 array
        ``order[k]`` is the degree of freedom eliminated k-th.
    start : (blocks + 1,) int32 array
        Block b holds ``order[start[b]:start[b + 1]]``.
    parent : (blocks,) int32 array
        Block of the line that separates a block from its sibling, -1 for a root.
    """

    order: AnyArray
    start: AnyArray
    parent: AnyArray


def dissection_tree(system: PixelSystem, leaf: int) -> DissectionTree:
    """Nested dissection of a body, with the tree of its lines.

    Parameters
    ----------
    system : PixelSystem
    leaf : int
        Regions of at most this many nodes are not cut again.
    """
    rows, cols = system.dof.shape[:2]
    free = (system.dof >= 0).sum(axis=2, dtype=np.int32)
    free[corner_contacts(system.code)] *= 2
    along = np.zeros((rows, cols + 1), np.int32)
    down = np.zeros((rows + 1, cols), np.int32)
    np.cumsum(free, axis=1, out=along[:, 1:])
    np.cumsum(free, axis=0, out=down[1:])
    order = np.empty(system.unknowns, np.int32)
    # a region adds at most one more to the stack than it takes, once per halving
    stack = np.empty((4 * (rows + cols).bit_length() + 64, 5), np.int32)
    blocks = np.empty((len(order), 2), np.int32)
    count = _dissect(system, along, down, order, stack, blocks, leaf)
    # from the order of the stack, last block first, to the order of elimination
    blocks = blocks[:count][::-1]
    parent = np.where(blocks[:, 1] >= 0, len(blocks) - 1 - blocks[:, 1], -1)
    start = np.append(blocks[:, 0], len(order))
    return DissectionTree(order, start.astype(np.int32), parent.astype(np.int32))


@jit()
def _dissect(
    system: Any, along: Any, down: Any, order: Any, stack: Any, blocks: Any, leaf: int
) -> int:
    """Fill `order` from its end: each region's line, then its two halves; count the blocks."""
    rows, cols = system.dof.shape[0], system.dof.shape[1]
    end = order.size
    size, count = _push(stack, 0, (0, rows, 0, cols), -1), 0
    while size > 0:
        size -= 1
        i0, i1, j0, j1, above = stack[size]
        height, width = i1 - i0, j1 - j0
        before, i, j = end, -1, -1
        if height * width <= leaf:
            end = _place(system, order, end, (i0, i1, j0, j1))
        elif height >= width:
            i = _lightest(along[:, j1], along[:, j0], i0, i1)
            end = _place(system, order, end, (i, i + 1, j0, j1))
        else:
            j = _lightest(down[i1], down[i0], j0, j1)
            end = _place(system, order, end, (i0, i1, j, j + 1))
        if end < before:
            blocks[count, 0], blocks[count, 1] = end, above
            above = count
            count += 1
        if i >= 0:
            size = _push(stack, size, (i0, i, j0, j1), above)
            size = _push(stack, size, (i + 1, i1, j0, j1), above)
        elif j >= 0:
            size = _push(stack, size, (i0, i1, j0, j), above)
            size = _push(stack, size, (i0, i1, j + 1, j1), above)
    return count


@jit()
def _push(stack: Any, size: int, region: Any, above: int) -> int:
    stack[size, 0], stack[size, 1], stack[size, 2], stack[size, 3] = region
    stack[size, 4] = above
    return size + 1


@jit()
def _lightest(upper: Any, lower: Any, first: int, last: int) -> int:
    """Line of least ``upper - lower`` near the middle of [first, last), central ones first."""
    middle = (first + last) // 2
    best, lightest = middle, upper[middle] - lower[middle]
    for distance in range(1, int((last - first) * _WINDOW) + 1):
        for line in (middle - distance, middle + distance):
            if upper[line] - lower[line] < lightest:
                best, lightest = line, upper[line] - lower[line]
    return best


@jit()
def _place(system: Any, order: Any, end: int, region: Any) -> int:
    """Put the degrees of freedom of a region in front of place `end`; return the first place."""
    code, dof = system.code, system.dof
    i0, i1, j0, j1 = region
    for i in range(i1 - 1, i0 - 1, -1):
        for j in range(j1 - 1, j0 - 1, -1):
            for copy in range(copies(code[i, j]) - 1, -1, -1):
                for p in range(1, -1, -1):
                    if dof[i, j, p] >= 0:
                        end -= 1
                        order[end] = number(dof, i, j, p, copy)
    return end
