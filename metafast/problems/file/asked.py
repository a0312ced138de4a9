"""Objective of a problem file, and its bound on the solid."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from metafast.problems.file.place_models import Scalar, Table
from metafast.problems.file.places import Grid
from metafast.problems.objective import Objective


class ObjectiveTable(Table):
    """What is minimised, and a bound on the solid."""

    minimise: Objective = Field(
        "displacement", description="Error of the targets, or compliance, the work of the loads."
    )
    compliance_weight: Scalar | None = Field(
        None, description="Weight of compliance beside the squared error of the targets."
    )
    solid_share: Scalar | None = Field(
        None, description="Bound on the mean share of solid in the designed cells."
    )


def asked_of(table: ObjectiveTable | None, grid: Grid) -> dict[str, Any]:
    """Objective and bound as arguments of a problem.

    Parameters
    ----------
    table : ObjectiveTable or None
    grid : Grid
        With the names that expressions may use.
    """
    if table is None:
        return {"objective": "displacement"}
    asked: dict[str, Any] = {"objective": table.minimise}
    for key in ("compliance_weight", "solid_share"):
        if (value := getattr(table, key)) is not None:
            asked[key] = grid.length(value, ("objective", key))
    return asked
