"""Static elimination plans: what the kernels do with every cell of a size, found once.

All cells of a size share one sparsity pattern. A plan is a list of *fronts* in the order of
elimination, dense lower triangles of ``pivots | border``; what is left of a front after its pivots
are eliminated, its complement, goes to the front that merges it with its neighbour. An unknown is a
pivot of the smallest block that has all its elements; borders are sorted by when they go, so a
child's rows appear in its parent in the same order.

The unknowns are total displacements, so a unit strain enters only where the cell is closed: as the
*jump* by which opposite nodes of a periodic cell differ, or by which an edge of a quarter moves. The
three jumps are unknowns that are never eliminated; what is left at the root is their stiffness, the
homogenized one but for the lengths over which a strain makes a jump (section 3.2). Blocks away from
the seam carry no strain at all.

A mirror-symmetric cell is solved on its upper left quarter, once under normal strains and once
under shear, with the jumps E11 = e11 w/2, E22 = e22 h/2, E12 = g12 h/2::

    normal       u_y = E22            shear        u_x = E12
             +-------------+                   +-------------+
     u_x = 0 |             | u_x = E11  u_y = 0|             | u_y = 0
             +-------------+                   +-------------+
                 u_y = 0                           u_x = 0

Blocks that touch no edge serve both systems. In a periodic cell, right of the last column comes the
first one, moved by E11 = e11 w in x, and below the last row the first one, moved by -(E12, E22),
E22 = e22 h, E12 = g12 h; node (0, 0) is held. Node (i, j) is i pixels below the top and j pixels
from the left; its unknowns are u_x, u_y.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from metafast._typing import FloatArray, IntArray
from metafast.homogenization.dissection import Block, dissect
from metafast.homogenization.lanes import TILE_COLUMNS
from metafast.homogenization.leaves import LeafKind, LeafTables, element_terms, table_leaf
from metafast.q4 import NODE_OFFSETS

Kind = Literal["quarter", "periodic"]
Lookup = Literal["all", "inner", "none"]

# systems; blocks off the edges of a quarter serve both, a periodic cell has but one
NORMAL, SHEAR, ALL = 0, 1, 2
_STRAINS = ((True, True, False), (False, False, True), (True, True, True))

# kinds of fronts
TABLE, ELEMENTS, MERGE = 0, 1, 2
(KIND, PIVOTS, SIZE, OUT, FIRST, SECOND, MAPS, PANEL, SYSTEM, LEAF, ELEMENT) = range(11)

_CHUNK = 48 // TILE_COLUMNS * TILE_COLUMNS  # pivots that are eliminated in one go


class Tables(NamedTuple):
    """What the kernels read; the legend of `tiles` explains maps, panel, pool.

    Attributes
    ----------
    fronts : (f, 11) int64
        KIND, PIVOTS, SIZE, OUT (place of the complement in the pool, a vector index), FIRST, SECOND
        (the children's), MAPS (index into `variables`; times two into `maps`), PANEL (place in the
        kept panels), SYSTEM, LEAF (index into `leaf_starts` or into `terms_start`), ELEMENT (a
        leaf's first element).
    maps : (2 * sum of sizes,) int16
        Per front (2, size): its rows in the complement of the first and the second child.
    variables : (sum of sizes,) int64
        Unknown of each row of each front; unit strain s is ``unknowns + s``.
    leaf_starts : (l, 5) int64
        Leaves that are looked up: first table entry, entries a pattern takes, elements, start in
        `places`, complement rows.
    places : int16
        Place of each table entry in the leaf's complement.
    pixels : (l, 9) int64
        Elements of each leaf that is looked up.
    terms_start, term_element, term_entry : int64
        Leaves that are assembled: for each packed entry its terms, element (from the leaf's first
        one) and entry of the element matrix.
    results : (r, 3) int64
        Pool vector, row and column of every entry of C that the roots leave.
    """

    fronts: IntArray
    maps: IntArray
    variables: IntArray
    leaf_starts: IntArray
    places: IntArray
    pixels: IntArray
    terms_start: IntArray
    term_element: IntArray
    term_entry: IntArray
    results: IntArray


@dataclass(frozen=True, eq=False)
class Plan:
    """One elimination.

    Attributes
    ----------
    kind : {"quarter", "periodic"}
    shape : (rows, cols) of the solved block
    unknowns : int
        Displacements of the numbered nodes; jump s is unknown ``unknowns + s``.
    node_unknowns : (rows + 1, cols + 1, 2)
        Unknown of each corner of the pixels, before the jumps of the seam.
    seam : (rows + 1, cols + 1, 2, 3)
        Share of each jump in each displacement there.
    lengths : (3,)
        Jump that a unit strain makes, in pixels.
    tables : Tables
    leaf_kinds : list of LeafKind
        Tables that a material has to provide, in order.
    zeros, pool_size, panel_size, panels_size : int
        Vectors that stay zero at the start of the pool (assembled leaves stand behind them), that
        the pool, the largest panel, and all panels together need.
    multiplications : int
        Fused multiply-adds that one cell takes, for comparison with the processor's peak.
    """

    kind: Kind
    shape: tuple[int, int]
    unknowns: int
    node_unknowns: IntArray
    seam: FloatArray
    lengths: FloatArray
    tables: Tables
    leaf_kinds: list[LeafKind]
    zeros: int
    pool_size: int
    panel_size: int
    panels_size: int
    multiplications: int


@dataclass
class _Front:
    kind: int
    block: int
    system: int
    pivots: IntArray
    border: IntArray  # strains last
    children: tuple[int, ...]
    out: int = 0


class _Grid(NamedTuple):
    """Numbering of a block of pixels.

    Attributes
    ----------
    variables : (3, elements, 11) by system; -1 where prescribed or absent
    classes : (elements,) which edges of the seam an element has, see `leaves.class_matrices`
    rank, owner : (unknowns + 3,) order of elimination, block that eliminates
    """

    variables: IntArray
    classes: IntArray
    unknowns: int
    node_unknowns: IntArray
    rank: IntArray
    owner: IntArray


@lru_cache(maxsize=16)
def elimination_plan(rows: int, cols: int, kind: Kind, lookup: Lookup) -> Plan:
    """Plan for a block of rows x cols pixels.

    Parameters
    ----------
    rows, cols : int
        Pixels of the whole cell ("periodic") or of its upper left quarter ("quarter").
    kind : {"quarter", "periodic"}
    lookup : {"all", "inner", "none"}
        Which leaves are looked up by their void/solid pattern, "inner" ones lie away from the left
        and upper side; the others are assembled from densities, and their displacements are found.
    """
    blocks = dissect(rows, cols, kind == "periodic")
    grid = _number(rows, cols, kind, blocks)
    fronts = _fronts(blocks, grid, rows, cols, kind, lookup)
    return _tables(fronts, blocks, grid, rows, cols, kind)


def _number(rows: int, cols: int, kind: Kind, blocks: list[Block]) -> _Grid:
    shape = (rows, cols) if kind == "periodic" else (rows + 1, cols + 1)
    number = np.arange(2 * shape[0] * shape[1]).reshape(*shape, 2)
    i, j = np.mgrid[0 : rows + 1, 0 : cols + 1]
    node_unknowns = number[i % shape[0], j % shape[1]]
    free = np.ones((3, *shape, 2), dtype=bool)
    if kind == "periodic":
        free[:, 0, 0] = False
    else:
        for system, across in ((NORMAL, 0), (SHEAR, 1)):
            free[system][:, [0, -1], across] = False
            free[system][[0, -1], :, 1 - across] = False
    r, c = np.mgrid[0:rows, 0:cols]
    variables = np.full((3, rows * cols, 11), -1)
    for k, (x, y) in enumerate(NODE_OFFSETS):
        ids = node_unknowns[r + 1 - y, c + x].reshape(-1, 2)
        variables[:, :, 2 * k : 2 * k + 2] = np.where(free.reshape(3, -1)[:, ids], ids, -1)
    sideways, upright = c == cols - 1, r == (rows - 1 if kind == "periodic" else 0)
    for strain, touching in enumerate((sideways, upright, upright)):
        for system in (NORMAL, SHEAR, ALL):
            if _STRAINS[system][strain]:
                jump = np.where(touching, number.size + strain, -1)
                variables[system, :, 8 + strain] = jump.ravel()
    owner = np.empty((*shape, 2), dtype=np.int64)
    for index in range(len(blocks) - 1, -1, -1):
        r0, r1, c0, c1 = blocks[index][:4]
        owner[_inside(r0, r1, rows, kind), _inside(c0, c1, cols, kind)] = index
    owner = np.concatenate([owner.ravel(), np.full(3, len(blocks))])
    rank = owner * number.size + np.arange(len(owner))
    classes = (sideways + 2 * upright).ravel()
    return _Grid(variables, classes, number.size, node_unknowns, rank, owner)


def _seam(rows: int, cols: int, kind: Kind) -> FloatArray:
    """Share (rows + 1, cols + 1, 2, 3) of each jump in each displacement."""
    seam = np.zeros((rows + 1, cols + 1, 2, 3))
    seam[:, -1, 0, 0] = 1.0
    edge, sign = (-1, -1.0) if kind == "periodic" else (0, 1.0)
    seam[edge, :, 1, 1] = seam[edge, :, 0, 2] = sign
    return seam


def _inside(start: int, stop: int, length: int, kind: Kind) -> slice:
    """Nodes along one axis whose elements all lie in the block."""
    if kind == "periodic":
        return slice(0, length) if stop - start == length else slice(start + 1, stop)
    return slice(start + (start > 0), stop + (stop == length))


def _fronts(
    blocks: list[Block], grid: _Grid, rows: int, cols: int, kind: Kind, lookup: Lookup
) -> list[_Front]:
    fronts: list[_Front] = []
    of_block: list[dict[int, int]] = []  # front of each block by system
    for index, block in enumerate(blocks):
        r0, r1, c0, c1, first, second = block
        inner = kind == "periodic" or (r0 > 0 and c0 > 0 and r1 < rows and c1 < cols)
        of_block.append({})
        for system in (ALL,) if inner else (NORMAL, SHEAR):
            children: tuple[int, ...] = ()
            if first < 0:
                ids = (np.arange(r0, r1)[:, None] * cols + np.arange(c0, c1)).ravel()
                dofs = np.unique(grid.variables[system, ids])
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
                fronts.append(_Front(front_kind, index, system, chunk, rest, children))
                children = (len(fronts) - 1,)
            of_block[-1][system] = len(fronts) - 1
    return fronts


def _place(fronts: list[_Front], start: int) -> int:
    """Give every complement the first gap in the pool that stays free until it is used."""
    last = [len(fronts)] * len(fronts)
    for f, front in enumerate(fronts):
        for child in front.children:
            last[child] = f
    live: list[tuple[int, int, int]] = []  # start, end, last use
    top = start
    for f, front in enumerate(fronts):
        live = sorted(entry for entry in live if entry[2] >= f)
        size, position = _packed(len(front.border)), start
        for begin, end, _ in live:
            if begin - position >= size:
                break
            position = max(position, end)
        front.out = position
        live.append((position, position + size, last[f]))
        top = max(top, position + size)
    return top


def _packed(rows: int) -> int:
    """Vectors of a packed lower triangle whose rows are each led by a zero."""
    return rows * (rows + 3) // 2


def _tables(
    fronts: list[_Front], blocks: list[Block], grid: _Grid, rows: int, cols: int, kind: Kind
) -> Plan:  # fmt: skip
    zeros = max(len(f.pivots) + len(f.border) for f in fronts) + 2
    assembled = [_packed(len(f.pivots) + len(f.border)) for f in fronts if f.kind == ELEMENTS]
    pool_size = _place(fronts, zeros + max([1, *assembled]))
    position = np.full(len(grid.rank), -1)
    records, maps, variables = [], [], []
    leaves = LeafTables()
    row_count = panel_count = largest = multiplications = 0
    for front in fronts:
        p, size = len(front.pivots), len(front.pivots) + len(front.border)
        names = np.concatenate([front.pivots, front.border])
        block = blocks[front.block]
        first_element = block.r0 * cols + block.c0
        leaf = -1
        index = np.full((2, size), -1)
        first = second = 0
        if front.kind == MERGE:
            places = [fronts[child].out for child in front.children]
            first, second = places[0], places[-1]
            for k, child in enumerate(front.children):
                position[fronts[child].border] = np.arange(len(fronts[child].border))
                index[k] = position[names]
                position[fronts[child].border] = -1
        else:
            ids = np.arange(block.r0, block.r1)[:, None] * cols + np.arange(block.c0, block.c1)
            elements = ids.ravel()
            if front.kind == TABLE:
                leaf = table_leaf(leaves, grid.variables[front.system, elements],
                                  grid.classes[elements], elements, front.pivots,
                                  front.border)  # fmt: skip
            else:
                leaf = element_terms(leaves, grid.variables[front.system, elements],
                                     grid.classes[elements], elements - first_element,
                                     names)  # fmt: skip
                index[0], first = np.arange(size), zeros
        maps.append(index.ravel())
        records.append(
            (front.kind, p, size, front.out, first, second, row_count, panel_count, front.system,
             leaf, first_element)
        )  # fmt: skip
        variables.append(names)
        row_count += size
        if front.kind != TABLE:
            largest = max(largest, size * p)
            panel_count += size * p
            multiplications += sum(m + m * (m + 1) // 2 for m in range(size - p, size))
    roots = set(range(len(fronts))) - {kid for front in fronts for kid in front.children}
    results = [
        (fronts[root].out + i * (i + 3) // 2 + 1 + j, a, b)
        for root in sorted(roots)
        for i, a in enumerate((fronts[root].border - grid.unknowns).tolist())
        for j, b in enumerate((fronts[root].border - grid.unknowns).tolist()[: i + 1])
    ]
    tables = Tables(
        fronts=np.array(records),
        maps=np.concatenate(maps).astype(np.int16),
        variables=np.concatenate(variables),
        leaf_starts=np.array(leaves.starts, dtype=np.int64).reshape(-1, 5),
        places=np.concatenate([*leaves.places, np.zeros(0)]).astype(np.int16),
        pixels=np.array(leaves.pixels, dtype=np.int64).reshape(-1, 9),
        terms_start=np.concatenate([*leaves.terms_start, np.zeros(0, np.int64)]),
        term_element=np.concatenate([*leaves.term_element, np.zeros(0, np.int64)]),
        term_entry=np.concatenate([*leaves.term_entry, np.zeros(0, np.int64)]),
        results=np.array(results),
    )
    return Plan(
        kind, (rows, cols), grid.unknowns, grid.node_unknowns, _seam(rows, cols, kind),
        np.array([cols, rows, rows], dtype=float), tables, leaves.kinds, zeros, pool_size, largest,
        panel_count, multiplications,
    )  # fmt: skip

