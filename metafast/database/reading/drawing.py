"""Drawings of a cell: shapes of closed outlines in a frame, and open curves joined to outlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from metafast._base.typing import FloatArray

_TOUCHING = 1e-4  # of the size of the drawing, up to which two ends meet


@dataclass(frozen=True, eq=False)
class Shape:
    """Outlines (m, 2) that are filled together, x to the right and y downward."""

    loops: list[FloatArray]
    solid: bool


@dataclass(frozen=True, eq=False)
class Drawing:
    """Shapes in the order in which they are painted.

    Attributes
    ----------
    shapes : list of Shape
    frame : tuple of float
        Left, top, right and bottom of the cell.
    note : str or None
        What was taken as the frame, where the file does not say.
    """

    shapes: list[Shape]
    frame: tuple[float, float, float, float]
    note: str | None = None


def box_of(loops: Sequence[FloatArray]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of outlines."""
    points = np.concatenate(loops)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def closed_loops(curves: Sequence[FloatArray], name: str) -> list[FloatArray]:
    """Closed outlines of curves (m, 2), open ones joined end to end.

    Raises
    ------
    ValueError
        If there is no curve, or an end is left over.
    """
    curves = [curve for curve in curves if len(curve) > 1]
    if not curves:
        raise ValueError(f"{name!r} holds no outlines; draw closed curves around the solid")
    left, top, right, bottom = box_of(curves)
    near = _TOUCHING * max(right - left, bottom - top)
    loops = [curve for curve in curves if _distance(curve[0], curve[-1]) <= near and len(curve) > 3]
    rest = [curve for curve in curves if not any(curve is loop for loop in loops)]
    while rest:
        chain = rest.pop()
        while _distance(chain[0], chain[-1]) > near:
            gaps = [min(_distance(chain[-1], c[0]), _distance(chain[-1], c[-1])) for c in rest]
            if not gaps or min(gaps) > near:
                x, y = chain[-1]
                raise ValueError(
                    f"{name!r} has an outline that ends open at ({x:g}, {abs(y):g}); close it, or "
                    "leave auxiliary lines out"
                )
            following = rest.pop(int(np.argmin(gaps)))
            if _distance(chain[-1], following[-1]) < _distance(chain[-1], following[0]):
                following = following[::-1]
            chain = np.concatenate([chain, following[1:]])
        loops.append(chain)
    return loops


def unreadable(path: Path, kind: str, error: Exception) -> ValueError:
    """What to raise if a file is no drawing, in one line."""
    said = " ".join(str(error).split()) or "it is incomplete"
    return ValueError(f"{str(path)!r} cannot be read as {kind} ({said[:80]}); save it again")


def _distance(a: FloatArray, b: FloatArray) -> float:
    return float(np.hypot(*(a - b)))
