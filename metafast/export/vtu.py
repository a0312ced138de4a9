"""VTU files for ParaView: the solid pixels as quadrilaterals, with fields on nodes and pixels.

Arrays are appended as raw blocks, each compressed by zlib, after the XML that names them.
"""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from metafast._base.files import atomic_write
from metafast._base.typing import AnyArray, BoolArray, IntArray
from metafast.structure.supports import touched

_BLOCK = 1 << 20  # bytes that are compressed together
_LEVEL = 4
_QUAD = 9  # VTK's number of the cell type
_TYPES = {"f8": "Float64", "f4": "Float32", "i4": "Int32", "i8": "Int64", "u1": "UInt8"}


class Field(NamedTuple):
    """Values of a field, and the names of its components if it has several.

    Attributes
    ----------
    values : (n,) or (n, k) array
    components : tuple of str
    """

    values: AnyArray
    components: tuple[str, ...] = ()


class PixelMesh(NamedTuple):
    """Solid pixels as quadrilaterals.

    Attributes
    ----------
    nodes : (n, 2) int array
        Row and column of the nodes, row 0 at the top.
    quads : (e, 4) int array
        Nodes counterclockwise from the lower left.
    pixels : (e, 2) int array
        Row and column of the pixels.
    """

    nodes: IntArray
    quads: AnyArray
    pixels: IntArray


def pixel_mesh(solid: BoolArray) -> PixelMesh:
    """Quadrilaterals of the solid pixels (ny, nx), row by row."""
    used = touched(solid)
    number = np.full(used.shape, -1, dtype=np.int32)
    number[used] = np.arange(np.count_nonzero(used), dtype=np.int32)
    r, c = np.nonzero(solid)
    quads = np.stack([number[r + 1, c], number[r + 1, c + 1], number[r, c + 1], number[r, c]], 1)
    return PixelMesh(np.argwhere(used), quads, np.stack([r, c], axis=1))


def write_vtu(
    path: str | os.PathLike[str],
    points: AnyArray,
    quads: AnyArray,
    point_fields: Mapping[str, Field],
    cell_fields: Mapping[str, Field],
) -> None:
    """Write an unstructured grid of quadrilaterals; arrays keep their type.

    Parameters
    ----------
    path : path
    points : (n, 3) array
    quads : (e, 4) int array
    point_fields, cell_fields : mapping of str to Field

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    count = len(quads)
    offsets = np.arange(4, 4 * count + 1, 4, dtype=np.int64 if count > 5e8 else np.int32)
    sections = {
        "PointData": point_fields,
        "CellData": cell_fields,
        "Points": {"points": Field(points, ("x", "y", "z"))},
        "Cells": {
            "connectivity": Field(quads.ravel()),
            "offsets": Field(offsets),
            "types": Field(np.full(count, _QUAD, dtype=np.uint8)),
        },
    }
    order = "LittleEndian" if sys.byteorder == "little" else "BigEndian"
    lines = [
        '<?xml version="1.0"?>',
        f'<VTKFile type="UnstructuredGrid" version="1.0" byte_order="{order}" '
        'header_type="UInt64" compressor="vtkZLibDataCompressor">',
        f'<UnstructuredGrid><Piece NumberOfPoints="{len(points)}" NumberOfCells="{count}">',
    ]
    appended: list[bytes] = []
    place = 0
    for section, fields in sections.items():
        lines.append(f"<{section}>")
        for name, field in fields.items():
            data = _compressed(field.values)
            lines.append(_declared(name, field, place))
            appended.append(data)
            place += len(data)
        lines.append(f"</{section}>")
    lines += ["</Piece></UnstructuredGrid>", '<AppendedData encoding="raw">\n_']
    with atomic_write(path) as partial, partial.open("wb") as stream:
        stream.write("\n".join(lines).encode("ascii"))
        stream.writelines(appended)
        stream.write(b"\n</AppendedData>\n</VTKFile>\n")


def _declared(name: str, field: Field, place: int) -> str:
    """XML of an array that stands at a place of the appended data."""
    values = field.values
    text = f'<DataArray type="{_TYPES[values.dtype.str[1:]]}" Name="{name}"'
    if values.ndim == 2:
        text += f' NumberOfComponents="{values.shape[1]}"'
    for number, component in enumerate(field.components):
        text += f' ComponentName{number}="{component}"'
    return text + f' format="appended" offset="{place}"/>'


def _compressed(values: AnyArray) -> bytes:
    """Blocks of an array, after their number and sizes."""
    data = np.ascontiguousarray(values).reshape(-1).view(np.uint8).data
    blocks = [zlib.compress(data[k : k + _BLOCK], _LEVEL) for k in range(0, len(data), _BLOCK)]
    sizes = [len(blocks), _BLOCK, len(data) % _BLOCK, *map(len, blocks)]
    return b"".join([np.array(sizes, dtype=np.uint64).tobytes(), *blocks])
