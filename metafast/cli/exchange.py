"""``metafast database import | export | merge | relabel``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from metafast.cli.dataclass_options import options_from
from metafast.cli.outputs import require_ending
from metafast.cli.shared import (
    Overwrite,
    Source,
    Threads,
    console,
    open_database,
    refuse_existing,
    show_notes,
)
from metafast.database.reading import ReadingOptions
from metafast.material import NAMED, Material
from metafast.phases import VOID, Phases

_DATABASE = (".h5", ".hdf5")


@options_from(Material)
@options_from(ReadingOptions)
def import_(
    source: Annotated[
        Path,
        typer.Argument(
            help="Cells: .mat, .npy, .npz, .h5, .txt, .png and other pictures, .svg, .dxf, or a "
            "folder of files of one cell."
        ),
    ],
    output: Annotated[Path, typer.Option(help="HDF5 file to write.")],
    base: Material,
    reading: ReadingOptions,
    void_stiffness: Annotated[
        float, typer.Option(help="Young's modulus of void relative to the solid.")
    ] = VOID,
    only_orthotropic: Annotated[
        bool, typer.Option("--only-orthotropic", help="Leave out cells with C13 or C23.")
    ] = False,
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Import cells from other sources, compute their properties and check their labels."""
    from metafast._base.progress import progress_bars
    from metafast.database import import_database

    require_ending(output, "the database", _DATABASE, ".h5")
    refuse_existing(output, overwrite)
    with progress_bars() as progress:
        imported = import_database(
            source,
            phases=Phases(base, void_stiffness),
            only_orthotropic=only_orthotropic,
            options=reading,
            threads=threads,
            progress=progress,
        )
    show_notes(imported.notes)
    imported.database.save(output)
    console.print(f"{imported.database} written to {output}")
    if imported.check is not None:
        console.print(str(imported.check))


def export(
    output: Annotated[
        Path,
        typer.Option(help=".mat, .npy, .npz, .csv, .h5, or no ending for a folder of .txt."),
    ],
    path: Source = None,
    overwrite: Overwrite = False,
) -> None:
    """Write a database for other programs."""
    from metafast.database import export_database

    if output.suffix:
        refuse_existing(output, overwrite)
    console.print(f"written to {export_database(open_database(path), output)}")


def merge(
    paths: Annotated[list[Path], typer.Argument(help="HDF5 databases of the same material.")],
    output: Annotated[Path, typer.Option(help="HDF5 file to write.")],
    overwrite: Overwrite = False,
) -> None:
    """Merge databases into one of their distinct cells."""
    from metafast.database import merge_databases

    refuse_existing(output, overwrite)
    parts = [open_database(path) for path in paths]
    merged = merge_databases(parts)
    merged.save(output)
    double = sum(map(len, parts)) - len(merged)
    console.print(f"{merged} written to {output}; {double} duplicate cells left out")


def relabel(
    output: Annotated[Path, typer.Option(help="HDF5 file to write.")],
    path: Source = None,
    material: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(NAMED)}, Young's modulus in MPa.")
    ] = None,
    young: Annotated[
        float | None, typer.Option(help="Young's modulus; as it is by default.")
    ] = None,
    poisson: Annotated[
        float | None, typer.Option(help="Poisson's ratio; as it is by default.")
    ] = None,
    plane: Annotated[
        str | None, typer.Option(help="stress or strain; as it is by default.")
    ] = None,
    void_stiffness: Annotated[
        float | None, typer.Option(help="Young's modulus of void relative to the solid.")
    ] = None,
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Compute the properties of the same cells for another solid or void."""
    from dataclasses import replace

    from metafast._base.progress import progress_bars

    require_ending(output, "the database", _DATABASE, ".h5")
    refuse_existing(output, overwrite)
    cells = open_database(path)
    solid = cells.phases.solid if material is None else Material.named(material)
    given = {"young": young, "poisson": poisson, "plane": plane}
    changes = {name: value for name, value in given.items() if value is not None}
    phases = replace(cells.phases, solid=replace(solid, **changes))  # type: ignore[arg-type]
    if void_stiffness is not None:
        phases = replace(phases, void=void_stiffness)
    if phases == cells.phases:
        raise ValueError(
            f"{cells} is labelled for this already; give --material, --young, --poisson, --plane "
            "or --void-stiffness"
        )
    with progress_bars() as progress:
        relabelled = cells.relabel(phases, threads=threads, progress=progress)
    relabelled.save(output)
    console.print(f"{relabelled} written to {output}")
