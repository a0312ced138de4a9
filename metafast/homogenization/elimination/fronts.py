"""Fronts of the multifrontal elimination: unknowns, children, and places of their complements.

A front is a dense lower triangle of ``pivots | border``. Its complement, the part that remains when
its pivots are eliminated, goes to the front that merges its block with the neighbour. Borders are
sorted in the order of elimination, so the rows of a child appear in its parent in the same order.
Blocks that touch no edge of a quarter have one front for both systems, the others one for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from metafast._base.typing import IntArray
from metafast.homogenization.elimination.dissection import Block
from metafast.homogenization.elimination.numbering import ALL, NORMAL, SHEAR, Grid

Lookup = Literal["all", "inner", "none"]

# kinds of fronts: leaves that are looked up, leaves that are assembled, merged blocks
TABLE, ELEMENTS, MERGE = 0, 1, 2

_CHUNK = 48  # pivots that one front eliminates at most; whole register tiles, 3 or 4 columns wide


@dataclass
class Front:
    """One front; unknowns in the order of elimination, jumps last in the border.

    Attributes
    ----------
    kind, block, system : int
    pivots, border : (p,), (b,)
        Unknowns that it eliminates, and those that its complement is left with.
    children : tuple of int
        Fronts whose complements it adds up.
    out : int
        Place of its complement in the pool.
    """

    kind: int
    block: int
    system: int
    pivots: IntArray
    border: IntArray
    children: tuple[int, ...]
    out: int = 0

    @property
    def size(self) -> int:
        """Rows of the front."""
        return len(self.pivots) + len(self.border)


def elements_of(block: Block, cols: int) -> IntArray:
    """Elements of a block, row by row."""
    r0, r1, c0, c1 = block[:4]
    return np.asarray((np.arange(r0, r1)[:, None] * cols + np.arange(c0, c1)).ravel())


def build_fronts(blocks: list[Block], grid: Grid, lookup: Lookup) -> list[Front]:
    """Fronts of all blocks in the order of elimination."""
    fronts: list[Front] = []
    of_block: list[dict[int, int]] = []  # front of each block by system
    for index, block in enumerate(blocks):
        r0, r1, c0, c1, first, second = block
        inner = grid.kind == "periodic" or (r0 > 0 < c0 and r1 < grid.rows and c1 < grid.cols)
        of_block.append({})
        for system in (ALL,) if inner else (NORMAL, SHEAR):
            children: tuple[int, ...] = ()
            if first < 0:
                dofs = np.unique(grid.variables[system, elements_of(block, grid.cols)])
                dofs = dofs[dofs >= 0]
            else:
                children = tuple(
                    of_block[kid].get(system, of_block[kid].get(ALL, -1)) for kid in (first, second)
                )
                borders = [fronts[kid].border for kid in children]
                dofs = np.unique(np.concatenate(borders))
            dofs = dofs[np.argsort(grid.rank[dofs])]
            mine = grid.owner[dofs] == index
            pivots, border = dofs[mine], dofs[~mine]
            front_kind, parts = MERGE, max(-(-len(pivots) // _CHUNK), 1)
            if first < 0:
                looked_up = lookup == "all" or (lookup == "inner" and r0 > 0 and c0 > 0)
                front_kind, parts = TABLE if looked_up else ELEMENTS, 1
            chunks = np.array_split(pivots, parts)
            for k, chunk in enumerate(chunks):
                rest = np.concatenate([*chunks[k + 1 :], border])
                fronts.append(Front(front_kind, index, system, chunk, rest, children))
                children = (len(fronts) - 1,)
            of_block[-1][system] = len(fronts) - 1
    return fronts


def place_complements(fronts: list[Front], start: int) -> int:
    """Give every complement the first gap behind `start` that stays free until its parent is done.

    Returns the end of the pool.
    """
    last = [len(fronts)] * len(fronts)
    for f, front in enumerate(fronts):
        for child in front.children:
            last[child] = f
    live: list[tuple[int, int, int]] = []  # start, end, last use
    top = start
    for f, front in enumerate(fronts):
        live = sorted(entry for entry in live if entry[2] >= f)
        size, position = packed_size(len(front.border)), start
        for begin, end, _ in live:
            if begin - position >= size:
                break
            position = max(position, end)
        front.out = position
        live.append((position, position + size, last[f]))
        top = max(top, position + size)
    return top


def packed_size(rows: int) -> int:
    """Vectors of a packed lower triangle whose rows are each led by a zero."""
    return rows * (rows + 3) // 2
