"""Where the first stage may go: the space of a database, or the gradation of a family (Eq. 8)."""

from __future__ import annotations

from typing import Any

from metafast._base.progress import Progress
from metafast._base.typing import BoolArray
from metafast.database import CellDatabase
from metafast.macro import PropertyField, optimize_properties
from metafast.problems import Problem
from metafast.properties import Gradation, PropertySpace
from metafast.properties.coordinates import CoordinateKind
from metafast.properties.fitted_gradation import SMOOTHING_WIDTH, fitted_gradation
from metafast.selection import Family

_FIRST_WIDTH = 4 * SMOOTHING_WIDTH  # of the smoothing, where the optimum goes first


def design_space(
    database: CellDatabase,
    eligible: BoolArray,
    family: Family | None,
    *,
    nodes: int,
    coordinates: CoordinateKind,
) -> tuple[PropertySpace | Gradation, list[Gradation]]:
    """The space of the eligible cells, or the part of a family's gradation that has such cells.

    With a family also the curve that they really follow, smoothed a lot and then a little.
    """
    cells = database.properties[eligible]
    if family is None:
        return PropertySpace.from_properties(cells, nodes, coordinates=coordinates), []
    own = [
        fitted_gradation(family.gradation, cells, width)
        for width in (_FIRST_WIDTH, SMOOTHING_WIDTH)
    ]
    ends = own[-1].parameter[[0, -1]]
    return family.gradation.between(*ends), own


def optimum(
    problem: Problem,
    space: PropertySpace | Gradation,
    own: list[Gradation],
    *,
    smoothing: float,
    mesh: int,
    progress: Progress,
) -> PropertyField:
    """Optimal properties; those of a family along the curve that its cells really follow.

    That curve is crooked and traps a cold start, so the optimum along the gradation leads there by
    way of a smoother one.
    """
    options: dict[str, Any] = {"smoothing": smoothing, "mesh": mesh, "progress": progress}
    field = optimize_properties(problem, space, **options)
    for curve in own:
        field = optimize_properties(problem, curve, start=field.properties, **options)
    return field
