"""A design in one line, and as HTML for notebooks: its pixels and its errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metafast._base.html import picture, table, titled
from metafast.pipeline.presentation import tables_of
from metafast.report.summary import size_text, stiffness_text

if TYPE_CHECKING:
    from metafast.pipeline.result import Design

_WIDTH, _HEIGHT = 900, 400  # of the largest picture on the screen
_TABLES = 2  # errors, and load cases or compliance


def line_of(design: Design) -> str:
    """Size, error, proof and time of a design, in one line."""
    problem, h, w = design.problem, *design.pixels.shape
    parts = [repr(problem.name), size_text(problem), f"{h}x{w} pixels"]
    if problem.wanted.any():
        parts.append(f"RRMSE {design.errors.headline:.4f}")
    if stiffness := stiffness_text(design):
        parts.append(stiffness)
    certified = design.certified
    parts.append("proved optimal" if certified.optimal else f"gap {certified.gap:.1e}")
    parts.append(f"{sum(design.trace.seconds.values()):.0f} s")
    return f"Design({', '.join(parts)}{', ended early' if design.interrupted else ''})"


def html_of(design: Design) -> str:
    """The pixels of a design, and its first tables."""
    h, w = design.pixels.shape
    width = min(_WIDTH, max(1, _HEIGHT * w // h))
    shown = [titled(title, table(rows)) for title, rows in tables_of(design)[:_TABLES]]
    return titled(line_of(design), picture(design.pixels, width), *shown)
