"""Vectors of float64 lanes as a numba value type, one cell in each lane, lowered to LLVM vectors.

Loops over a trailing axis compile to scalar arithmetic, so the kernels name their vectors. A vector
is one register: eight lanes with AVX-512, else four (AVX2; two registers of NEON). Every lane does
the same operations in the same order for any width, so the width does not change a result.

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

from metafast._base.typing import FloatArray


def _host_lanes() -> int:
    forced = os.environ.get("METAFAST_LANES")  # for tests of the other width; switches caching off
    if forced is not None:
        if forced not in ("4", "8"):
            raise ImportError(f"METAFAST_LANES is {forced!r}; 4 or 8 is needed, or leave it unset")
        return int(forced)
    return 8 if binding.get_host_cpu_features().get("avx512f", False) else 4


LANES = _host_lanes()
# rows x columns of vectors that stay in registers together with one row of either factor
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
    """Uninitialised float64 array (workers, vectors * LANES) whose rows share no cache line."""
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
def broadcast(_context: Any, _value: Any) -> Any:
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


def _binary(operation: str) -> Any:
    @intrinsic
    def function(_context: Any, _a: Any, _b: Any) -> Any:
        def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            return getattr(builder, operation)(*args)

        return lanes_type(lanes_type, lanes_type), code

    return function


add = _binary("fadd")
mul = _binary("fmul")
