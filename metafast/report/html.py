"""HTML report of a design: words, tables, figures and pictures in one self-contained file."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from metafast._base.files import atomic_write
from metafast.report.section import Section, html_of, library
from metafast.report.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# the browser is told to load nothing: all there is to show is in the file
_POLICY = (
    "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #20242b; max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem; }
h2 { margin-top: 2.5rem; } nav a { margin-right: 1rem; } a { color: #0060a0; }
figure { margin: 1rem 0; overflow-x: auto; } figcaption { max-width: 46rem; margin-bottom: .5rem; }
img { max-width: 100%; } table { border-collapse: collapse; margin: 1rem 0; }
td, th { padding: .2rem 1rem .2rem 0; text-align: left; border-bottom: 1px solid #ddd; }
td:last-child { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
@page { size: A4; margin: 14mm; }
@media print {
  body { font-size: 10.5pt; max-width: none; margin: 0; padding: 0; }
  nav, noscript, .modebar, .updatemenu-container, .slider-container { display: none !important; }
  h2, h3 { break-after: avoid; } h2 { margin-top: 1.2rem; } figure, tr, img { break-inside: avoid; }
  figure { overflow: hidden; } .plotly-graph-div { zoom: .7; print-color-adjust: exact; }
}
"""
_LARGE = 300_000  # bytes of a picture that is embedded with fewer colours
# pictures that interactive figures replace on the page; they are files beside it all the same
_REPLACED = ("structure", "linear_and_finite", "equilibria")
_ALT = {
    "fields": "Properties C11, C12, C22 and C33 of the first stage, cell by cell.",
    "structure": "The structure as it prints, solid in black.",
    "deformed": "The deformed structure at true scale, its macro nodes and the target.",
    "linear_and_finite": "The body by linear elasticity and at finite deformation, and the target.",
    "equilibria": "Reaction and error over the share of the load.",
    "convergence": "Progress of the macro optimisation and of the assembly.",
}


def write_report(
    directory: Path,
    title: str,
    lead: str,
    tables: Iterable[Table],
    figures: dict[str, Figure],
    *,
    summary: Sequence[str] = (),
    sections: Sequence[Section] = (),
    notes: Sequence[str] = (),
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
    summary : sequence of str
        Sentences below the lead.
    sections : sequence of Section
        Interactive figures, below the summary; with them the file holds plotly's library, and the
        pictures that they replace are beside it only.
    notes : sequence of str
        Sentences below the tables.
    """
    pictures = _pictures(directory, figures) if figures else []
    if sections:
        pictures = [path for path in pictures if path.stem not in _REPLACED]
    name = html.escape(title)
    parts = [
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{name}</title>",
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name=viewport content="width=device-width, initial-scale=1">',
        f"<style>{_STYLE}</style></head><body><h1>{name}</h1><p>{html.escape(lead)}</p>",
        *(f"<p>{html.escape(line)}</p>" for line in summary),
        *_interactive(sections, pictures=bool(pictures)),
        "<h2 id=tables>Tables</h2>",
        *(_table(table) for table in tables),
        *(f"<p>{html.escape(line)}</p>" for line in notes),
        "<h2 id=pictures>Pictures</h2>" if pictures else "",
        *(_picture(path) for path in pictures),
        "</body></html>\n",
    ]
    path = directory / "report.html"
    with atomic_write(path) as partial:
        partial.write_text("\n".join(part for part in parts if part), encoding="utf-8")
    return path


def _interactive(sections: Sequence[Section], *, pictures: bool) -> list[str]:
    """Contents, the library, and the sections with their figures."""
    if not sections:
        return []
    titles = {section.name: section.title for section in sections} | {"tables": "Tables"}
    titles |= {"pictures": "Pictures"} if pictures else {}
    links = "".join(f'<a href="#{name}">{html.escape(title)}</a>' for name, title in titles.items())
    return [
        f'<nav aria-label="Contents">{links}</nav>',
        "<noscript><p>This browser runs no scripts: the tables and pictures below, and the "
        "pictures beside this file, are what there is to see without.</p></noscript>",
        f"<script>{library()}</script>",
        *(_section(section) for section in sections),
    ]


def _section(section: Section) -> str:
    title, words = html.escape(section.title), html.escape(section.words)
    return (
        f'<section aria-labelledby="{section.name}"><h2 id="{section.name}">{title}</h2>'
        f'<figure aria-label="{title}"><figcaption>{words}</figcaption>'
        f"{html_of(section)}</figure></section>"
    )


def _pictures(directory: Path, figures: dict[str, Figure]) -> list[Path]:
    from metafast.plotting import save_figure

    return [save_figure(figure, directory / f"{name}.png") for name, figure in figures.items()]


def _table(table: Table) -> str:
    lines = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in table.rows
    )
    title = table.title[:1].upper() + table.title[1:]
    return f"<h3>{html.escape(title)}</h3><table>{lines}</table>"


def _picture(path: Path) -> str:
    data = base64.b64encode(_small(path)).decode()
    title = path.stem.replace("_", " ")
    alt = html.escape(_ALT.get(path.stem, title))
    return f'<h3>{title.capitalize()}</h3><img alt="{alt}" src="data:image/png;base64,{data}">'


def _small(path: Path) -> bytes:
    """A picture as a PNG file, with 256 colours if it is large."""
    data = path.read_bytes()
    if len(data) <= _LARGE:
        return data
    from PIL import Image

    stream = io.BytesIO()
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(256).save(stream, format="PNG", optimize=True)
    return min(data, stream.getvalue(), key=len)
