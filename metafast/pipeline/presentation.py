"""Tables and pictures of a finished design, for the terminal and for the report."""

from __future__ import annotations

import warnings
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from metafast._base.extras import MissingPackageError
from metafast.pipeline.figures import figures_of, plot_figure
from metafast.report.compliance_rows import compliance_rows, solid_rows
from metafast.report.html import write_report
from metafast.report.interactive import interactive_sections
from metafast.report.summary import size_text, stiffness_text, summary_lines
from metafast.report.tables import (
    Table,
    assembly_rows,
    case_rows,
    correction_rows,
    error_rows,
    finite_rows,
    load_rows,
    material_rows,
    mesh_rows,
    stage_rows,
    swap_rows,
)

if TYPE_CHECKING:
    from metafast.database import CellDatabase
    from metafast.pipeline.result import Design
    from metafast.selection.shapes import Encoder

# figures of the report, with the names of their files; a verification has its own load_path.png
_IN_REPORT = {
    "fields": "fields",
    "structure": "structure",
    "deformed": "deformed",
    "linear-and-finite": "linear_and_finite",
    "load-path": "equilibria",
    "convergence": "convergence",
    "loops": "loops",
}

_ALIKE = (
    "Supports prescribe displacements only, so the deformation depends on ratios of stiffness: any "
    "base material of the same Poisson's ratio deforms alike."
)


def tables_of(design: Design) -> list[Table]:
    """Tables of errors, finite deformation, material, both loops, the assembly, time and memory.

    Those without rows are left out.
    """
    parts = (
        design.problem,
        design.certified,
        design.assembly,
        design.field,
        design.copies,
        design.response,
    )
    problem, young = design.problem, design.phases.solid.young
    made_of = problem, design.material, design.units, design.response, young
    asked, loops = problem.wanted.any(), problem.objective != "compliance"
    errors = error_rows(design.errors, corrected=design.is_corrected) if asked else []
    works = compliance_rows(problem, design.compliance, design.units, young)
    solid = solid_rows(problem, design.field.solid_share, design.solid_share)
    forces = load_rows(problem, design.response, design.units, young)
    tables = [
        Table("error (RRMSE of the target displacements)", errors),
        Table("load cases", case_rows(problem, design.errors_by_case)),
        Table("compliance, the work of the loads", works),
        Table("solid share", solid),
        Table("finite deformation", finite_rows(design.response)),
        Table("material, size and forces", material_rows(*made_of) + forces),
        Table("corrected targets", correction_rows(design.trace.corrections)),
        Table("closed loop", swap_rows(design.trace.swaps) if loops else []),
        Table("finer mesh", mesh_rows(design.trace.meshes)),
        Table("assembly", assembly_rows(*parts)),
        Table("time and memory", stage_rows(design.trace)),
    ]
    return [table for table in tables if table.rows]


def report_design(
    design: Design,
    directory: Path,
    database: CellDatabase | None = None,
    encoder: Encoder | None = None,
) -> Path:
    """Write the pictures and ``report.html`` into an existing directory; returns its path.

    Without matplotlib there are no pictures, and a RuntimeWarning says so. Without plotly it is not
    interactive, and a line below its tables says so.
    """
    problem = design.problem
    made_with = asdict(design.options) | design.provenance
    try:
        figures = {
            file: plot_figure(design, name)
            for name, file in _IN_REPORT.items()
            if name in figures_of(design)
        }
    except MissingPackageError as missing:
        warnings.warn(f"the report is without pictures: {missing}", RuntimeWarning, stacklevel=3)
        figures = {}
    size = f"{size_text(problem)}, {design.pixels.size:,} pixels"
    if design.symmetry:
        size += f", symmetric {design.symmetry}"
    if design.interrupted:
        size += "; ended early, with the best structure until then"
    options = Table("made with", [(key, str(value)) for key, value in made_with.items()])
    sections, notes = [], []
    if not problem.has_forces and problem.springs is None:
        notes.append(_ALIKE)
    try:
        sections = interactive_sections(design, database, encoder)
    except MissingPackageError as missing:
        notes.append(f"This report is without interactive figures: {missing}.")
    return write_report(
        directory,
        problem.name,
        size,
        [*tables_of(design), options],
        figures,
        summary=_summary(design),
        sections=sections,
        notes=notes,
    )


def _summary(design: Design) -> list[str]:
    """Error, proof and cost of a design in three lines."""
    return summary_lines(
        design.problem,
        design.errors,
        design.certified,
        design.trace,
        symmetry=design.symmetry,
        stiffness=stiffness_text(design),
    )
