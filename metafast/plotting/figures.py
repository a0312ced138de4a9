"""Matplotlib figures without global state: no pyplot, no choice of backend."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metafast._base.files import atomic_write

INK = "#20242b"
TARGET = "#d1495b"
PICTURES = (".png", ".pdf", ".svg", ".eps", ".jpg", ".tif", ".webp")  # endings of files
ACHIEVED = "#2e86ab"


def figure(width: float, height: float) -> Figure:
    """An empty figure of the given size in inches."""
    return Figure(figsize=(width, height), layout="constrained")


def body_axes(axes: Axes, title: str) -> None:
    """Equal scales, no frame, a title."""
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(title, fontsize=10, color=INK, loc="left")


def save_figure(made: Figure, path: Path, dpi: int = 160) -> Path:
    """Write a figure; an older file is replaced only when the new one is complete."""
    kind = path.suffix.lower()
    if kind not in PICTURES:
        raise ValueError(
            f"the picture is named {path.name!r}; a name that ends in {', '.join(PICTURES)} is "
            "needed"
        )
    with atomic_write(path) as partial:
        made.savefig(partial, dpi=dpi, facecolor="white")
    return path
