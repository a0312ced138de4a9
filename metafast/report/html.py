"""HTML report: the three errors, the certified gap, times, memory and pictures in one file."""

from __future__ import annotations

import base64
import html
from pathlib import Path
from typing import TYPE_CHECKING

from metafast._base.files import atomic_write
from metafast.plotting import save_pictures
from metafast.report.tables import (
    assembly_rows,
    correction_rows,
    error_rows,
    round_rows,
    stage_rows,
)

if TYPE_CHECKING:
    from metafast.pipeline.result import Design

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #20242b; max-width: 62rem; margin: 2rem auto; }
img { max-width: 100%; } table { border-collapse: collapse; margin: 1rem 0; }
td, th { padding: .2rem 1rem .2rem 0; text-align: left; border-bottom: 1px solid #ddd; }
td:last-child { font-variant-numeric: tabular-nums; }
"""


def write_report(design: Design, directory: Path) -> Path:
    """Write the pictures and ``report.html`` into an existing directory; returns its path."""
    pictures = save_pictures(design, directory)
    name = html.escape(design.problem.name)
    size = f"{design.problem.rows} x {design.problem.cols} cells, {design.pixels.size:,} pixels"
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{name}</title>",
        f"<style>{_STYLE}</style><h1>{name}</h1><p>{size}</p>",
        _table("Error (RRMSE of the target displacements)", error_rows(design)),
        _table("Targets corrected by what the pixels fell short of", correction_rows(design)),
        _table("Closed loop: cells swapped by what the pixels do", round_rows(design)),
        _table("Assembly", assembly_rows(design)),
        _table("Time and memory", stage_rows(design)),
        _table("Made with", [(key, str(value)) for key, value in design.options.items()]),
        "<p>Supports prescribe displacements only, so the deformation depends on ratios of "
        "stiffness: any base material of the same Poisson's ratio deforms alike.</p>",
    ]
    for picture in pictures:
        data = base64.b64encode(picture.read_bytes()).decode()
        parts.append(f'<h2>{picture.stem}</h2><img alt="" src="data:image/png;base64,{data}">')
    path = directory / "report.html"
    with atomic_write(path) as partial:
        partial.write_text("\n".join(parts), encoding="utf-8")
    return path


def _table(title: str, rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    lines = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<h2>{html.escape(title)}</h2><table>{lines}</table>"
