"""Pictures of every stage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from metafast.plotting.convergence import plot_convergence
from metafast.plotting.deformation import plot_deformed, plot_structure
from metafast.plotting.fields import plot_fields
from metafast.plotting.figures import save_figure
from metafast.plotting.property_cloud import plot_property_cloud

if TYPE_CHECKING:
    from metafast.pipeline.result import Design

__all__ = [
    "plot_convergence",
    "plot_deformed",
    "plot_fields",
    "plot_property_cloud",
    "plot_structure",
    "save_figure",
    "save_pictures",
]


def save_pictures(design: Design, directory: Path) -> list[Path]:
    """Write the pictures of a design as PNG into an existing directory; returns their paths."""
    figures = {
        "fields": plot_fields(design.problem, design.field),
        "structure": plot_structure(design.pixels, design.problem),
        "deformed": plot_deformed(design.response, design.problem),
        "convergence": plot_convergence(design.field, design.open_loop),
    }
    return [save_figure(figure, directory / f"{name}.png") for name, figure in figures.items()]
