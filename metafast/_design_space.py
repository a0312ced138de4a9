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


def design_space(
    database: CellDatabase,
    eligible: BoolArray,
    family: Family | None,
    *,
    nodes: int,
    coordinates: CoordinateKind,
) -> PropertySpace | Gradation:
    """The space of the eligible cells, or the part of a family's gradation that has cells."""
    if family is None:
        chosen_from = database.properties[eligible]
        return PropertySpace.from_properties(chosen_from, nodes, coordinates=coordinates)
    followed = family.own_gradation().parameter
    return family.gradation.between(followed[0], followed[-1])


def optimum(
    problem: Problem,
    space: PropertySpace | Gradation,
    family: Family | None,
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
    if family is None:
        return field
    return optimize_properties(problem, family.own_gradation(), start=field.properties, **options)
