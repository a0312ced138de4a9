"""``metafast design``: from a problem to a structure, from the whole database or from a family."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metafast.cli.dataclass_options import options_from
from metafast.cli.material import Named, Plane, Poisson, Young, solid_of
from metafast.cli.problem import Cols, Rows, Settings, open_problem
from metafast.cli.shared import (
    EndedEarly,
    Overwrite,
    Threads,
    console,
    given_options,
    open_database,
    output_directory,
    refuse_existing,
    table_of,
)
from metafast.pipeline.design_file import FILE_NAME, PARTIAL_NAME, design_path
from metafast.pipeline.options import DesignOptions
from metafast.problems.file import shipped_problems

if TYPE_CHECKING:
    from metafast.database import CellDatabase
    from metafast.pipeline import Design
    from metafast.problems import Problem
    from metafast.selection import Family

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
    problem: Annotated[
        str, typer.Argument(help="A .toml file, or one of " + ", ".join(shipped_problems()) + ".")
    ],
    output: Annotated[Path, typer.Option(help="Directory for design.h5, pictures and report.")],
    options: DesignOptions,
    database: DatabasePath = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            help="Model whose latents cluster the candidates: default, the one that ships, or a "
            "file from metafast train. Principal components of the pixels otherwise."
        ),
    ] = None,
    family: Annotated[
        Path | None,
        typer.Option(help="Family from metafast families find; a continuous one works best."),
    ] = None,
    gradation: Annotated[
        str | None,
        typer.Option(
            help="Gradation to search a family along: .toml, .py (which is run), or eq7 (the "
            "paper's)."
        ),
    ] = None,
    amplitude: Annotated[
        float | None,
        typer.Option(help="Target amplitude: cell widths, or share of the compression (smiley)."),
    ] = None,
    rows: Rows = None,
    cols: Cols = None,
    settings: Settings = None,
    material: Named = None,
    young: Young = None,
    poisson: Poisson = None,
    plane: Plane = None,
    start: Annotated[
        Path | None,
        typer.Option(
            help="Design to go on from: its directory or file. Its options hold where none come."
        ),
    ] = None,
    details: Annotated[
        bool, typer.Option("--details", help="Print the tables of the report too.")
    ] = False,
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Design a structure, solve every pixel of it, and write the result.

    Options given here go before those of the problem file. With a family the defaults are
    --selection nearest and --least-side-solid 0. The best structure so far is in partial.h5 until
    the design is finished; Ctrl-C ends it early with that structure.
    """
    from metafast import problems
    from metafast._base.progress import progress_bars
    from metafast.pipeline import Design
    from metafast.pipeline import design as run
    from metafast.report import size_text, stiffness_text, summary_lines

    if family and (gradation or database):
        raise ValueError("--family brings its own cells; leave --gradation and --database out")
    settings = list(settings or ()) + ([] if amplitude is None else [f"amplitude={amplitude}"])
    file = open_problem(problem, rows, cols, settings)
    given = {**file.options, **given_options(context, options)}
    options = DesignOptions(**given)
    before = None
    if start is not None:
        before = Design.load(start)
        options = before.options.changed(**given_options(context, options))
    solid = solid_of(material, young, poisson, plane, file.material)
    if output.is_dir():
        for name in (FILE_NAME, "report.html"):
            refuse_existing(output / name, overwrite)
        if start is None or design_path(start) != output / PARTIAL_NAME:
            _refuse_partial(output, overwrite)
    cells = None if family else open_database(database)
    members = _family(family, gradation, cells, threads)
    if members is not None and before is None:
        options = DesignOptions.for_family(**given)
    task = file.problem
    source = repr(members) if members else f"{len(cells or ()):,} cells"
    with output_directory(output) as folder, progress_bars() as progress:
        size = f"{size_text(task)} from {source}{_symmetry(task, options)}"
        console.print(f"[bold]{task.name}[/bold]: {size}")
        try:
            result = run(
                file,
                None if members else cells,
                encoder,
                family=members,
                material=solid,
                options=options,
                start=before,
                checkpoint=folder / PARTIAL_NAME,
                threads=threads,
                progress=progress,
            )
        except KeyboardInterrupt as early:
            raise EndedEarly(str(early) or "interrupted: nothing was written") from None
        result.save(folder)
    if details:
        _print_tables(result)
    for line in summary_lines(
        task,
        result.errors,
        result.certified,
        result.trace,
        published=None if file.source.changes else problems.PUBLISHED.get(problem),
        folder=folder,
        symmetry=result.symmetry,
        stiffness=stiffness_text(result),
    ):
        console.print(line, highlight=False, soft_wrap=True)
    if result.interrupted:
        raise EndedEarly(
            f"interrupted: the best structure so far is in {output}; to go on from it, add "
            f"--start {output} and another --output"
        )


def _symmetry(task: Problem, options: DesignOptions) -> str:
    """The mirror symmetry that the design is to have, in words."""
    from metafast.problems.symmetry import symmetry_of

    found = symmetry_of(task)
    return f", symmetric {found}" if found and options.symmetry == "auto" else ""


def _refuse_partial(output: Path, overwrite: bool) -> None:
    """Keep the structure that a run left when it was killed."""
    partial = output / PARTIAL_NAME
    if partial.exists() and not overwrite:
        raise ValueError(
            f"{str(partial)!r} is the best structure of a run that did not end; add --start "
            f"{str(output)!r} to go on from it, or --overwrite"
        )


def _print_tables(result: Design) -> None:
    """Print every table of the report."""
    from metafast.pipeline.presentation import tables_of

    for title, rows in tables_of(result):
        table = table_of(title, *[""] * max(map(len, rows)))
        table.show_header = False
        for row in rows:
            table.add_row(*row)
        console.print(table)


def _family(
    path: Path | None, gradation: str | None, cells: CellDatabase | None, threads: int | None
) -> Family | None:
    """The family in a file, or the first one along a gradation, made continuous."""
    from metafast._base.progress import progress_bars
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

    vae = CellVAE.default()
    with progress_bars() as progress:
        found = find_families(cells, vae, curve, 1, decoder=vae, threads=threads, progress=progress)
    with console.status("decoding between the members"):
        return found[0].continuous(vae, _MEMBERS)
