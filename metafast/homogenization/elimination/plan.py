"""Static elimination plans, one for all cells of a size, as flat tables for the kernels.

All cells of a size share one sparsity pattern (section 3.2): `dissection` cuts the pixels into
blocks, `numbering` assigns the displacements to blocks, `fronts` collects those that are eliminated
together, `leaves` adds the elements.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from metafast._base.typing import FloatArray, IntArray
from metafast.homogenization.elimination.dissection import dissect
from metafast.homogenization.elimination.fronts import (
    ELEMENTS,
    TABLE,
    Front,
    Lookup,
    build_fronts,
    packed_size,
    place_complements,
)
from metafast.homogenization.elimination.leaves import LeafKind, LeafTables
from metafast.homogenization.elimination.numbering import Kind, number_grid, seam_shares
from metafast.homogenization.elimination.tables import Tables, build_tables, panel_sizes


@dataclass(frozen=True, eq=False)
class Plan:
    """One elimination.

    Attributes
    ----------
    shape : (rows, cols)
    unknowns : int
        Displacements of the numbered nodes; jump s is unknown ``unknowns + s``.
    node_unknowns : (rows + 1, cols + 1, 2)
        Unknown of each displacement at the corners of the pixels, before the jumps of the seam.
    seam : (rows + 1, cols + 1, 2, 3)
        Share of each jump in each of these displacements.
    lengths : (3,)
        Jump that a unit strain makes, in pixels.
    tables : Tables
    leaf_kinds : list of LeafKind
        Tables that a material has to provide, in order.
    zeros, pool_size : int
        Vectors of the pool, and those of them at its start that stay zero; scratch for assembled
        leaves follows them.
    largest_front : int
        Rows of the largest front.
    panel_size, panels_size : int
        Vectors of the largest panel, and of all panels together.
    multiplications : int
        Fused multiply-adds for one cell, for comparison with the processor's peak.
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
    largest_front: int
    panel_size: int
    panels_size: int
    multiplications: int


@lru_cache(maxsize=16)
def elimination_plan(rows: int, cols: int, kind: Kind, lookup: Lookup) -> Plan:
    """Plan for a grid of rows x cols pixels.

    Parameters
    ----------
    rows, cols : int
        Pixels of the whole cell ("periodic") or of its upper left quarter ("quarter").
    kind : {"quarter", "periodic"}
    lookup : {"all", "inner", "none"}
        Leaves that are looked up by their void/solid pattern; "inner" ones lie away from the left
        and upper side. The others are assembled from densities, and only these have displacements.
    """
    blocks = dissect(rows, cols, kind == "periodic")
    grid = number_grid(rows, cols, kind, blocks)
    fronts = build_fronts(blocks, grid, lookup)
    largest = max(front.size for front in fronts)
    zeros = largest + 2
    assembled = [packed_size(front.size) for front in fronts if front.kind == ELEMENTS]
    pool_size = place_complements(fronts, zeros + max([1, *assembled]))
    leaves = LeafTables()
    tables = build_tables(fronts, blocks, grid, leaves, scratch=zeros)
    panels = panel_sizes(fronts)
    return Plan(
        shape=(rows, cols),
        unknowns=grid.unknowns,
        node_unknowns=grid.node_unknowns,
        seam=seam_shares(rows, cols, kind),
        lengths=np.array([cols, rows, rows], dtype=float),
        tables=tables,
        leaf_kinds=leaves.kinds,
        zeros=zeros,
        pool_size=pool_size,
        largest_front=largest,
        panel_size=int(panels.max()),
        panels_size=int(panels.sum()),
        multiplications=sum(_multiplications(f) for f in fronts if f.kind != TABLE),
    )


def _multiplications(front: Front) -> int:
    """Fused multiply-adds that eliminate a front's pivots for one cell."""
    rows = range(len(front.border), front.size)
    return sum(m + m * (m + 1) // 2 for m in rows)
