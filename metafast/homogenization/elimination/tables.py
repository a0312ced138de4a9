"""Flat tables of an elimination plan, from its fronts and leaves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metafast._base.typing import IntArray
from metafast.homogenization.elimination.dissection import Block
from metafast.homogenization.elimination.fronts import MERGE, TABLE, Front, elements_of
from metafast.homogenization.elimination.leaves import LeafTables, element_terms, table_leaf
from metafast.homogenization.elimination.numbering import Grid

# columns of `Tables.fronts`
(KIND, PIVOTS, SIZE, OUT, FIRST, SECOND, MAPS, PANEL, SYSTEM, LEAF, ELEMENT) = range(11)


class Tables(NamedTuple):
    """Tables that the kernels read; the legend of `kernels.tiles` explains maps, panel and pool.

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


def build_tables(
    fronts: list[Front], blocks: list[Block], grid: Grid, leaves: LeafTables, scratch: int
) -> Tables:
    """Tables of fronts whose complements have their places in the pool.

    Leaves are added to `leaves`; those that are assembled go to the pool's vectors from `scratch`.
    """
    sources = _sources(fronts, blocks, grid, leaves, scratch)
    none = np.zeros(0, np.int64)
    return Tables(
        fronts=_records(fronts, sources),
        maps=np.concatenate([source.rows.ravel() for source in sources]).astype(np.int16),
        variables=np.concatenate([names for f in fronts for names in (f.pivots, f.border)]),
        leaf_starts=np.array(leaves.starts, dtype=np.int64).reshape(-1, 5),
        places=np.concatenate([*leaves.places, none]).astype(np.int16),
        pixels=np.array(leaves.pixels, dtype=np.int64).reshape(-1, 9),
        terms_start=np.concatenate([*leaves.terms_start, none]),
        term_element=np.concatenate([*leaves.term_element, none]),
        term_entry=np.concatenate([*leaves.term_entry, none]),
        results=_results(fronts, grid.unknowns),
    )


def panel_sizes(fronts: list[Front]) -> IntArray:
    """Vectors in the panel of each front; leaves that are looked up have none."""
    return np.array([0 if f.kind == TABLE else f.size * len(f.pivots) for f in fronts])


class _Source(NamedTuple):
    """Origin of a front's entries.

    `rows` (2, size) are its rows in the complement of the first and the second child, `first` and
    `second` the places of these; a leaf that is assembled is read from scratch like a first child.
    """

    rows: IntArray
    first: int = 0
    second: int = 0
    leaf: int = -1
    element: int = 0


def _sources(
    fronts: list[Front], blocks: list[Block], grid: Grid, leaves: LeafTables, scratch: int
) -> list[_Source]:
    """Origins of the entries of all fronts; leaves are added to `leaves`."""
    position = np.full(len(grid.rank), -1)  # of each unknown in a child's border
    sources = []
    for front in fronts:
        elements = elements_of(blocks[front.block], grid.cols)
        if front.kind == MERGE:
            source = _merged(front, fronts, position)
        else:
            source = _leaf(front, elements, grid, leaves, scratch)
        sources.append(source._replace(element=int(elements[0])))
    return sources


def _merged(front: Front, fronts: list[Front], position: IntArray) -> _Source:
    """Rows of a front in its children's complements; `position` is -1 before and afterwards."""
    names = np.concatenate([front.pivots, front.border])
    rows = np.full((2, front.size), -1)
    for k, child in enumerate(front.children):
        border = fronts[child].border
        position[border] = np.arange(len(border))
        rows[k] = position[names]
        position[border] = -1
    places = [fronts[child].out for child in front.children]
    return _Source(rows, places[0], places[-1])


def _leaf(
    front: Front, elements: IntArray, grid: Grid, leaves: LeafTables, scratch: int
) -> _Source:
    """A leaf in the tables, looked up or assembled into the pool's scratch."""
    variables, classes = grid.variables[front.system, elements], grid.classes[elements]
    rows = np.full((2, front.size), -1)
    if front.kind == TABLE:
        leaf = table_leaf(leaves, variables, classes, elements, front.pivots, front.border)
        return _Source(rows, leaf=leaf)
    names = np.concatenate([front.pivots, front.border])
    rows[0] = np.arange(front.size)
    leaf = element_terms(leaves, variables, classes, elements - elements[0], names)
    return _Source(rows, first=scratch, leaf=leaf)


def _records(fronts: list[Front], sources: list[_Source]) -> IntArray:
    """Rows (f, 11) of `Tables.fronts`."""
    sizes, panels = np.array([front.size for front in fronts]), panel_sizes(fronts)
    records = np.empty((len(fronts), 11), dtype=np.int64)
    records[:, MAPS] = np.cumsum(sizes) - sizes
    records[:, PANEL] = np.cumsum(panels) - panels
    for record, front, source in zip(records, fronts, sources, strict=True):
        record[[KIND, SYSTEM, OUT]] = front.kind, front.system, front.out
        record[[PIVOTS, SIZE]] = len(front.pivots), front.size
        record[[FIRST, SECOND]] = source.first, source.second
        record[[LEAF, ELEMENT]] = source.leaf, source.element
    return records


def _results(fronts: list[Front], unknowns: int) -> IntArray:
    """Entries of C in the complements of the roots: pool vector, row, column."""
    roots = set(range(len(fronts))) - {kid for front in fronts for kid in front.children}
    entries = []
    for root in (fronts[f] for f in sorted(roots)):
        strains = (root.border - unknowns).tolist()
        for i, a in enumerate(strains):
            for j, b in enumerate(strains[: i + 1]):
                entries.append((root.out + i * (i + 3) // 2 + 1 + j, a, b))
    return np.array(entries)
