"""``metafast database build | info | mesh-errors | plot``, and exchange of databases."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from metafast.cli.claims import claimed
from metafast.cli.dataclass_options import options_from
from metafast.cli.exchange import export, import_, merge, relabel
from metafast.cli.outputs import FigureWidth, require_picture_target, width_of
from metafast.cli.shared import (
    Overwrite,
    Scheduler,
    Source,
    Threads,
    connected,
    console,
    open_database,
    refuse_existing,
    refuse_same,
    table_of,
)
from metafast.database import GrowthOptions
from metafast.material import Material

database_app = typer.Typer(
    help="Build, inspect and exchange databases of cells.", no_args_is_help=True
)


@database_app.command("build")
@options_from(Material, skip=("young",))
@options_from(GrowthOptions)
def build(
    options: GrowthOptions,
    solid: Material,
    output: Annotated[
        Path | None, typer.Option(help="HDF5 file to write; one in the user's cache by default.")
    ] = None,
    size: Annotated[int, typer.Option(help="Number of cells to grow.")] = 250_000,
    keep: Annotated[
        int | None, typer.Option(help="Keep only this many cells, chosen for coverage.")
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="State file; growth continues from it if it exists.")
    ] = None,
    scheduler: Scheduler = None,
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Grow a database by perturbing extreme and sparse cells."""
    from metafast._base.files import require_writable_directory
    from metafast._base.progress import progress_bars
    from metafast.database import build_database, thin_database
    from metafast.database.cache import full_database_path
    from metafast.selection import LEAST_SIDE_SOLID

    by_default, own_checkpoint = output is None, output is None and checkpoint is None
    if output is None:
        output = full_database_path()
        require_writable_directory(output.parent)
    refuse_existing(output, overwrite)
    refuse_same(checkpoint, output)
    if own_checkpoint:
        checkpoint = output.with_suffix(".state.npz")
    if keep is not None and not 0 < keep <= size:
        raise ValueError(f"--keep is {keep}; at least 1 and at most --size, {size}, is needed")
    with claimed(output) if by_default else nullcontext():
        with connected(scheduler) as client, progress_bars() as progress:
            grown = build_database(
                size,
                phases=solid,
                options=options,
                checkpoint=checkpoint,
                threads=threads,
                client=client,
                progress=progress,
            )
        if keep is not None:
            grown = thin_database(grown, min(keep, len(grown)), least_side_solid=LEAST_SIDE_SOLID)
        grown.save(output)
        if own_checkpoint and checkpoint is not None:
            checkpoint.unlink(missing_ok=True)
    console.print(f"{len(grown)} cells written to {output} ({output.stat().st_size / 1e6:.1f} MB)")


@database_app.command("info")
def info(path: Source = None) -> None:
    """Size, material, ranges, density and origin of a database."""
    import numpy as np

    from metafast.database.coverage import hull_volume, neighbour_distances
    from metafast.properties import PROPERTIES

    cells = open_database(path)
    console.print(str(cells))
    scaled = cells.properties / cells.phases.solid.young
    table = table_of("properties, in units of E", "", "smallest", "median", "largest")
    for name, column in zip(PROPERTIES, scaled.T, strict=True):
        values = np.quantile(column, [0.0, 0.5, 1.0])
        table.add_row(name, *(f"{value:.5f}" for value in values))
    console.print(table)
    table = table_of("density")
    table.add_row("volume of the hull of (C11, C12, C22)", f"{hull_volume(scaled):.4f}")
    for share, gap in zip(
        (50, 99), np.percentile(neighbour_distances(scaled), [50, 99]), strict=True
    ):
        table.add_row(f"distance to the nearest cell, {share} % below", f"{gap:.5f}")
    console.print(table)
    for key, value in cells.provenance.items():
        console.print(f"{key}: {value}")


database_app.command("import")(import_)
database_app.command("export")(export)
database_app.command("merge")(merge)
database_app.command("relabel")(relabel)


@database_app.command("mesh-errors")
def mesh_errors_(source: Source = None, threads: Threads = None) -> None:
    """Compute and keep how much too stiff one element per pixel makes each cell."""
    import numpy as np

    from metafast._base.progress import progress_bars
    from metafast.database import mesh_errors

    cells = open_database(source)
    with progress_bars() as progress:
        errors = mesh_errors(cells, threads=threads, progress=progress)
    table = table_of(f"one element per pixel against four, {len(cells)} cells")
    for share, error in zip((1, 10, 50, 90), np.percentile(errors, [1, 10, 50, 90]), strict=True):
        table.add_row(f"too stiff, {share} % of the cells below", f"{error:.3f}")
    console.print(table)


@database_app.command("plot")
def plot(
    output: Annotated[Path, typer.Option(help="Picture to write: .png, .svg or .pdf.")],
    path: Source = None,
    cloud: Annotated[
        Path | None,
        typer.Option(
            help="Properties to compare, (m, 3) or (m, 4), in units of E: .npy, .npz, .csv, .h5."
        ),
    ] = None,
    columns: Annotated[
        str | None, typer.Option(help="What the columns of the cloud are: C11,C12,C22,-.")
    ] = None,
    poisson: Annotated[
        float | None, typer.Option(help="Recompute the cells for this Poisson's ratio first.")
    ] = None,
    absolute: Annotated[
        bool, typer.Option("--absolute", help="In MPa, as Young's modulus, and not in units of E.")
    ] = False,
    width: FigureWidth = "double",
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Draw the property space (Fig. 4), with another cloud for comparison."""
    from dataclasses import replace

    from metafast._base.progress import progress_bars
    from metafast.database.clouds import read_cloud
    from metafast.plotting import plot_property_cloud

    figure_width = width_of(width)
    require_picture_target(output, overwrite)
    cells = open_database(path)
    points = None if cloud is None else read_cloud(cloud, columns)
    if poisson is not None:
        with progress_bars() as progress:
            material = replace(cells.phases.solid, poisson=poisson)
            cells = cells.relabel(material, threads=threads, progress=progress)
    solid = cells.phases.solid
    title = f"{len(cells):,} cells, nu = {solid.poisson:g}"
    if absolute:
        title += f", E = {solid.young:g} MPa"
    young = solid.young if absolute else None
    scaled = cells.properties / solid.young
    plot_property_cloud(scaled, points, title=title, young=young, path=output, width=figure_width)
    console.print(f"written to {output}")
