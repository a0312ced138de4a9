"""``metafast families find | graph | show``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from metafast.cli.dataclass_options import options_from
from metafast.cli.latent import ModelPath, open_model
from metafast.cli.outputs import FigureWidth, require_picture_target, width_of
from metafast.cli.shared import (
    DatabasePath,
    Overwrite,
    Threads,
    console,
    open_database,
    output_directory,
    refuse_existing,
    table_of,
)
from metafast.selection import FamilyOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metafast.database import CellDatabase
    from metafast.plotting.style import Width
    from metafast.properties import Gradation
    from metafast.selection import Family

families_app = typer.Typer(
    help="Families of cells that follow a gradation of properties (section 4.3).",
    no_args_is_help=True,
)

GradationPath = Annotated[
    Path | None,
    typer.Option("--gradation", help="Gradation, .toml, or .py, which is run; Eq. 7 by default."),
]
IgnoreEdges = Annotated[
    bool,
    typer.Option("--ignore-edges", help="Ignore decoded cells between members, as in the paper."),
]


@families_app.command("find")
@options_from(FamilyOptions)
def find(
    output: Annotated[Path, typer.Option(help="Directory for the families and pictures.")],
    options: FamilyOptions,
    gradation: GradationPath = None,
    database: DatabasePath = None,
    model: ModelPath = None,
    count: Annotated[int, typer.Option(help="Families without a cell in common.")] = 5,
    ignore_edges: IgnoreEdges = False,
    members: Annotated[int, typer.Option(help="Cells of each continuous family.")] = 200,
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Find families in a database and make them continuous with the generative model."""
    from metafast._base.progress import progress_bars
    from metafast.selection import find_families

    if output.is_dir():
        for k in range(count):
            refuse_existing(output / f"family_{k + 1}.h5", overwrite)
    vae, cells = open_model(model), open_database(database)
    with output_directory(output) as folder:
        with progress_bars() as progress:
            families = find_families(
                cells,
                vae,
                _gradation(gradation, cells),
                count,
                decoder=None if ignore_edges else vae,
                options=options,
                threads=threads,
                progress=progress,
            )
        with console.status("decoding between the members"):
            continuous = [family.continuous(vae, members) for family in families]
        for k, (family, dense) in enumerate(zip(families, continuous, strict=True)):
            family.save(folder / f"family_{k + 1}.h5")
            dense.save(folder / f"family_{k + 1}_continuous.h5")
        _print(families, continuous)
        _draw(families, folder / "families.png", folder / "properties.png")
        _draw(continuous, folder / "continuous.png", folder / "continuous_properties.png")
        console.print(f"written to {folder}")


@families_app.command("graph")
@options_from(FamilyOptions)
def graph(
    output: Annotated[Path, typer.Option(help="Picture of the graph (.png, .svg or .pdf).")],
    options: FamilyOptions,
    gradation: GradationPath = None,
    database: DatabasePath = None,
    model: ModelPath = None,
    count: Annotated[int, typer.Option(help="Families to draw; 0 for none.")] = 5,
    ignore_edges: IgnoreEdges = False,
    component: Annotated[
        int, typer.Option(help="Principal component of the latents on the vertical axis.")
    ] = 1,
    width: FigureWidth = "double",
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Draw the graph in which families are shortest paths."""
    from metafast._base.progress import progress_bars
    from metafast.plotting import plot_family_graph
    from metafast.selection import families_of, family_graph

    figure_width = width_of(width)
    require_picture_target(output, overwrite)
    vae, cells = open_model(model), open_database(database)
    with progress_bars() as progress:
        drawn = family_graph(
            cells,
            vae,
            _gradation(gradation, cells),
            decoder=None if ignore_edges else vae,
            options=options,
            threads=threads,
            progress=progress,
        )
        families = families_of(drawn, count, progress=progress) if count else []
    plot_family_graph(drawn, families, component=component, path=output, width=figure_width)
    console.print(f"{drawn.number_of_nodes() - 2} cells with their edges drawn to {output}")


@families_app.command("show")
def show(
    files: Annotated[list[Path], typer.Argument(help="Families from metafast families find.")],
    output: Annotated[Path, typer.Option(help="Picture of the cells (.png, .svg or .pdf).")],
    width: FigureWidth = "double",
    overwrite: Overwrite = False,
) -> None:
    """Draw families and print their deviation from the gradation."""
    from metafast.selection import Family

    figure_width = width_of(width)
    require_picture_target(output, overwrite)
    families = [Family.load(file) for file in files]
    _print(families, [])
    _draw(families, output, None, figure_width)
    console.print(f"written to {output}")


def _gradation(path: Path | None, cells: CellDatabase) -> Gradation:
    """Gradation in a file, or that of Eq. 7 for the database's solid."""
    from metafast.properties import Gradation

    return Gradation.isotropic_like(cells.phases.solid) if path is None else Gradation.load(path)


def _print(families: Sequence[Family], continuous: Sequence[Family]) -> None:
    table = table_of(
        "families", "family", "cells", "from", "to", "deviation", "continuous: mean", "95 %"
    )
    for k, family in enumerate(families):
        low, high = family.parameter.min(), family.parameter.max()
        row = [f"{low:.3f}", f"{high:.3f}", f"{family.deviation.max():.4f}"]
        if continuous:
            deviation = continuous[k].deviation
            row += [f"{deviation.mean():.4f}", f"{np.quantile(deviation, 0.95):.4f}"]
        table.add_row(str(k + 1), str(len(family)), *row)
    console.print(table)


def _draw(
    families: Sequence[Family],
    cells: Path,
    properties: Path | None,
    width: Width | None = None,
) -> None:
    from metafast.plotting import plot_families, plot_gradation

    plot_families(families, path=cells, width=width)
    if properties is not None:
        plot_gradation(families, path=properties, width=width)
