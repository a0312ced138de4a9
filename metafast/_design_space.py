"""Where the first stage may go: the space of a database, or the gradation of a family (Eq. 8)."""

from __future__ import annotations

from typing import Any

from metafast._progress import Progress
from metafast._typing import BoolArray
from metafast.database import CellDatabase, PropertySpace
from metafast.database.coordinates import CoordinateKind
from metafast.macro import PropertyField, optimize_properties
from metafast.problems import Problem
from metafast.selection import Family, Gradation
from metafast.selection.own_gradation import WIDTH, own_gradation


def design_space(
    database: CellDatabase,
    eligible: BoolArray,
    family: Family | None,
    *,
    nodes: int,
    coordinates: CoordinateKind,
) -> tuple[PropertySpace | Gradation, Gradation | None]:
    """The space of the eligible cells, or the part of a family's gradation that has such cells.

    With a family also the curve that they really follow.
    """
    cells = database.properties[eligible]
    if family is None:
        return PropertySpace.from_properties(cells, nodes, coordinates=coordinates), None
    own = own_gradation(family.gradation, cells, WIDTH)
    return family.gradation.between(own.parameter[0], own.parameter[-1]), own


def optimum(
    problem: Problem,
    space: PropertySpace | Gradation,
    own: Gradation | None,
    *,
    smoothing: float,
    mesh: int,
    progress: Progress,
) -> PropertyField:
    """Optimal properties; those of a family along the curve that its cells really follow.

    That curve is crooked and traps a cold start, so the optimum along the gradation leads there.
    """
    options: dict[str, Any] = {"smoothing": smoothing, "mesh": mesh, "progress": progress}
    field = optimize_properties(problem, space, **options)
    if own is None:
        return field
    return optimize_properties(problem, own, start=field.properties, **options)
