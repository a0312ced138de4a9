"""Transposition between arrays with a row for each cell and vectors with a lane for each.

The last group of a batch is filled up with its last cell; only real cells are written back.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from metafast._base.jit import jit
from metafast.homogenization.lanes import DOUBLE, INDEX, LANES, vector_pointer


@jit()
def gather_pixels(cells, group, solid):
    """Pixels (cells, elements) of one group, four lanes of 16 bits to a word."""
    last = cells.shape[0] - 1
    for word in range(LANES // 4):
        first = group * LANES + 4 * word
        a, b = min(first, last), min(first + 1, last)
        c, d = min(first + 2, last), min(first + 3, last)
        for e in range(cells.shape[1]):
            low = np.int64(cells[a, e]) | np.int64(cells[b, e]) << 16
            solid[e, word] = low | np.int64(cells[c, e]) << 32 | np.int64(cells[d, e]) << 48


@jit()
def scatter_lanes(source, count, group, out):
    """Vectors [0, count) into rows of `out` (cells, count), one row for each lane's cell."""
    for v in range(min(LANES, out.shape[0] - group * LANES)):
        cell = group * LANES + v
        for k in range(count):
            out[cell, k] = source[k * LANES + v]


@jit()
def scatter_strains(source, count, group, out):
    """Vectors (count, 3) into rows of `out` (cells, 3 * count), strain by strain."""
    for v in range(min(LANES, out.shape[0] - group * LANES)):
        cell = group * LANES + v
        for s in range(3):
            for k in range(count):
                out[cell, s * count + k] = source[(3 * k + s) * LANES + v]


@jit()
def gather_lanes(values, group, out):
    """Rows (cells, count) of one group into vectors; the last cell fills up."""
    last = values.shape[0] - 1
    for v in range(LANES):
        cell = min(group * LANES + v, last)
        for k in range(values.shape[1]):
            out[k * LANES + v] = values[cell, k]


@intrinsic
def transpose_rows(
    _context: Any, _table: Any, _rows: Any, _stop: Any, _out: Any, _places: Any
) -> Any:
    """The first `stop` columns of a table row for each lane, as vectors.

    ``table[rows[v] + k]`` becomes lane v of the vector ``out[places[k]]``; `rows` int64 in doubles,
    `places` int16 in vectors, `stop` a multiple of the lanes above zero.
    """

    def code(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        table, rows, stop, out, places = args
        b = builder
        row_pointer = b.inttoptr(rows, INDEX.as_pointer())
        place_pointer = b.inttoptr(places, ir.IntType(16).as_pointer())
        starts = []
        for v in range(LANES):
            row = b.load(b.gep(row_pointer, [ir.Constant(INDEX, v)]))
            starts.append(b.add(table, b.mul(row, ir.Constant(INDEX, 8))))
        before, loop = b.block, b.append_basic_block("columns")
        done = b.append_basic_block("done")
        b.branch(loop)
        b.position_at_end(loop)
        column = b.phi(INDEX)
        column.add_incoming(ir.Constant(INDEX, 0), before)
        for k, vector in enumerate(_transposed(b, starts, column)):
            index = b.gep(place_pointer, [b.add(column, ir.Constant(INDEX, k))])
            place = b.mul(b.sext(b.load(index), INDEX), ir.Constant(INDEX, LANES))
            b.store(vector, vector_pointer(b, out, place), align=8)
        following = b.add(column, ir.Constant(INDEX, LANES))
        column.add_incoming(following, loop)
        b.cbranch(b.icmp_signed("<", following, stop), loop, done)
        b.position_at_end(done)
        return context.get_dummy_value()

    return types.void(*(types.int64,) * 5), code


def _transposed(builder: Any, starts: list[Any], column: Any) -> list[Any]:
    """Columns [column, column + LANES) of the rows that begin at the addresses `starts`.

    Halves of two rows are loaded side by side, then lanes are exchanged over half the distance,
    down to neighbours.
    """
    b, half = builder, LANES // 2
    vectors = []
    for v in range(LANES):
        k = b.add(column, ir.Constant(INDEX, v // half * half))
        parts = []
        for lane in (v % half, v % half + half):
            pointer = vector_pointer(b, starts[lane], k)
            kind = ir.VectorType(DOUBLE, half).as_pointer()
            parts.append(b.load(b.bitcast(pointer, kind), align=8))
        vectors.append(b.shuffle_vector(*parts, _mask(list(range(LANES)))))
    step = half // 2
    while step:
        keep = [v if not v & step else v - step + LANES for v in range(LANES)]
        move = [v + step if not v & step else v + LANES for v in range(LANES)]
        for v in range(LANES):
            if not v & step:
                pair = vectors[v], vectors[v + step]
                vectors[v] = b.shuffle_vector(*pair, _mask(keep))
                vectors[v + step] = b.shuffle_vector(*pair, _mask(move))
        step //= 2
    return vectors


def _mask(lanes: list[int]) -> Any:
    return ir.Constant(ir.VectorType(ir.IntType(32), LANES), lanes)
