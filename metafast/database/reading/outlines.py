"""Cells of SVG and DXF files: closed outlines as pixels, solid inside by the even-odd rule.

Shapes of an SVG file are painted one over the other as a browser does: those with a light filling
are holes, and if none is filled, all outlines together count by the even-odd rule. The picture is
the cell. The closed curves of a DXF file, or chains of lines and arcs that close, count together,
and their bounding box is the cell.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from metafast._base.typing import ByteArray
from metafast.database.reading.dxf import read_dxf
from metafast.database.reading.options import MOST_PIXELS, ReadingOptions
from metafast.database.reading.scanlines import inside
from metafast.database.reading.svg import read_svg

OUTLINES = (".svg", ".dxf")


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
    solid = np.zeros((rows, options.pixels), dtype=bool)
    for shape in drawing.shapes:
        loops = [(loop - (left, top)) * (scale, rows / (bottom - top)) for loop in shape.loops]
        solid[inside(loops, solid.shape)] = shape.solid
    if options.solid == "white":
        solid = ~solid
    return solid.astype(np.uint8), [] if drawing.note is None else [drawing.note]
