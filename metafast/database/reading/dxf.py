"""DXF files as drawings of a cell, by the package ezdxf."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from metafast._base.extras import need
from metafast._base.typing import FloatArray
from metafast.database.reading.drawing import Drawing, Shape, box_of, closed_loops, unreadable

_FLAT = 1e-3  # of the size of a curve, by which straight pieces may leave it
_FILLINGS = ("HATCH", "MPOLYGON")


def read_dxf(path: Path) -> Drawing:
    """The closed curves of a DXF file; fillings alone, if there are any.

    Raises
    ------
    ValueError
        If the file is damaged or has no closed curves, or ezdxf is not installed.
    """
    library = need("ezdxf", "a DXF file")
    need("ezdxf.path", "a DXF file")
    need("ezdxf.disassemble", "a DXF file")
    try:
        space = library.readfile(path).modelspace()
        drawn = list(library.disassemble.recursive_decompose(space))
        fillings = [each for each in drawn if each.dxftype() in _FILLINGS]
        curves = [curve for each in fillings or drawn for curve in _curves(library, each)]
    except Exception as error:  # of damaged files the parser raises whatever it stumbles on
        raise unreadable(path, "DXF", error) from None
    loops = closed_loops(curves, path.name)
    return Drawing([Shape(loops, True)], box_of(loops), f"the box around {path.name!r} is a cell")


def _curves(library: Any, entity: Any) -> list[FloatArray]:
    """Points (m, 2) along the curves of an entity, y downward; none of text and the like."""
    try:
        if entity.dxftype() in _FILLINGS:
            paths = list(library.path.from_hatch(entity))
        else:
            paths = [library.path.make_path(entity)]
    except TypeError:
        return []
    found = []
    for each in (part for path in paths for part in path.sub_paths()):
        corners = [(p.x, p.y) for p in each.control_vertices()]
        size = float(np.ptp(corners, axis=0).max()) if corners else 0.0
        if size > 0.0:
            points = [(p.x, -p.y) for p in each.flattening(_FLAT * size)]
            if each.is_closed and points[0] != points[-1]:
                points.append(points[0])
            found.append(np.array(points))
    return found
