"""Cells of SVG and DXF files: closed outlines as pixels, solid inside by the even-odd rule.

Shapes of an SVG file are painted one over the other as a browser does: those with a light filling
are holes, and if none is filled, all outlines together count by the even-odd rule. The picture is
the cell. The closed curves of a DXF file, or chains of lines and arcs that close, count together,
and their bounding box is the cell.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from metafast._base.typing import BoolArray, ByteArray
from metafast.database.reading.drawing import Drawing
from metafast.database.reading.dxf import read_dxf
from metafast.database.reading.options import MOST_PIXELS, ReadingOptions
from metafast.database.reading.scanlines import inside
from metafast.database.reading.svg import read_svg

OUTLINES = (".svg", ".dxf")
_PROPORTION = 0.01  # difference of width over height that is none


def read_outlines(path: Path, options: ReadingOptions) -> tuple[ByteArray, list[str]]:
    """A cell (h, w) of an SVG or DXF file, and what was taken for what.

    Raises
    ------
    ValueError
        If the file cannot be read, has no closed outline, or the package for it is missing.
    """
    drawing = read_svg(path) if path.suffix.lower() == ".svg" else read_dxf(path)
    left, top, right, bottom = drawing.frame
    scale = options.pixels / (right - left)
    rows = round((bottom - top) * scale)
    if not 1 <= rows <= MOST_PIXELS:
        raise ValueError(
            f"{path.name!r} is {right - left:g} wide and {bottom - top:g} high, which is no cell; "
            "draw one about as wide as high"
        )
    solid = _raster(drawing, (rows, options.pixels))
    if options.solid == "white":
        solid = ~solid
    return solid.astype(np.uint8), [] if drawing.note is None else [drawing.note]


def filled(path: Path, shape: tuple[int, int]) -> BoolArray:
    """Whether the centres of (rows, columns) equal parts of an SVG or DXF file are solid.

    Raises
    ------
    ValueError
        If the file cannot be read, has no closed outline or other proportions, or the package for
        it is missing.
    """
    if not path.is_file():
        raise ValueError(f"there is no file {path.name!r} beside the problem; check its path")
    drawing = read_svg(path) if path.suffix.lower() == ".svg" else read_dxf(path)
    left, top, right, bottom = drawing.frame
    width, height = right - left, bottom - top
    rows, columns = shape
    if abs(height * columns - width * rows) > _PROPORTION * width * rows:
        raise ValueError(
            f"{path.name!r} is {width / height:.4g} times as wide as high for {columns} x {rows} "
            "cells; the same proportions are needed"
        )
    return _raster(drawing, shape)


def _raster(drawing: Drawing, shape: tuple[int, int]) -> BoolArray:
    """Whether the centres of (rows, columns) equal parts of a drawing are solid."""
    left, top, right, bottom = drawing.frame
    scale = shape[1] / (right - left), shape[0] / (bottom - top)
    solid = np.zeros(shape, dtype=bool)
    for each in drawing.shapes:
        loops = [(loop - (left, top)) * scale for loop in each.loops]
        solid[inside(loops, shape)] = each.solid
    return solid
