"""``metafast plot``: figures of a design for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from metafast.cli.outputs import FigureWidth, require_picture_target, width_of
from metafast.cli.shared import Overwrite, console, table_of

_VERIFICATION = "verification"
_ABOUT_VERIFICATION = "load paths of all laws and meshes that metafast verify solved"
_COMPONENTS = {"x": 0, "y": 1}


def plot(
    design: Annotated[Path, typer.Argument(help="Directory of a design, or its design.h5.")],
    figure: Annotated[
        str | None,
        typer.Option(help="Name of the figure; all names are listed without it.", metavar="NAME"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="File, .pdf, .svg or .png; NAME.pdf in the design's directory by default.",
            show_default=False,
        ),
    ] = None,
    width: FigureWidth = "double",
    title: Annotated[bool, typer.Option(help="Write a title above the figure.")] = True,
    component: Annotated[
        Literal["x", "y"] | None,
        typer.Option(
            help="Displacement that colours the figure deformed; what the targets ask most of by "
            "default.",
            show_default=False,
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Draw a figure of a design for a paper, or list the figures that there are."""
    from metafast.pipeline import Design
    from metafast.verification.verification import FILE_NAME

    beside = design if design.is_dir() else design.parent
    has_verification = (beside / FILE_NAME).is_file()
    target = beside / f"{figure}.pdf" if output is None else output
    options: dict[str, Any] = {"width": width_of(width)}
    if figure is not None:
        require_picture_target(target, overwrite)
    if figure == _VERIFICATION and has_verification:
        from metafast.verification import Verification

        Verification.load(beside).plot(target, **options)
    else:
        made = Design.load(design)
        if figure is None:
            _list(made, has_verification)
            return
        if not title:
            options["title"] = ""
        if component is not None:
            options["component"] = _COMPONENTS[component]
        made.plot(figure, target, **options)
    console.print(f"written to {target}", highlight=False, soft_wrap=True)


def _list(design: Any, has_verification: bool) -> None:
    """Print the figures of a design."""
    from metafast.pipeline.figures import FIGURES

    table = table_of(f"figures of {design.problem.name}", "figure", "shows")
    table.columns[1].justify = "left"
    for name in design.figures:
        table.add_row(name, FIGURES[name])
    if has_verification:
        table.add_row(_VERIFICATION, _ABOUT_VERIFICATION)
    console.print(table)
