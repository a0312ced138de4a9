"""DXF files of outlines: closed polylines in millimetres, holes in a layer of their own."""

from __future__ import annotations

import os

from metafast._base.extras import need
from metafast._base.files import atomic_write
from metafast.export.rings import Rings

OUTER_LAYER, HOLE_LAYER = "OUTLINES", "HOLES"


def write_dxf(path: str | os.PathLike[str], rings: Rings) -> None:
    """Write a DXF file (R2010) with one LWPOLYLINE for each outline.

    Raises
    ------
    ValueError
        If the file cannot be written or ezdxf is not installed.
    """
    library = need("ezdxf", "a DXF file")
    document = library.new("R2010", units=library.units.MM)
    document.layers.add(OUTER_LAYER, color=7)
    document.layers.add(HOLE_LAYER, color=1)
    space = document.modelspace()
    for number, hole in enumerate(rings.holes):
        layer = HOLE_LAYER if hole else OUTER_LAYER
        space.add_lwpolyline(rings.ring(number), close=True, dxfattribs={"layer": layer})
    with atomic_write(path) as partial:
        document.saveas(partial)
