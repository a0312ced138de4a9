"""``metafast inverse 0.3,-0.05,0.3,0.04``: cells for stiffnesses that are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from metafast.cli.cell_results import CellResults, CellsFile, Picture
from metafast.cli.dataclass_options import options_from
from metafast.cli.shared import Overwrite, Threads, console, table_of
from metafast.inverse import InverseOptions
from metafast.material import Material
from metafast.phases import VOID, Phases

if TYPE_CHECKING:
    from metafast.inverse import InverseResult

_FREE = "-"


@options_from(Material)
@options_from(InverseOptions)
def inverse(
    targets: Annotated[
        list[str],
        typer.Argument(
            help=f"C11,C12,C22,C33 in the units of Young's modulus, {_FREE} for any value; one or "
            "more."
        ),
    ],
    base: Material,
    options: InverseOptions,
    output: Picture = None,
    cells_file: CellsFile = None,
    volume: Annotated[float | None, typer.Option(help="Largest solid fraction.")] = None,
    void_stiffness: Annotated[
        float, typer.Option(help="Young's modulus of void relative to the solid.")
    ] = VOID,
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Design cells with the stiffnesses that are asked for."""
    from metafast._base.progress import progress_bars
    from metafast.inverse import inverse_homogenize

    wanted = [_target(text) for text in targets]
    results = CellResults(output, cells_file, overwrite)
    phases = Phases(base, void_stiffness)
    with progress_bars() as progress:
        found = inverse_homogenize(
            wanted,
            phases=phases,
            volume=volume,
            options=options,
            threads=threads,
            progress=progress,
        )
    table = table_of("cells", "cell", "C11", "C12", "C22", "C33", "error", "sound")
    for k, row in enumerate(found.properties):
        values = (f"{value:.5g}" for value in row)
        table.add_row(str(k), *values, f"{found.error[k]:.1%}", "yes" if found.sound[k] else "NO")
    console.print(table)
    results.write_cells(found.cells, found.properties, phases, "metafast inverse")
    if output is not None:
        _draw(found, results)


def _target(text: str) -> list[float]:
    """C11, C12, C22, C33 of one argument, NaN where any value will do."""
    parts = [part.strip() for part in text.split(",")]
    try:
        values = [float("nan") if part == _FREE else float(part) for part in parts]
    except ValueError:
        values = []
    if len(values) != 4:
        raise ValueError(
            f"the target is {text!r}; four numbers C11,C12,C22,C33 are needed, with {_FREE} for "
            "any value"
        )
    return values


def _draw(found: InverseResult, results: CellResults) -> None:
    """Save a picture of the cells with their C11 and C22."""
    from metafast.plotting import plot_cells

    notes = [f"{row[0]:.3f}, {row[2]:.3f}" for row in found.properties]
    results.write_picture(plot_cells(found.cells, notes, "cells with their C11, C22"))
