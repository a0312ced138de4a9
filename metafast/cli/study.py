"""``metafast study``: designs of one problem over a grid of parameters and options."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metafast.cli.shared import (
    EndedEarly,
    Scheduler,
    Threads,
    connected,
    console,
    open_database,
    output_directory,
    table_of,
)

if TYPE_CHECKING:
    from metafast.studies import StudyResult, StudyRow

FORCED = ("compliance", "solid_share")  # only under forces
# figures of a row and their headings
FIGURES = {
    "macro": "macro",
    "own_cells": "own",
    "pixels": "pixels",
    "fine": "finer",
    "linear": "linear",
    "compliance": "compliance",
    "solid_share": "solid share",
}


def study(
    file: Annotated[Path, typer.Argument(help="Study file, .toml.")],
    output: Annotated[Path, typer.Option(help="Directory of the runs, the table and the picture.")],
    database: Annotated[
        Path | None,
        typer.Option(
            help="HDF5 database, or full; the embedded one by default.", show_default=False
        ),
    ] = None,
    scheduler: Scheduler = None,
    threads: Threads = None,
) -> None:
    """Design a problem at every point of a grid; the same command goes on where it was ended.

    Each run has a folder with design.h5, pictures and report, the study table.csv and study.png. A
    design that cannot be made is a row with its message; delete its folder to try it again.
    """
    from metafast._base.progress import progress_bars
    from metafast.studies import Study, run_study

    asked = Study.load(file)
    cells = None if database is None else open_database(database)
    console.print(f"[bold]{asked.name}[/bold]: {len(asked.runs())} runs", highlight=False)
    with output_directory(output) as folder, connected(scheduler) as client:
        try:
            with progress_bars() as progress:
                result = run_study(
                    asked, folder, cells, client=client, threads=threads, progress=progress
                )
        except KeyboardInterrupt as early:
            raise EndedEarly(str(early) or "interrupted: no run was begun") from None
    _print(result)
    if len(result.failed) == len(result.rows):
        raise ValueError("no design could be made; the table has the messages")


def _print(result: StudyResult) -> None:
    """The table of a study, without columns that no run has values in, and its failures."""
    made = [row for row in result.rows if not row.failure]
    known = {
        name: heading
        for name, heading in FIGURES.items()
        if any(getattr(row, name) == getattr(row, name) for row in made)
    }
    if not any(row.compliance for row in made):  # no problem has forces
        known = {name: each for name, each in known.items() if name not in FORCED}
    what = "RRMSE" if "pixels" in known else "compliance"
    headings = ["run", *result.grid, *known.values(), "s", "swaps"]
    table = table_of(f"{result.name}: {what}", *headings)
    for k, column in enumerate(table.columns):
        column.overflow, column.no_wrap = "fold", not 1 <= k <= len(result.grid)
    for row in result.rows:
        values = [f"{value:g}" if isinstance(value, float) else str(value) for value in _of(row)]
        table.add_row(str(row.number), *values, *_figures(row, list(known)))
    console.print(table)
    for row in result.failed:
        console.print(
            f"run {row.number}: {row.failure}", markup=False, highlight=False, soft_wrap=True
        )
    console.print(
        f"written to {result.directory}: table.csv, study.png", highlight=False, soft_wrap=True
    )


def _of(row: StudyRow) -> list[object]:
    """Values of the axes; an option without a value has its default."""
    return ["default" if value is None else value for value in row.values.values()]


def _figures(row: StudyRow, known: list[str]) -> list[str]:
    """Errors and cost of a run as text; nothing where there is none."""
    errors = [getattr(row, name) for name in known]
    told = ["" if error != error else f"{error:.4g}" for error in errors]
    cost = ["failed", ""] if row.failure else [f"{row.seconds:.1f}", str(row.swaps)]
    return [*told, *cost]
