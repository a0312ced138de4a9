"""SVG files as drawings of a cell, by the package svgelements."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from metafast._base.extras import need
from metafast._base.greys import DARK, LIGHT
from metafast._base.typing import FloatArray
from metafast.database.reading.drawing import Drawing, Shape, box_of, closed_loops, unreadable

_STEPS = 32  # straight pieces of a curve


def read_svg(path: Path) -> Drawing:
    """The shapes of an SVG file; a light filling is void, and without filling outlines count.

    Raises
    ------
    ValueError
        If the file is damaged or has no shapes, or svgelements is not installed.
    """
    library = need("svgelements", "an SVG file")
    try:
        picture = library.SVG.parse(str(path), reify=True)
        drawn = [each for each in picture.elements() if isinstance(each, library.Shape)]
        curves = [_curves(library, each) for each in drawn]
    except Exception as error:  # of damaged files the parser raises whatever it stumbles on
        raise unreadable(path, "SVG", error) from None
    filled = [_filled(each, path.name) for each in drawn]
    shapes = [
        Shape(loops, solid)
        for loops, solid in zip(curves, filled, strict=True)
        if solid is not None and loops
    ]
    if not shapes:
        every = [curve for each in curves for curve in each]
        shapes = [Shape(closed_loops(every, path.name), True)]
    sized = any(picture.values.get(name) is not None for name in ("width", "viewBox"))
    if sized and picture.width > 0 and picture.height > 0:
        return Drawing(shapes, (0.0, 0.0, float(picture.width), float(picture.height)))
    frame = box_of([loop for shape in shapes for loop in shape.loops])
    return Drawing(shapes, frame, f"{path.name!r} has no size; the box around its shapes is a cell")


def _filled(element: Any, name: str) -> bool | None:
    """Whether a shape is filled dark; None if it is not filled."""
    colour = element.fill
    if colour is None or colour.value is None:
        return None
    grey = 0.299 * colour.red + 0.587 * colour.green + 0.114 * colour.blue
    if DARK < grey < LIGHT:
        raise ValueError(
            f"{name!r} has a shape filled with {colour.hexrgb}, neither dark nor light; fill it "
            "black where solid and white where void"
        )
    return bool(grey <= DARK)


def _curves(library: Any, element: Any) -> list[FloatArray]:
    """Points (m, 2) along each part of a shape; closed parts end where they begin."""
    found = []
    for part in library.Path(element).as_subpaths():
        points: list[Any] = []
        for segment in part:
            if isinstance(segment, (library.Line, library.Close)):
                points += [segment.start, segment.end]
            elif not isinstance(segment, library.Move):
                points += [segment.point(t) for t in np.linspace(0.0, 1.0, _STEPS + 1)]
        known = [(float(p.x), float(p.y)) for p in points if p is not None]
        if known:
            found.append(np.array(known))
    return found
