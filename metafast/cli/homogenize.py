"""``metafast homogenize cells``: stiffness and engineering constants of cells from any file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from metafast.cli.dataclass_options import options_from
from metafast.cli.outputs import require_ending
from metafast.cli.shared import (
    Overwrite,
    Threads,
    console,
    refuse_existing,
    show_notes,
    table_of,
)
from metafast.database.reading import ReadingOptions
from metafast.material import Material
from metafast.phases import VOID, Phases

if TYPE_CHECKING:
    from metafast._base.typing import FloatArray

_ROWS = 10  # cells shown
_RATIOS = ("nu12",)  # columns without a unit
_SMALL = ("C13", "C23")  # columns that are mostly noise


@options_from(Material)
@options_from(ReadingOptions, skip=("labels", "columns"))
def homogenize(
    cells: Annotated[
        Path,
        typer.Argument(
            help="Cells: .npy, .npz, .mat, .h5, .txt, .png and other pictures, .svg, .dxf, or a "
            "folder of files of one cell."
        ),
    ],
    base: Material,
    reading: ReadingOptions,
    output: Annotated[
        Path | None,
        typer.Option(help="Write all to .csv, or the (n, 3, 3) stiffness to .npy."),
    ] = None,
    void_stiffness: Annotated[
        float, typer.Option(help="Young's modulus of void relative to the solid.")
    ] = VOID,
    void_young: Annotated[
        float | None, typer.Option(help="Young's modulus of a second material in the void.")
    ] = None,
    void_poisson: Annotated[
        float | None, typer.Option(help="Its Poisson's ratio; the solid's by default.")
    ] = None,
    refine: Annotated[int, typer.Option(help="Elements per pixel side.")] = 1,
    corners: Annotated[
        Literal["carry", "warn", "refuse"],
        typer.Option(help="What to do about solid that touches only at corners."),
    ] = "warn",
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Effective stiffness and engineering constants of pixel cells."""
    from metafast._base.files import save_array
    from metafast._base.progress import progress_bars
    from metafast.database.arrival import warn_of_void
    from metafast.database.reading import read_cells
    from metafast.homogenization import homogenize as run

    if output is not None:
        require_ending(output, "the result", (".csv", ".npy"))
        refuse_existing(output, overwrite)
    if void_poisson is not None and void_young is None:
        raise ValueError("--void-poisson needs --void-young: both describe the second material")
    read = read_cells(cells, options=reading)
    show_notes(read.notes)
    void: float | Material = void_stiffness
    if void_young is not None:
        poisson = base.poisson if void_poisson is None else void_poisson
        void = Material(void_young, poisson, base.plane)
    phases = Phases(base, void)
    with progress_bars() as progress:
        stiffness = run(
            read.cells,
            phases,
            refine=refine,
            corners=corners if void_young is None else "carry",
            threads=threads,
            progress=progress,
        )
    warn_of_void(stiffness, phases)
    columns = result_columns(stiffness, "E" if base.young == 1.0 else "MPa")
    names = read.names or tuple(map(str, range(len(read))))
    _show(columns, names, base)
    if output is None:
        return
    if output.suffix == ".csv":
        from metafast.database.result_table import write_result_table

        write_result_table(output, names, read.cells.mean(axis=(1, 2)), columns)
    else:
        save_array(output, stiffness)
    console.print(f"written to {output}")


def result_columns(stiffness: FloatArray, unit: str) -> dict[str, Any]:
    """Columns (n,) by heading: all stiffnesses and the engineering constants."""
    from metafast.homogenization import stiffnesses_of
    from metafast.properties import STIFFNESSES, engineering_constants

    columns = dict(zip(STIFFNESSES, stiffnesses_of(stiffness).T, strict=True))
    constants = engineering_constants(stiffness)._asdict()
    columns |= {name: constants[name] for name in ("E1", "E2", "nu12", "G12")}
    return {name if name in _RATIOS else f"{name} [{unit}]": each for name, each in columns.items()}


def _show(columns: dict[str, Any], names: tuple[str, ...], base: Material) -> None:
    """Print the first cells, the stiffnesses and the constants in a table each."""
    unit = "units of E" if base.young == 1.0 else f"MPa (Young's modulus {base.young:g})"
    headings = list(columns)
    for title, part in (("stiffness", headings[:6]), ("engineering constants", headings[6:])):
        shown = [each.replace(" [E]", "/E").replace("[", "").replace("]", "") for each in part]
        table = table_of(f"{title} of {len(names)} cells, in {unit}", "cell", *shown)
        for k, name in enumerate(names[:_ROWS]):
            digits = [3 if heading[:3] in _SMALL else 6 for heading in part]
            values = zip((columns[heading][k] for heading in part), digits, strict=True)
            table.add_row(Path(name).stem, *(f"{value:.{count}g}" for value, count in values))
        console.print(table)
    if len(names) > _ROWS:
        console.print(f"and {len(names) - _ROWS} more; --output writes all")
