"""``metafast design``: from a problem to a structure, from the whole database or from a family."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from metafast.cli.dataclass_options import options_from
from metafast.cli.shared import (
    Overwrite,
    Threads,
    console,
    given_options,
    open_database,
    refuse_existing,
    table_of,
)
from metafast.pipeline.options import DesignOptions
from metafast.problems.standard import STANDARD

if TYPE_CHECKING:
    from metafast.database import CellDatabase
    from metafast.pipeline import Design
    from metafast.selection import Family

_FAR_OFF = 0.5  # RRMSE of a macro optimum that is hardly one
_MEMBERS = 1000  # cells of a family that is found on the way

DatabasePath = Annotated[
    Path | None,
    typer.Option(
        "--database",
        help="HDF5 database, or full; the embedded one by default.",
        show_default=False,
    ),
]


@options_from(DesignOptions)
def design(
    context: typer.Context,
    problem: Annotated[str, typer.Argument(help=", ".join(STANDARD) + ".")],
    output: Annotated[Path, typer.Option(help="Directory for design.h5, pictures and report.")],
    options: DesignOptions,
    database: DatabasePath = None,
    family: Annotated[
        Path | None,
        typer.Option(help="Cells of a family from metafast families find, best a continuous one."),
    ] = None,
    gradation: Annotated[
        str | None,
        typer.Option(help="Cells of a family found along it: .toml, .py, or eq7 (the paper's)."),
    ] = None,
    amplitude: Annotated[
        float | None,
        typer.Option(help="Target amplitude: cell widths, or share of the compression (smiley)."),
    ] = None,
    rows: Annotated[int | None, typer.Option(help="Cells from top to bottom.")] = None,
    cols: Annotated[int | None, typer.Option(help="Cells from left to right.")] = None,
    details: Annotated[
        bool, typer.Option("--details", help="Print the tables of the report too.")
    ] = False,
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Design a structure, solve every pixel of it, and write the result.

    With a family the defaults are --selection nearest and --least-side-solid 0.
    """
    from metafast import problems
    from metafast._base.files import require_writable_directory
    from metafast._base.progress import progress_bars
    from metafast.pipeline import design as run
    from metafast.report import summary_lines

    if family and (gradation or database):
        raise ValueError("--family brings its own cells; leave --gradation and --database out")
    sizes: dict[str, Any] = {"amplitude": amplitude, "rows": rows, "cols": cols}
    task = problems.standard_problem(problem, **sizes)
    folder = require_writable_directory(output)
    for name in ("design.h5", "report.html"):
        refuse_existing(folder / name, overwrite)
    cells = None if family else open_database(database)
    members = _family(family, gradation, cells)
    if members is not None:
        options = DesignOptions.for_family(**given_options(context, options))
    source = repr(members) if members else f"{len(cells or ()):,} cells"
    console.print(f"[bold]{problem}[/bold]: {task.rows} x {task.cols} cells from {source}")
    with progress_bars() as progress:
        result = run(
            task,
            None if members else cells,
            family=members,
            options=options,
            threads=threads,
            progress=progress,
        )
        result.save(folder)
    if details:
        _print_tables(result)
    if not result.field.feasible or result.trace.corrections[0].macro > _FAR_OFF:
        print(
            "warning: the cells at hand cannot do this; ask for a smaller --amplitude, or give "
            "more --rows and --cols or a lower --least-side-solid",
            file=sys.stderr,
        )
    standard = all(value is None for value in sizes.values())
    for line in summary_lines(
        task,
        result.errors,
        result.certified,
        result.trace,
        published=problems.PUBLISHED.get(problem) if standard else None,
        folder=folder,
    ):
        console.print(line, highlight=False, soft_wrap=True)


def _print_tables(result: Design) -> None:
    """Print every table of the report."""
    from metafast.pipeline.presentation import tables_of

    for title, rows in tables_of(result):
        table = table_of(title, *[""] * max(map(len, rows)))
        table.show_header = False
        for row in rows:
            table.add_row(*row)
        console.print(table)


def _family(path: Path | None, gradation: str | None, cells: CellDatabase | None) -> Family | None:
    """The family in a file, or the first one along a gradation, made continuous."""
    from metafast.properties import Gradation
    from metafast.selection import Family, find_families

    if path is not None:
        return Family.load(path)
    if gradation is None:
        return None
    assert cells is not None
    if gradation == "eq7":
        curve = Gradation.isotropic_like(cells.phases.solid)
    else:
        curve = Gradation.load(gradation)
    from metafast.generative import CellVAE

    with console.status(f"searching a family along {curve.name}"):
        vae = CellVAE.default()
        found = find_families(cells, vae, curve, 1, decoder=vae)
        return found[0].continuous(vae, _MEMBERS)
