"""``metafast design``: from a problem to a structure, from the whole database or from a family."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metafast.cli.shared import (
    Overwrite,
    Threads,
    console,
    open_database,
    refuse_existing,
    table_of,
)

if TYPE_CHECKING:
    from metafast.database import CellDatabase
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


def design(
    problem: Annotated[str, typer.Argument(help="bridge, graded_beam or smiley.")],
    output: Annotated[Path, typer.Option(help="Directory for design.h5, pictures and report.")],
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
    candidates: Annotated[int, typer.Option(help="Cells to choose from per element.")] = 10,
    selection: Annotated[
        str | None,
        typer.Option(help="diverse (the paper's) or nearest; diverse, nearest within a family."),
    ] = None,
    side_solid: Annotated[
        float | None,
        typer.Option(help="Least solid share of a cell's sides; 0.5, 0 within a family."),
    ] = None,
    softest: Annotated[
        float, typer.Option(help="Least C11, C22 and 5 C33 of a cell, relative to E.")
    ] = 0.0,
    edge_weight: Annotated[float, typer.Option(help="Weight of boundary mismatch.")] = 0.1,
    coordinates: Annotated[str, typer.Option(help="log or linear (the paper's).")] = "log",
    smoothing: Annotated[
        float, typer.Option(help="Radius of a filter of the properties, in cells; 0 in the paper.")
    ] = 1.5,
    target_rounds: Annotated[
        int | None,
        typer.Option(
            help="Designs for targets moved by what the pixels fell short of; 2, 0 in open loop."
        ),
    ] = None,
    refine_rounds: Annotated[
        int, typer.Option(help="Rounds of swapping cells by what the pixels do; 0: open loop.")
    ] = 5,
    refine: Annotated[int, typer.Option(help="Elements per pixel side.")] = 1,
    seed: Annotated[
        int, typer.Option(help="Recorded with the design; no stage draws random numbers.")
    ] = 0,
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Design a structure, solve every pixel of it, and write what was found."""
    from metafast import problems
    from metafast._base.files import require_writable_directory
    from metafast._base.progress import progress_bars
    from metafast.pipeline.design import design as run
    from metafast.report.tables import (
        assembly_rows,
        correction_rows,
        error_rows,
        round_rows,
        stage_rows,
    )

    if family and (gradation or database):
        raise ValueError("--family brings its own cells; leave --gradation and --database out")
    if problem not in problems.STANDARD:
        known = ", ".join(problems.STANDARD)
        raise ValueError(f"unknown problem {problem!r}; choose one of {known}")
    options: dict[str, float] = {}
    if amplitude is not None:
        options["amplitude"] = amplitude
    if problem == "smiley":
        if rows != cols:
            raise ValueError(f"the smiley is square; give the same --rows and --cols, not {rows}, "
                             f"{cols}")  # fmt: skip
        if rows is not None:
            options["size"] = rows
    else:
        options |= {k: v for k, v in (("rows", rows), ("cols", cols)) if v is not None}
    task = problems.STANDARD[problem](**options)  # type: ignore[operator]
    folder = require_writable_directory(output)
    for name in ("design.h5", "report.html"):
        refuse_existing(folder / name, overwrite)
    cells = None if family else open_database(database)
    members = _family(family, gradation, cells)
    source = repr(members) if members else f"{len(cells or ())} cells"
    console.print(f"[bold]{problem}[/bold]: {task.rows} x {task.cols} cells from {source}")
    with progress_bars() as progress:
        made = run(
            task,
            None if members else cells,
            family=members,
            candidates=candidates,
            selection=selection,  # type: ignore[arg-type]
            side_solid=side_solid,
            softest=softest,
            edge_weight=edge_weight,
            coordinates=coordinates,  # type: ignore[arg-type]
            smoothing=smoothing,
            target_rounds=target_rounds,
            refine_rounds=refine_rounds,
            refine=refine,
            seed=seed,
            threads=threads,
            progress=progress,
        )
        made.save(folder)
    for title, rows_ in (
        ("stages", stage_rows(made)),
        ("assembly", assembly_rows(made)),
        ("target correction", correction_rows(made)),
        ("closed loop", round_rows(made)),
        ("error (RRMSE of the target displacements)", error_rows(made)),
    ):
        if not rows_:
            continue
        table = table_of(title, *(("stage", "time", "peak memory") if title == "stages" else ()))
        for row in rows_:
            table.add_row(*row)
        console.print(table)
    if not made.field.feasible or made.corrections["macro"][0] > _FAR_OFF:
        print(
            "warning: the cells at hand cannot do this; ask for a smaller --amplitude, or give "
            "more --rows and --cols or a lower --side-solid",
            file=sys.stderr,
        )
    console.print(f"written to {folder}: design.h5, report.html and pictures")


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
