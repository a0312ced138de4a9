"""``metafast export``: files of a design or of cells, to print, to cut, to view, to simulate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from metafast.cli.shared import Overwrite, Threads, console

if TYPE_CHECKING:
    from metafast._base.typing import AnyArray
    from metafast.export import Exported

_FOLDER = "export"  # in the directory of the design or beside the file
_MOST_CELLS = 400  # of a sheet without --rows


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
        typer.Option(help="Side of a cell, as 10mm; that of the design by default."),
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
    from metafast._base.progress import progress_bars
    from metafast.pipeline.design_file import design_path

    flags = {"stl": stl, "3mf": three_mf, "svg": svg, "dxf": dxf}
    flags |= {"png": png, "vtu": vtu, "inp": inp, "csv": csv}
    formats = [kind for kind, wanted in flags.items() if wanted]
    if not formats:
        raise ValueError(f"no format was asked for; add one of --{', --'.join(flags)}")
    lengths = {
        "cell_size": _millimetres("--cell-size", cell_size),
        "thickness": _millimetres("--thickness", thickness),
        "frame": _millimetres("--frame", frame) or 0.0,
        "base": _millimetres("--base", base) or 0.0,
        "least_width": _millimetres("--least-width", least_width) or 0.0,
    }
    path = design_path(source)
    folder = path.parent / _FOLDER if output is None else output
    kind = _kind(path)
    shared: dict[str, Any] = {**lengths, "allow_narrow": allow_narrow, "overwrite": overwrite}
    with progress_bars() as progress:
        if kind == "design":
            if rows is not None or columns is not None:
                raise ValueError("--rows and --columns choose cells of a database or family")
            from metafast.pipeline import Design

            made = Design.load(path).export(
                folder,
                formats,
                young=_megapascals(young),
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
            _refuse_fields(source, deformed, [kind for kind in formats if kind in _FIELDS])
            cells = _cells(path, kind, rows)
            made = _export_cells(
                cells, folder, formats, columns, parts, name, progress=progress, **shared
            )
    for line in made.lines():
        console.print(line, highlight=False, soft_wrap=True)


_FIELDS = ("vtu", "inp", "csv")


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


def _refuse_fields(source: Path, deformed: bool, fields: list[str]) -> None:
    """Refuse what only a design has."""
    asked = [f"--{kind}" for kind in fields] + ["--deformed"] * deformed
    if asked:
        raise ValueError(
            f"{', '.join(asked)} need displacements, stresses and supports, which cells do not "
            f"have; {str(source)!r} is no design"
        )


def _kind(path: Path) -> str:
    """What a file holds: a design, a database, a family, or an array."""
    import h5py

    if not path.exists():
        raise ValueError(f"there is nothing at {str(path)!r}; check the path")
    if path.suffix in (".npy", ".npz"):
        return "array"
    try:
        with h5py.File(path, "r") as file:
            kind = str(file.attrs.get("format", "")).removeprefix("metafast-").split("-")[0]
    except OSError as error:
        raise ValueError(
            f"{str(path)!r} cannot be read ({error}); a design, database or family (.h5), or an "
            "array (.npy, .npz) is needed"
        ) from error
    if kind not in ("design", "database", "family"):
        raise ValueError(f"{str(path)!r} is no design, database or family of metafast")
    return kind


def _cells(path: Path, kind: str, rows: str | None) -> AnyArray:
    """Cells (n, h, w) of a database, a family or an array."""
    from metafast._base.checks import require_cells
    from metafast._base.files import load_array

    if kind == "database":
        from metafast.database import CellDatabase

        database = CellDatabase.load(path)
        chosen = _chosen(rows, len(database))
        return database.take(chosen)
    if kind == "family":
        from metafast.selection import Family

        every = Family.load(path).cells
    else:
        every = require_cells(load_array(path, "cells"))
    return every[_chosen(rows, len(every))]


def _chosen(rows: str | None, count: int) -> list[int]:
    """Numbers of the cells that were asked for; all by default, if they are not too many."""
    if rows is None:
        if count > _MOST_CELLS:
            raise ValueError(
                f"there are {count:,} cells; choose some with --rows 3,17 or --rows 0-99"
            )
        return list(range(count))
    numbers: list[int] = []
    for word in rows.split(","):
        first, dash, last = word.strip().partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            raise ValueError(f"--rows came with {rows!r}; numbers are needed, as 3,17 or 0-8")
        numbers += range(int(first), int(last or first) + 1)
    if not numbers or max(numbers) >= count:
        raise ValueError(f"--rows {rows} reaches beyond the {count:,} cells, counted from 0")
    return numbers


def _millimetres(option: str, text: str | None) -> float | None:
    """Length of an option in millimetres."""
    from metafast.problems.file.quantities import MILLIMETRES

    return _quantity(option, text, MILLIMETRES)


def _megapascals(text: str | None) -> float | None:
    """Young's modulus in MPa."""
    from metafast.problems.file.quantities import MEGAPASCALS

    return _quantity("--young", text, MEGAPASCALS)


def _quantity(option: str, text: str | None, units: dict[str, float]) -> float | None:
    from metafast.problems.file.quantities import require_quantity

    if text is None:
        return None
    try:
        return require_quantity(text, units)
    except ValueError as error:
        raise ValueError(f"{option}: {error}") from None
