"""A numba value type of float64 lanes, one cell in each, lowered to an LLVM vector.

Loops over a trailing axis compile to scalar arithmetic, so the kernels name their vectors. A vector
is one register: eight lanes with AVX-512, else four (AVX2; two registers of NEON). Every lane does
the same operations in the same order whatever the width, so the width does not change a result.

Memory is addressed as ``load(p, i)``: `p` from `address(array)`, `i` counts vectors. Nothing is
checked: callers size their buffers from static plans.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba.core import types
from numba.core.datamodel import models
from numba.extending import intrinsic, register_model

from metafast._typing import FloatArray


def _host_lanes() -> int:
    forced = os.environ.get("METAFAST_LANES")  # for tests of the other width; switches caching off
    if forced is not None:
        if forced not in ("4", "8"):
            raise ImportError(f"METAFAST_LANES is {forced!r}; 4 or 8 is needed, or leave it unset")
        return int(forced)
    return 8 if binding.get_host_cpu_features().get("avx512f", False) else 4


LANES = _host_lanes()
# the rows x columns of vectors that stay in registers, beside one row of either factor
TILE_ROWS, TILE_COLUMNS = (4, 3) if LANES == 4 else (4, 4)

DOUBLE, INDEX = ir.DoubleType(), ir.IntType(64)
VECTOR = ir.VectorType(DOUBLE, LANES)


class _Lanes(types.Type):
    def __init__(self) -> None:
        super().__init__(name=f"metafast_float64x{LANES}")


lanes_type = _Lanes()


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, fe_type: Any) -> None:
        super().__init__(manager, fe_type, VECTOR)


def aligned_empty(workers: int, vectors: int) -> FloatArray:
    """Uninitialised float64 (workers, vectors * LANES), every row on a cache line of its own."""
    line = 8
    columns = -(-vectors * LANES // line) * line
    buffer = np.empty(workers * columns + line)
    skip = -(buffer.ctypes.data // 8) % line
    return buffer[skip : skip + workers * columns].reshape(workers, columns)


def llvm_function(builder: Any, name: str, arguments: int) -> Any:
    """The LLVM intrinsic ``name.v<LANES>f64`` of vectors."""
    full = f"{name}.v{LANES}f64"
    known = builder.module.globals.get(full)
    return known or ir.Function(builder.module, ir.FunctionType(VECTOR, [VECTOR] * arguments), full)


def vector_pointer(builder: Any, base: Any, offset: Any) -> Any:
    """Pointer to the vector at `offset`, in doubles, from the address `base`."""
    first = builder.inttoptr(base, DOUBLE.as_pointer())
    return builder.bitcast(builder.gep(first, [offset]), VECTOR.as_pointer())


@intrinsic
def address(_context: Any, array: Any) -> Any:
    """Address of the first entry of a contiguous array, which the caller keeps alive."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.ptrtoint(data, INDEX)

    return types.int64(array), code


@intrinsic
def load(_context: Any, _base: Any, _index: Any) -> Any:
    """Vector `index` from the address `base`."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        offset = builder.mul(args[1], ir.Constant(INDEX, LANES))
        return builder.load(vector_pointer(builder, args[0], offset), align=8)

    return lanes_type(types.int64, types.int64), code


@intrinsic
def store(_context: Any, _base: Any, _index: Any, _value: Any) -> Any:
    """Write `value` as vector `index` from the address `base`."""

    def code(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        offset = builder.mul(args[1], ir.Constant(INDEX, LANES))
        builder.store(args[2], vector_pointer(builder, args[0], offset), align=8)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, lanes_type), code


@intrinsic
def spread(_context: Any, _value: Any) -> Any:
    """The same scalar in every lane."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        undefined = ir.Constant(VECTOR, ir.Undefined)
        first = builder.insert_element(undefined, args[0], ir.Constant(ir.IntType(32), 0))
        mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return builder.shuffle_vector(first, undefined, mask)

    return lanes_type(types.float64), code


@intrinsic
def fma(_context: Any, _a: Any, _b: Any, _c: Any) -> Any:
    """``a*b + c`` with one rounding."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.call(llvm_function(builder, "llvm.fma", 3), args)

    return lanes_type(lanes_type, lanes_type, lanes_type), code


@intrinsic
def fnma(_context: Any, _a: Any, _b: Any, _c: Any) -> Any:
    """``c - a*b`` with one rounding."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        negative = builder.fneg(args[0])
        return builder.call(llvm_function(builder, "llvm.fma", 3), [negative, args[1], args[2]])

    return lanes_type(lanes_type, lanes_type, lanes_type), code


def _binary(operation: str) -> Any:
    @intrinsic
    def function(_context: Any, _a: Any, _b: Any) -> Any:
        def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            return getattr(builder, operation)(*args)

        return lanes_type(lanes_type, lanes_type), code

    return function


add = _binary("fadd")
mul = _binary("fmul")


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
