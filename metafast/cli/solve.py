"""``metafast solve``: every pixel of a picture of a structure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from metafast.cli.dataclass_options import options_from
from metafast.cli.material import Named, Plane, Poisson, Young, solid_of
from metafast.cli.outputs import require_ending
from metafast.cli.problem import Cols, FileOrName, Rows, Settings, open_problem
from metafast.cli.shared import (
    Overwrite,
    Threads,
    console,
    refuse_existing,
    show_notes,
    table_of,
)
from metafast.database.reading import ReadingOptions
from metafast.pipeline.design_file import FILE_NAME, PARTIAL_NAME

if TYPE_CHECKING:
    from metafast._base.typing import ByteArray
    from metafast.structure import StructureResponse


@options_from(ReadingOptions, skip=("labels", "columns", "axes", "order", "pixels"))
def solve(
    pixels: Annotated[
        Path,
        typer.Argument(
            help="Picture or array of the assembled structure, or a design, for its pixels."
        ),
    ],
    problem: FileOrName,
    reading: ReadingOptions,
    output: Annotated[
        Path | None,
        typer.Option(help="Table of the displacement of all macro nodes, .csv."),
    ] = None,
    kinematics: Annotated[
        Literal["finite", "linear"], typer.Option(help="Displacements of any size, or small ones.")
    ] = "finite",
    law: Annotated[
        Literal["neo-hookean", "st-venant-kirchhoff"],
        typer.Option(help="Law of the solid at finite deformation."),
    ] = "neo-hookean",
    refine: Annotated[int, typer.Option(help="Elements per pixel side.")] = 1,
    rows: Rows = None,
    cols: Cols = None,
    settings: Settings = None,
    material: Named = None,
    young: Young = None,
    poisson: Poisson = None,
    plane: Plane = None,
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Solve every pixel of a structure under the supports and loads of a problem."""
    from metafast._base.files import atomic_write
    from metafast._base.progress import progress_bars
    from metafast.structure import solve_structure

    if output is not None:
        require_ending(output, "a table", (".csv",))
        refuse_existing(output, overwrite)
    file = open_problem(problem, rows, cols, settings)
    body = _pixels(pixels, reading)
    with progress_bars() as progress:
        response = solve_structure(
            body,
            file.problem,
            solid_of(material, young, poisson, plane, file.material),
            kinematics=kinematics,
            law=law,
            refine=refine,
            threads=threads,
            progress=progress,
        )
    table = table_of(f"{file.problem.name}: every pixel, {kinematics}")
    table.show_header = False
    for row in _facts(response):
        table.add_row(*row)
    console.print(table)
    if output is not None:
        with atomic_write(output) as partial:
            partial.write_text(_displacements(response), encoding="utf-8")
        console.print(f"written to {output}", highlight=False, soft_wrap=True)


def _pixels(path: Path, reading: ReadingOptions) -> ByteArray:
    """Pixels of a picture, an array or a design."""
    from metafast.database import read_cells
    from metafast.pipeline import Design

    if (path / FILE_NAME).is_file() or path.name in (FILE_NAME, PARTIAL_NAME):
        return Design.load(path).pixels
    read = read_cells(path, options=reading)
    if len(read.cells) != 1:
        raise ValueError(
            f"{str(path)!r} holds {len(read.cells)} pictures; one of the whole structure is "
            "needed, as metafast export --png writes it"
        )
    show_notes(read.notes)
    cells: ByteArray = read.cells[0]
    return cells


def _facts(response: StructureResponse) -> list[tuple[str, str]]:
    """Rows of the table."""
    facts = [
        ("RRMSE of the targets", f"{response.rrmse:.4f}"),
        ("unknowns", f"{response.dofs:,}"),
        ("floating pixels, left out", f"{response.removed_pixels:,}"),
        ("corner contacts", f"{response.corner_contacts:,}"),
        ("largest strain", f"{response.largest_strain:.4f}"),
    ]
    if response.kinematics == "finite":
        facts[1:1] = [
            ("RRMSE by linear elasticity", f"{response.linear_rrmse:.4f}"),
            ("stable at the full load", "yes" if response.stable else "no"),
            ("boundary nodes in other pixels", f"{response.overlapping_nodes:,}"),
        ]
    return [*facts, ("seconds", f"{response.timings['total']:.1f}")]


def _displacements(response: StructureResponse) -> str:
    """Table of the macro nodes: row and column from the top left, u_x, u_y in cell widths."""
    lines = ["row,column,u_x,u_y"]
    for r, row in enumerate(response.displacement):
        lines += [f"{r},{c},{u[0]!r},{u[1]!r}" for c, u in enumerate(row.tolist())]
    return "\n".join(lines) + "\n"
