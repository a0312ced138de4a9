"""``metafast report``: report and pictures of a design anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from metafast.cli.shared import (
    Overwrite,
    console,
    open_database,
    output_directory,
    refuse_existing,
)


def report(
    design: Annotated[Path, typer.Argument(help="Directory of a design, or its design.h5.")],
    output: Annotated[
        Path | None,
        typer.Option(help="Directory for report.html and pictures; the design's by default."),
    ] = None,
    database: Annotated[
        Path | None,
        typer.Option(
            help="Database that the design was made from, for its property space and its map of "
            "shapes; the embedded one by default.",
            show_default=False,
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            help="Generative model whose latent space the map shows; principal components of the "
            "pixels by default.",
            show_default=False,
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write the report of a design and its pictures anew."""
    from metafast.cli.latent import open_model
    from metafast.pipeline import Design

    made = Design.load(design)
    cells = None if database is None else open_database(database)
    encoder = None if model is None else open_model(model)
    target = output or (design if design.is_dir() else design.parent)
    with output_directory(target) as folder:
        refuse_existing(folder / "report.html", overwrite)
        page = made.report(folder, database=cells, encoder=encoder)
    console.print(f"written to {page}", highlight=False, soft_wrap=True)
