"""Compliance and solid share of a design as rows of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metafast.problems import Problem

if TYPE_CHECKING:
    from metafast.pipeline.compliance import Compliance
    from metafast.pipeline.units import Units
    from metafast.report.tables import Rows


def work_unit(units: Units, young: float) -> tuple[float, str]:
    """Factor and unit of a work that was computed with Young's modulus `young`."""
    if units.force is None or units.cell_size is None:
        return 1.0 / young, "E t w^2"
    return units.force * units.cell_size / young, "N mm"


def compliance_rows(problem: Problem, compliance: Compliance, units: Units, young: float) -> Rows:
    """Compliance from the macro optimum down to every pixel; nothing if it is no objective."""
    if problem.objective != "compliance" and not problem.compliance_weight:
        return []
    scale, unit = work_unit(units, young)
    parts = {
        "macro optimum": compliance.macro,
        "macro with the cells' own properties": compliance.own_cells,
        "every pixel": compliance.pixels,
    }
    return [(name, f"{scale * value:.4g} {unit}") for name, value in parts.items()]


def solid_rows(problem: Problem, expected: float, reached: float) -> Rows:
    """Solid share that the macro optimum expects, that of the pixels, and the bound if any."""
    if problem.solid_share is None:
        return []
    return [
        ("bound", f"{problem.solid_share:.4f}"),
        ("expected at the macro optimum", f"{expected:.4f}"),
        ("pixels of the designed cells", f"{reached:.4f}"),
    ]
