"""A numba value type of eight float64 lanes, lowered to LLVM ``<8 x double>``.

Loops over a trailing axis of length eight compile to scalar arithmetic, so the kernels name their
vectors. LLVM splits the type into what the machine has: one AVX-512 register, two AVX, four NEON.

Arrays are flat float64; index ``i`` counts groups of eight, so lane v of group i is element
``8*i + v``. Nothing is checked: callers size their buffers from static plan tables.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.core.datamodel import models
from numba.extending import intrinsic, register_model

from metafast.homogenization.plan import LANES

_VECTOR = ir.VectorType(ir.DoubleType(), LANES)


class _Lanes(types.Type):
    def __init__(self) -> None:
        super().__init__(name="metafast_float64x8")


_lanes = _Lanes()


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, fe_type: Any) -> None:
        super().__init__(manager, fe_type, _VECTOR)


def _address(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    offset = builder.mul(index, ir.Constant(index.type, LANES))
    return builder.bitcast(builder.gep(data, [offset]), _VECTOR.as_pointer())


def _llvm(builder: Any, name: str, arguments: int) -> Any:
    known = builder.module.globals.get(name)
    return known or ir.Function(
        builder.module, ir.FunctionType(_VECTOR, [_VECTOR] * arguments), name
    )


@intrinsic
def load(_context: Any, array: Any, index: Any) -> Any:
    """Group `index` of the flat `array`."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _address(context, builder, signature.args[0], args[0], args[1])
        return builder.load(pointer, align=8)

    return _lanes(array, types.int64), code


@intrinsic
def store(_context: Any, array: Any, index: Any, _value: Any) -> Any:
    """Write `value` to group `index` of the flat `array`."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _address(context, builder, signature.args[0], args[0], args[1])
        builder.store(args[2], pointer, align=8)
        return context.get_dummy_value()

    return types.void(array, types.int64, _lanes), code


@intrinsic
def spread(_context: Any, _value: Any) -> Any:
    """The same scalar in every lane."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        undefined = ir.Constant(_VECTOR, ir.Undefined)
        first = builder.insert_element(undefined, args[0], ir.Constant(ir.IntType(32), 0))
        mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return builder.shuffle_vector(first, undefined, mask)

    return _lanes(types.float64), code


@intrinsic
def fma(_context: Any, _a: Any, _b: Any, _c: Any) -> Any:
    """``a*b + c`` with one rounding."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.call(_llvm(builder, "llvm.fma.v8f64", 3), args)

    return _lanes(_lanes, _lanes, _lanes), code


@intrinsic
def fnma(_context: Any, _a: Any, _b: Any, _c: Any) -> Any:
    """``c - a*b`` with one rounding."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        negative = builder.fneg(args[0])
        return builder.call(_llvm(builder, "llvm.fma.v8f64", 3), [negative, args[1], args[2]])

    return _lanes(_lanes, _lanes, _lanes), code


def _binary(operation: str) -> Any:
    @intrinsic
    def function(_context: Any, _a: Any, _b: Any) -> Any:
        def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            return getattr(builder, operation)(*args)

        return _lanes(_lanes, _lanes), code

    return function


add = _binary("fadd")
mul = _binary("fmul")
div = _binary("fdiv")


@intrinsic
def sqrt(_context: Any, _a: Any) -> Any:
    """Square root of every lane."""

    def code(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.call(_llvm(builder, "llvm.sqrt.v8f64", 1), args)

    return _lanes(_lanes), code
