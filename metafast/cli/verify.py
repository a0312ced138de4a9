"""``metafast verify``: a design by kinematics, laws, meshes and programs from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from metafast.cli.shared import (
    Overwrite,
    Threads,
    console,
    output_directory,
    refuse_existing,
    table_of,
)
from metafast.structure.finite.laws import LAWS


def verify(
    design: Annotated[Path, typer.Argument(help="Directory of a design, or its design.h5.")],
    refine: Annotated[
        list[int] | None,
        typer.Option(help="Elements per pixel side; again for another mesh. 1 and 2 by default."),
    ] = None,
    law: Annotated[
        list[str] | None, typer.Option(help=f"{' or '.join(LAWS)}; again for another. Both.")
    ] = None,
    outside: Annotated[
        bool, typer.Option(help="Let installed programs from outside solve the body too.")
    ] = True,
    output: Annotated[
        Path | None, typer.Option(help="Directory for the results; the design's by default.")
    ] = None,
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Verify a design: linear and finite deformation, both laws, meshes, programs from outside."""
    from metafast._base.progress import progress_bars
    from metafast.pipeline import Design
    from metafast.verification import verify as run
    from metafast.verification.verification import FILE_NAME, PICTURE_NAME

    made = Design.load(design)
    beside = design if design.is_dir() else design.parent
    target = beside if output is None else output
    with output_directory(target) as folder, progress_bars() as progress:
        for name in (FILE_NAME, PICTURE_NAME):
            refuse_existing(folder / name, overwrite)
        result = run(
            made,
            refine=refine or (1, 2),
            laws=law or LAWS,  # type: ignore[arg-type]
            outside=outside,
            threads=threads,
            progress=progress,
        )
        result.save(folder)
    for title, rows in result.tables():
        if title == "remarks":
            for (line,) in rows:
                console.print(line, highlight=False, soft_wrap=True)
            continue
        table = table_of(title, *rows[0])
        for row in rows[1:]:
            table.add_row(*row)
        console.print(table)
    written = [name for name in (FILE_NAME, PICTURE_NAME) if (folder / name).is_file()]
    size = f"{result.problem}, {result.cells[0]} x {result.cells[1]} cells"
    for line in (
        f"{size}: RRMSE {result.headline:.4f} ({result.headline_source})",
        f"written to {folder}: {', '.join(written)}",
    ):
        console.print(line, highlight=False, soft_wrap=True)
