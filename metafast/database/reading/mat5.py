"""Variables of MATLAB files of version 5 (MAT-File Format, MathWorks), checked while they are read.

A file is a header of 128 bytes and a sequence of elements: a tag with type and length, and data,
filled up to 8 bytes. A matrix is an element of elements: flags, sizes, name, and numbers by column;
a cell array has matrices in place of numbers. Compressed elements hold one matrix. Every length is
compared to what is there before it is used, since damaged files end other readers' processes.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csc_array

from metafast._base.memory import available_memory
from metafast._base.typing import AnyArray
from metafast.database.reading.named_arrays import TooLargeError

_HEADER = 128
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8",
            13: "u8"}  # fmt: skip
_MATRIX, _COMPRESSED = 14, 15
_CELL, _SPARSE, _FIRST_NUMERIC, _LAST_NUMERIC = 1, 5, 6, 15  # classes
_COMPLEX = 0x08
_DEEPEST = 4  # cell arrays in cell arrays


class _Element(NamedTuple):
    """Type and data of an element."""

    kind: int
    data: memoryview


def read_version_5(data: bytes) -> dict[str, Any]:
    """Variables by name: arrays, and cell arrays as lists; None for anything else.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
    if len(data) < _HEADER or order is None:
        raise ValueError("its header is no MATLAB file's")
    found: dict[str, Any] = {}
    for element in _elements(memoryview(data)[_HEADER:], order):
        inner = element
        if element.kind == _COMPRESSED:
            (inner,) = _elements(memoryview(_unpacked(element.data)), order)
        if inner.kind != _MATRIX:
            raise ValueError(f"an element of type {inner.kind} stands where a variable should")
        name, values = _matrix(inner.data, order, _DEEPEST)
        found[name] = values
    return found


def _elements(data: memoryview, order: str) -> Iterator[_Element]:
    """Elements one after the other."""
    at = 0
    while at < len(data):
        if len(data) - at < 8:
            raise ValueError("it ends within a tag")
        first, length = (int(x) for x in np.frombuffer(data[at : at + 8], f"{order}u4"))
        if first >> 16:  # a small element: length, type and data in 8 bytes
            kind, length, start, stop = first & 0xFFFF, first >> 16, at + 4, at + 8
            if length > 4:
                raise ValueError(f"a small element has {length} bytes")
        else:
            kind, start = first, at + 8
            stop = start + length
            stop += -length % 8 if kind != _COMPRESSED else 0
        if start + length > len(data):
            raise ValueError(f"an element of {length} bytes goes beyond its end")
        yield _Element(kind, data[start : start + length])
        at = stop


def _unpacked(data: memoryview) -> bytes:
    """Bytes of a compressed element."""
    most = available_memory() or 2**40
    engine = zlib.decompressobj()
    unpacked = engine.decompress(data, most)
    if engine.unconsumed_tail:
        raise TooLargeError(f"an array of a .mat file takes more than {most / 2**30:.1f} GiB")
    if not engine.eof:
        raise ValueError("a compressed variable is incomplete")
    return unpacked


def _matrix(data: memoryview, order: str, deep: int) -> tuple[str, Any]:
    """Name and values of a matrix; None for structs, objects, text and complex numbers."""
    parts = _elements(data, order)
    flags = _numbers(next(parts, None), order)
    if len(flags) != 2:
        raise ValueError("a variable has no flags")
    kind, flag = int(flags[0]) & 0xFF, int(flags[0]) >> 8 & 0xFF
    known = kind in (_CELL, _SPARSE) or _FIRST_NUMERIC <= kind <= _LAST_NUMERIC
    if not known and kind > _LAST_NUMERIC + 1:  # opaque objects have no sizes
        return "", None
    shape = tuple(int(x) for x in _numbers(next(parts, None), order))
    name = next(parts, _Element(0, memoryview(b""))).data.tobytes().decode("ascii", "replace")
    if len(shape) < 2 or min(shape) < 0:
        raise ValueError(f"variable {name!r} has sizes {shape}")
    if not known or flag & _COMPLEX:
        return name, None
    if kind == _CELL:
        return name, _cells(list(parts), math.prod(shape), order, deep)
    values = [_numbers(each, order) for each in parts]
    if kind == _SPARSE:
        return name, _sparse(values, shape)
    if len(values) != 1 or values[0].size != math.prod(shape):
        raise ValueError(f"variable {name!r} has sizes {shape}, which its numbers do not fill")
    return name, values[0].reshape(shape, order="F")


def _cells(parts: list[_Element], count: int, order: str, deep: int) -> list[Any]:
    """Values of the matrices in a cell array."""
    if len(parts) != count or any(part.kind != _MATRIX for part in parts) or not deep:
        raise ValueError(f"a cell array of {count} holds {len(parts)} elements")
    return [_matrix(part.data, order, deep - 1)[1] for part in parts]


def _numbers(element: _Element | None, order: str) -> AnyArray:
    """Numbers of an element."""
    if element is None or element.kind not in _NUMBERS:
        raise ValueError("numbers are missing")
    dtype = np.dtype(order + _NUMBERS[element.kind])
    if len(element.data) % dtype.itemsize:
        raise ValueError("numbers are incomplete")
    return np.frombuffer(element.data, dtype).astype(dtype.newbyteorder("="))


def _sparse(values: list[AnyArray], shape: tuple[int, ...]) -> Any:
    """A sparse matrix of rows, starts of columns and numbers."""
    if len(values) != 3 or len(shape) != 2:
        raise ValueError("a sparse matrix is incomplete")
    rows, starts, numbers = values
    right = len(starts) == shape[1] + 1 and starts[0] == 0 and (np.diff(starts) >= 0).all()
    count = int(starts[-1]) if right else -1
    if not right or count > min(len(rows), len(numbers)):
        raise ValueError("a sparse matrix has wrong columns")
    if count and not 0 <= rows[:count].min() <= rows[:count].max() < shape[0]:
        raise ValueError("a sparse matrix has wrong rows")
    return csc_array((numbers[:count], rows[:count], starts), shape=shape)
