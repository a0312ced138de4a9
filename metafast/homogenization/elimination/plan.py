"""Static elimination plans: what the kernels do with every cell of a size, found once.

All cells of a size share one sparsity pattern: `dissection` cuts the pixels into blocks,
`numbering` says which block eliminates which displacements, `fronts` what is eliminated together;
here all of that becomes flat tables (section 3.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from metafast._base.typing import FloatArray, IntArray
from metafast.homogenization.elimination.dissection import Block, dissect
from metafast.homogenization.elimination.fronts import (
    ELEMENTS,
    MERGE,
    TABLE,
    Front,
    Lookup,
    build_fronts,
    elements_of,
    packed_size,
    place_complements,
)
from metafast.homogenization.elimination.leaves import (
    LeafKind,
    LeafTables,
    element_terms,
    table_leaf,
)
from metafast.homogenization.elimination.numbering import Grid, Kind, number_grid, seam_shares

(KIND, PIVOTS, SIZE, OUT, FIRST, SECOND, MAPS, PANEL, SYSTEM, LEAF, ELEMENT) = range(11)


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
        Unknown of each row of each front; jump s is ``unknowns + s``.
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
    grid = number_grid(rows, cols, kind, blocks)
    return _plan(build_fronts(blocks, grid, lookup), blocks, grid)


def _plan(fronts: list[Front], blocks: list[Block], grid: Grid) -> Plan:
    """Tables of the fronts, whose complements are given places in the pool."""
    zeros = max(f.size for f in fronts) + 2
    assembled = [packed_size(f.size) for f in fronts if f.kind == ELEMENTS]
    pool_size = place_complements(fronts, zeros + max([1, *assembled]))
    position = np.full(len(grid.rank), -1)
    records, maps, variables = [], [], []
    leaves = LeafTables()
    row_count = panel_count = largest = multiplications = 0
    for front in fronts:
        p, size = len(front.pivots), front.size
        names = np.concatenate([front.pivots, front.border])
        elements = elements_of(blocks[front.block], grid.cols)
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
            local, classes = grid.variables[front.system, elements], grid.classes[elements]
            if front.kind == TABLE:
                leaf = table_leaf(leaves, local, classes, elements, front.pivots, front.border)
            else:
                leaf = element_terms(leaves, local, classes, elements - elements[0], names)
                index[0], first = np.arange(size), zeros
        maps.append(index.ravel())
        records.append(
            (front.kind, p, size, front.out, first, second, row_count, panel_count, front.system,
             leaf, elements[0])
        )  # fmt: skip
        variables.append(names)
        row_count += size
        if front.kind != TABLE:
            largest = max(largest, size * p)
            panel_count += size * p
            multiplications += sum(m + m * (m + 1) // 2 for m in range(size - p, size))
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
        results=_results(fronts, grid.unknowns),
    )
    return Plan(
        (grid.rows, grid.cols), grid.unknowns, grid.node_unknowns,
        seam_shares(grid.rows, grid.cols, grid.kind),
        np.array([grid.cols, grid.rows, grid.rows], dtype=float), tables, leaves.kinds, zeros,
        pool_size, largest, panel_count, multiplications,
    )  # fmt: skip


def _results(fronts: list[Front], unknowns: int) -> IntArray:
    """Where the roots leave the entries of C: pool vector, row, column."""
    roots = set(range(len(fronts))) - {kid for front in fronts for kid in front.children}
    found = []
    for root in (fronts[f] for f in sorted(roots)):
        strains = (root.border - unknowns).tolist()
        for i, a in enumerate(strains):
            for j, b in enumerate(strains[: i + 1]):
                found.append((root.out + i * (i + 3) // 2 + 1 + j, a, b))
    return np.array(found)
