"""HTML report of a design: tables and pictures in one self-contained file."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from metafast._base.files import atomic_write
from metafast.report.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #20242b; max-width: 62rem; margin: 2rem auto; }
img { max-width: 100%; } table { border-collapse: collapse; margin: 1rem 0; }
td, th { padding: .2rem 1rem .2rem 0; text-align: left; border-bottom: 1px solid #ddd; }
td:last-child { font-variant-numeric: tabular-nums; }
"""


def write_report(
    directory: Path, title: str, lead: str, tables: Iterable[Table], figures: dict[str, Figure]
) -> Path:
    """Write pictures and ``report.html`` into an existing directory; returns its path.

    Parameters
    ----------
    directory : Path
    title, lead : str
        Heading, and the line below it.
    tables : iterable of Table
    figures : dict of str to Figure
        Each is written as ``name.png`` too.
    """
    pictures = _pictures(directory, figures) if figures else []
    name = html.escape(title)
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{name}</title>",
        f"<style>{_STYLE}</style><h1>{name}</h1><p>{html.escape(lead)}</p>",
        *(_table(table) for table in tables),
        "<p>Supports prescribe displacements only, so the deformation depends on ratios of "
        "stiffness: any base material of the same Poisson's ratio deforms alike.</p>",
        *(_picture(path) for path in pictures),
    ]
    path = directory / "report.html"
    with atomic_write(path) as partial:
        partial.write_text("\n".join(parts), encoding="utf-8")
    return path


def _pictures(directory: Path, figures: dict[str, Figure]) -> list[Path]:
    from metafast.plotting import save_figure

    return [save_figure(figure, directory / f"{name}.png") for name, figure in figures.items()]


def _table(table: Table) -> str:
    lines = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in table.rows
    )
    title = table.title[:1].upper() + table.title[1:]
    return f"<h2>{html.escape(title)}</h2><table>{lines}</table>"


def _picture(path: Path) -> str:
    data = base64.b64encode(path.read_bytes()).decode()
    return f'<h2>{path.stem}</h2><img alt="" src="data:image/png;base64,{data}">'
