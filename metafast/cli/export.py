"""``metafast export``: files of a design or of cells, to print, to cut, to view, to simulate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from metafast.cli.cell_sources import cells_of, kind_of
from metafast.cli.quantities import megapascals, millimetres
from metafast.cli.shared import Overwrite, Threads, console, output_directory

if TYPE_CHECKING:
    from metafast._base.typing import AnyArray
    from metafast.export import Exported

_FOLDER = "export"  # in the directory of the design or beside the file
_FIELDS = ("vtu", "inp", "csv")  # formats that only a design has


def export(
    source: Annotated[
        Path,
        typer.Argument(
            help="Directory of a design or its design.h5; a database or family (.h5); pixels or "
            "cells (.npy, or .npz under 'cells')."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            help="Directory of the files; 'export' in that of the source by default.",
            show_default=False,
        ),
    ] = None,
    stl: Annotated[bool, typer.Option("--stl", help="Body of triangles.")] = False,
    three_mf: Annotated[bool, typer.Option("--3mf", help="Body of triangles, with units.")] = False,
    svg: Annotated[bool, typer.Option("--svg", help="Outlines.")] = False,
    dxf: Annotated[bool, typer.Option("--dxf", help="Outlines, for CAD and cutters.")] = False,
    png: Annotated[bool, typer.Option("--png", help="One pixel per pixel, black = solid.")] = False,
    vtu: Annotated[
        bool, typer.Option("--vtu", help="Displacement, stress and properties, for ParaView.")
    ] = False,
    inp: Annotated[bool, typer.Option("--inp", help="Deck for CalculiX and Abaqus.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Table of the cells.")] = False,
    cell_size: Annotated[
        str | None,
        typer.Option(
            help="Side of a cell, as 10mm, or width of a picture; that of the design by default."
        ),
    ] = None,
    thickness: Annotated[
        str | None, typer.Option(help="Thickness, as 5mm; that of the design by default.")
    ] = None,
    young: Annotated[
        str | None,
        typer.Option(help="Young's modulus, as 3GPa; that of the design by default."),
    ] = None,
    frame: Annotated[
        str | None, typer.Option(help="Width of a solid frame around the pixels, as 2mm.")
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="Height of a plate under the body, as 1mm.")
    ] = None,
    deformed: Annotated[
        bool, typer.Option("--deformed", help="Write the deformed shape too.")
    ] = False,
    least_width: Annotated[
        str | None,
        typer.Option(help="Least width of solid and void, as 0.4mm; refuse what is narrower."),
    ] = None,
    allow_narrow: Annotated[
        bool, typer.Option("--allow-narrow", help="Write what is narrower nevertheless.")
    ] = False,
    parts: Annotated[
        Literal["one", "largest", "all"] | None,
        typer.Option(
            help="Of several parts: refuse them, keep the largest, keep all. one for a design, "
            "all for cells.",
            show_default=False,
        ),
    ] = None,
    kinematics: Annotated[
        Literal["finite", "linear"] | None,
        typer.Option(help="Step of the deck; that of the design by default."),
    ] = None,
    order: Annotated[
        Literal["linear", "quadratic"],
        typer.Option(help="Elements of the deck: of four or of eight nodes."),
    ] = "linear",
    refine: Annotated[int, typer.Option(help="Elements per pixel side in the deck.")] = 1,
    rows: Annotated[
        str | None,
        typer.Option(help="Cells of a database or family, counted from 0, as 3,17 or 0-8."),
    ] = None,
    columns: Annotated[int | None, typer.Option(help="Cells in a row of a sheet.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the files, without its ending.")] = None,
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Write a design or cells as files in millimetres: to print, to cut, to view, to simulate."""
    from metafast._base.checks import require_threads
    from metafast._base.progress import progress_bars
    from metafast.pipeline.design_file import design_path

    flags = {"stl": stl, "3mf": three_mf, "svg": svg, "dxf": dxf}
    flags |= {"png": png, "vtu": vtu, "inp": inp, "csv": csv}
    formats = [kind for kind, wanted in flags.items() if wanted]
    if not formats:
        raise ValueError(f"no format was asked for; add one of --{', --'.join(flags)}")
    lengths = {
        "cell_size": millimetres("--cell-size", cell_size),
        "thickness": millimetres("--thickness", thickness),
        "frame": millimetres("--frame", frame) or 0.0,
        "base": millimetres("--base", base) or 0.0,
        "least_width": millimetres("--least-width", least_width) or 0.0,
    }
    modulus = megapascals(young)
    path = design_path(source)
    target = path.parent / _FOLDER if output is None else output
    kind = kind_of(path)
    shared: dict[str, Any] = {**lengths, "allow_narrow": allow_narrow, "overwrite": overwrite}
    with output_directory(target) as folder, progress_bars() as progress:
        if kind == "design":
            if rows is not None or columns is not None:
                raise ValueError("--rows and --columns choose cells of a database or family")
            from metafast.pipeline import Design

            made = Design.load(path).export(
                folder,
                formats,
                young=modulus,
                parts=parts or "one",
                deformed=deformed,
                kinematics=kinematics,
                order=order,
                refine=refine,
                name=name,
                threads=threads,
                progress=progress,
                **shared,
            )
        else:
            asked = {"deformed": deformed, "young": modulus, "kinematics": kinematics}
            asked |= {kind: kind in formats for kind in _FIELDS}
            asked |= {"order": order != "linear", "refine": refine != 1}
            _refuse_fields(source, [f"--{name}" for name, given in asked.items() if given])
            require_threads(threads)
            cells = cells_of(path, kind, rows)
            made = _export_cells(
                cells, folder, formats, columns, parts, name, progress=progress, **shared
            )
    for line in made.lines():
        console.print(line, highlight=False, soft_wrap=True)


def _export_cells(
    cells: AnyArray,
    folder: Path,
    formats: list[str],
    columns: int | None,
    parts: Literal["one", "largest", "all"] | None,
    name: str | None,
    *,
    cell_size: float | None,
    **options: Any,
) -> Exported:
    """Write a sheet of cells, or the one picture that there is."""
    from metafast.export import cell_sheet, export_structure

    if cell_size is None:
        raise ValueError("cells do not say how large they are; add --cell-size 10mm")
    return export_structure(
        cell_sheet(cells, columns),
        folder,
        formats,
        pixel_size=cell_size / cells.shape[-1],
        cell_size=cell_size,
        parts=parts or "all",
        name=name or "cells",
        **options,
    )


def _refuse_fields(source: Path, asked: list[str]) -> None:
    """Refuse options of what only a design has."""
    if asked:
        raise ValueError(
            f"{', '.join(asked)} need displacements, stresses and supports, which cells do not "
            f"have; {str(source)!r} is no design"
        )
