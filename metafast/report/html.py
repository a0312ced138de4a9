"""HTML report of a design: errors, certified gap, time, memory and pictures in one file."""

from __future__ import annotations

import base64
import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metafast._base.files import atomic_write
from metafast._base.typing import ByteArray
from metafast.assembly.tiling import Assembly
from metafast.macro import PropertyField
from metafast.plotting import (
    plot_convergence,
    plot_deformed,
    plot_fields,
    plot_structure,
    save_figure,
)
from metafast.problems import Problem
from metafast.report.tables import (
    Rows,
    assembly_rows,
    correction_rows,
    error_rows,
    stage_rows,
    swap_rows,
)
from metafast.structure import StructureResponse

if TYPE_CHECKING:
    from metafast.pipeline.result import Errors
    from metafast.pipeline.trace import Trace

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #20242b; max-width: 62rem; margin: 2rem auto; }
img { max-width: 100%; } table { border-collapse: collapse; margin: 1rem 0; }
td, th { padding: .2rem 1rem .2rem 0; text-align: left; border-bottom: 1px solid #ddd; }
td:last-child { font-variant-numeric: tabular-nums; }
"""


def write_report(
    directory: Path,
    *,
    problem: Problem,
    field: PropertyField,
    certified: Assembly,
    assembly: Assembly,
    pixels: ByteArray,
    response: StructureResponse,
    errors: Errors,
    corrected: bool,
    trace: Trace,
    made_with: dict[str, Any],
) -> Path:
    """Write the pictures and ``report.html`` into an existing directory; returns its path.

    Parameters
    ----------
    directory : Path
    problem, field, certified, assembly, pixels, response, errors, trace
        Parts of a `metafast.Design`.
    corrected : bool
        Whether the first stage was given another target than the problem's own.
    made_with : dict
        Options and origin of the design.
    """
    figures = {
        "fields": plot_fields(problem, field),
        "structure": plot_structure(pixels, problem),
        "deformed": plot_deformed(response, problem),
        "convergence": plot_convergence(field, certified),
    }
    pictures = [save_figure(made, directory / f"{name}.png") for name, made in figures.items()]
    tables: list[tuple[str, Rows]] = [
        ("Error (RRMSE of the target displacements)", error_rows(errors, corrected=corrected)),
        ("Corrected targets", correction_rows(trace.corrections)),
        ("Closed loop", swap_rows(trace.swaps)),
        ("Assembly", assembly_rows(certified, assembly, field, pixels, response)),
        ("Time and memory", stage_rows(trace)),
        ("Made with", [(key, str(value)) for key, value in made_with.items()]),
    ]
    name = html.escape(problem.name)
    size = f"{problem.rows} x {problem.cols} cells, {pixels.size:,} pixels"
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{name}</title>",
        f"<style>{_STYLE}</style><h1>{name}</h1><p>{size}</p>",
        *(_table(title, rows) for title, rows in tables),
        "<p>Supports prescribe displacements only, so the deformation depends on ratios of "
        "stiffness: any base material of the same Poisson's ratio deforms alike.</p>",
        *(_picture(path) for path in pictures),
    ]
    path = directory / "report.html"
    with atomic_write(path) as partial:
        partial.write_text("\n".join(parts), encoding="utf-8")
    return path


def _picture(path: Path) -> str:
    data = base64.b64encode(path.read_bytes()).decode()
    return f'<h2>{path.stem}</h2><img alt="" src="data:image/png;base64,{data}">'


def _table(title: str, rows: Rows) -> str:
    if not rows:
        return ""
    lines = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<h2>{html.escape(title)}</h2><table>{lines}</table>"
