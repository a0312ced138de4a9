"""Multifrontal elimination of a group of cells at a time, one in each lane (section 3.2).

The homogenized stiffness is the Schur complement that remains when all displacements but the jumps
of the seam are eliminated. `elimination.plan` has the order of the fronts, `sweeps` the work on one
front. For the stiffness alone only complements are kept, no factor.

Legend (addresses, see `lanes`, `tiles`)
    pool    (pool_size) vectors: zero row, scratch of assembled leaves, complements
    panels  vectors: the panel of the current front, or one after the other when kept
    rho     (phases, elements) vectors: share of each material in each element of assembled leaves
    solid   (elements, LANES / 4) int64: pixels of the group, sixteen bits for each lane
    ke      (phases, 4 * 66) lower triangles of the four classes of element matrices
    table   complements of all patterns of all leaves, see `leaves`
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import prange
from numba.core import types
from numba.extending import intrinsic

from metafast._base.jit import function_address, jit
from metafast._base.typing import FloatArray
from metafast.homogenization.elimination import fronts
from metafast.homogenization.elimination import tables as column
from metafast.homogenization.kernels.sweeps import complement_columns, panel_diagonal, panel_rows
from metafast.homogenization.kernels.transpose import gather_pixels, transpose_rows
from metafast.homogenization.lanes import (
    INDEX,
    LANES,
    TILE_COLUMNS,
    TILE_ROWS,
    address,
    broadcast,
    fma,
    load,
    store,
)

_WHOLE_TILES = TILE_ROWS * TILE_COLUMNS  # columns that hold whole tiles of either side
_CACHE_VECTORS = 131072 // (8 * LANES)  # panel rows of one strip of columns of the complement
_FRONT = types.void(*(types.int64,) * 8)  # signature of `eliminate`


@jit()
def eliminate(pool, panel, maps, pivots, size, out, first, second):
    """Partial Cholesky factorisation of one front from its children's complements."""
    panel_diagonal(pool, panel, maps, pivots, size, out, first, second, 0, pivots)
    panel_rows(pool, panel, maps, pivots, size, out, first, second, pivots, size)
    width = max(_CACHE_VECTORS // max(pivots, 1) // _WHOLE_TILES, 1) * _WHOLE_TILES
    for start in range(pivots, size, width):
        end = min(start + width, size)
        complement_columns(pool, panel, maps, pivots, size, out, first, second, start, end)
    lead_with_zeros(pool, out, size - pivots)


@cache
def eliminate_address() -> int:
    """Address of `eliminate`, which is most of the code and would be compiled into every kernel."""
    return function_address(eliminate, _FRONT)


@intrinsic
def call_eliminate(
    _context: Any, _address: Any, _pool: Any, _panel: Any, _maps: Any, _pivots: Any, _size: Any,
    _out: Any, _first: Any, _second: Any,
) -> Any:  # fmt: skip
    """Call `eliminate` by its address."""

    def code(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(context.get_value_type(types.none), [INDEX] * 8)
        builder.call(builder.inttoptr(args[0], kind.as_pointer()), args[1:])
        return context.get_dummy_value()

    return types.void(types.int64, *_FRONT.args), code


class Elimination(NamedTuple):
    """What every group of cells is eliminated with, in addition to the tables of the plan.

    Attributes
    ----------
    table : complements of the leaves that are looked up, see `leaf_tables`
    ke : (phases, 4 * 66) entries of the element matrices of leaves that are assembled
    zeros : vectors at the start of the pool that stay zero; scratch of assembled leaves follows
    keep : whether panels are kept for back-substitution
    eliminate : address of `eliminate`
    """

    table: FloatArray
    ke: FloatArray
    zeros: int
    keep: bool
    eliminate: int


@jit()
def lead_with_zeros(pool, out, rows):
    """The zero in front of each row of a packed triangle."""
    place = out
    for row in range(rows):
        store(pool, place, broadcast(0.0))
        place += row + 2


@jit(inline="always")
def look_up(pool, solid, table, tables, leaf, out, rows):
    """Complement of a leaf from the table of its kind, for the pattern in each lane."""
    start, stride, count = (
        tables.leaf_starts[leaf, 0],
        tables.leaf_starts[leaf, 1],
        tables.leaf_starts[leaf, 2],
    )
    for word in range(LANES // 4):
        patterns = np.int64(0)
        for k in range(count):
            patterns |= solid[tables.pixels[leaf, k], word] << k
        for v in range(4):
            rows[4 * word + v] = start + ((patterns >> (16 * v)) & 0xFFFF) * stride
    places = address(tables.places) + 2 * tables.leaf_starts[leaf, 3]
    transpose_rows(address(table), address(rows), stride, pool + 8 * LANES * out, places)
    lead_with_zeros(pool, out, tables.leaf_starts[leaf, 4])


@jit()
def assemble_leaf(pool, scratch, rho, elements, ke, tables, leaf, element, size):
    """A leaf's front from its elements, all phases, packed like a complement."""
    place, entry = scratch, leaf
    for row in range(size):
        store(pool, place, broadcast(0.0))
        place += 1
        for _ in range(row + 1):
            total = broadcast(0.0)
            for t in range(tables.terms_start[entry], tables.terms_start[entry + 1]):
                place_of_share = element + tables.term_element[t]
                for phase in range(ke.shape[0]):
                    share = load(rho, phase * elements + place_of_share)
                    total = fma(share, broadcast(ke[phase, tables.term_entry[t]]), total)
            store(pool, place, total)
            place += 1
            entry += 1


@jit()
def forward(pool, panels, rho, elements, solid, tables, elimination, rows):
    """Eliminate all fronts of one group of cells; `rows` is room for an index in each lane."""
    maps, records = address(tables.maps), tables.fronts
    for f in range(records.shape[0]):
        kind, out, leaf = records[f, column.KIND], records[f, column.OUT], records[f, column.LEAF]
        pivots, size = records[f, column.PIVOTS], records[f, column.SIZE]
        if kind == fronts.TABLE:
            look_up(pool, solid, elimination.table, tables, leaf, out, rows)
            continue
        if kind == fronts.ELEMENTS:
            element = records[f, column.ELEMENT]
            assemble_leaf(
                pool, elimination.zeros, rho, elements, elimination.ke, tables, leaf, element, size
            )
        panel = panels
        if elimination.keep:
            panel = panels + 8 * LANES * records[f, column.PANEL]
        call_eliminate(
            elimination.eliminate, pool, panel, maps + 4 * records[f, column.MAPS], pivots, size,
            out, records[f, column.FIRST], records[f, column.SECOND],
        )  # fmt: skip


@jit()
def take_results(pool, tables, group, out):
    """Write the complements of the roots of one group to `out` (cells, 3, 3)."""
    for r in range(tables.results.shape[0]):
        i, j = tables.results[r, 1], tables.results[r, 2]
        place = tables.results[r, 0] * LANES
        for v in range(min(LANES, out.shape[0] - group * LANES)):
            out[group * LANES + v, i, j] = pool[place + v]
            out[group * LANES + v, j, i] = pool[place + v]


@jit(parallel=True)
def effective_stiffness(cells, tables, elimination, pools, panels, out):
    """Stiffness `out` (cells, 3, 3) of the jumps.

    `cells` (cells, elements) uint8; `pools`, `panels` have a row for each worker.
    """
    workers = pools.shape[0]
    groups = -(-cells.shape[0] // LANES)
    elements = cells.shape[1]
    for worker in prange(workers):
        solid = np.empty((elements, LANES // 4), dtype=np.int64)
        rows = np.empty(LANES, dtype=np.int64)
        pool, panel = address(pools[worker]), address(panels[worker])
        for k in range(elimination.zeros):
            store(pool, k, broadcast(0.0))
        for group in range(worker, groups, workers):
            gather_pixels(cells, group, solid)
            forward(pool, panel, pool, elements, solid, tables, elimination, rows)
            take_results(pools[worker], tables, group, out)
