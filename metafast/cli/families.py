"""``metafast families find | show``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from metafast.cli.latent import ModelPath, open_model
from metafast.cli.shared import (
    DatabasePath,
    Overwrite,
    console,
    open_database,
    refuse_existing,
    table_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metafast.selection import Family

families_app = typer.Typer(
    help="Families of cells that follow a gradation of properties (section 4.3).",
    no_args_is_help=True,
)


@families_app.command("find")
def find(
    output: Annotated[Path, typer.Option(help="Directory for the families and pictures.")],
    gradation: Annotated[
        Path | None, typer.Option(help="Own gradation, .toml or .py; Eq. 7 by default.")
    ] = None,
    database: DatabasePath = None,
    model: ModelPath = None,
    count: Annotated[int, typer.Option(help="Families without a cell in common.")] = 5,
    neighbors: Annotated[
        int, typer.Option(help="Most similar cells that each joins; 5 in the paper.")
    ] = 10,
    terminals: Annotated[
        int,
        typer.Option(help="Cells at each end where a family may start or end; 50 in the paper."),
    ] = 10,
    tolerance: Annotated[float, typer.Option(help="Distance from the curve, units of E.")] = 0.02,
    power: Annotated[float, typer.Option(help="Of edge lengths; 1 in the paper.")] = 2.0,
    straight: Annotated[
        bool, typer.Option(help="Let edges pass far from the gradation, as in the paper.")
    ] = False,
    members: Annotated[int, typer.Option(help="Cells of each continuous family.")] = 200,
    overwrite: Overwrite = False,
) -> None:
    """Find families in a database and make them continuous with the generative model."""
    from metafast._base.files import require_writable_directory
    from metafast.properties import Gradation
    from metafast.selection import find_families

    folder = require_writable_directory(output)
    for k in range(count):
        refuse_existing(folder / f"family_{k + 1}.h5", overwrite)
    vae, cells = open_model(model), open_database(database)
    if gradation is None:
        curve = Gradation.isotropic_like(cells.phases.solid)
    else:
        curve = Gradation.load(gradation)
    with console.status("searching families") as status:
        on_the_way = None if straight else vae
        found = find_families(
            cells,
            vae,
            curve,
            count,
            neighbors,
            terminals,
            tolerance,
            vae=on_the_way,
            power=power,
        )
        status.update("decoding between their members")
        whole = [family.continuous(vae, members) for family in found]
    for k, (family, dense) in enumerate(zip(found, whole, strict=True)):
        family.save(folder / f"family_{k + 1}.h5")
        dense.save(folder / f"family_{k + 1}_continuous.h5")
    _print(found, whole)
    _draw(found, folder / "families.png", folder / "properties.png")
    _draw(whole, folder / "continuous.png", folder / "continuous_properties.png")
    console.print(f"written to {folder}")


@families_app.command("show")
def show(
    files: Annotated[list[Path], typer.Argument(help="Families that find has written.")],
    output: Annotated[Path, typer.Option(help="Picture of the cells (.png or .svg).")],
    overwrite: Overwrite = False,
) -> None:
    """Draw families, and say how far they are from their gradation."""
    from metafast.selection import Family

    refuse_existing(output, overwrite)
    found = [Family.load(file) for file in files]
    _print(found, [])
    _draw(found, output, None)
    console.print(f"written to {output}")


def _print(found: Sequence[Family], whole: Sequence[Family]) -> None:
    table = table_of(
        "families", "family", "cells", "from", "to", "deviation", "continuous: mean", "95 %"
    )
    for k, family in enumerate(found):
        low, high = family.parameter.min(), family.parameter.max()
        row = [f"{low:.3f}", f"{high:.3f}", f"{family.deviation.max():.4f}"]
        if whole:
            stray = whole[k].deviation
            row += [f"{stray.mean():.4f}", f"{np.quantile(stray, 0.95):.4f}"]
        table.add_row(str(k + 1), str(len(family)), *row)
    console.print(table)


def _draw(found: Sequence[Family], cells: Path, properties: Path | None) -> None:
    from metafast.plotting import save_figure
    from metafast.plotting.families import plot_families, plot_gradation

    save_figure(plot_families(found), cells)
    if properties is not None:
        save_figure(plot_gradation(found), properties)
