"""``metafast latent traverse | arrow | interpolate | map | sample``: walks in latent space."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from metafast.cli.cell_results import CellResults, CellsFile, Picture
from metafast.cli.outputs import FigureWidth, require_picture_target, width_of
from metafast.cli.shared import DatabasePath, Overwrite, console, open_database, table_of

if TYPE_CHECKING:
    from metafast.generative import CellVAE
    from metafast.generative.decoding import DecodedCells

latent_app = typer.Typer(
    help="Walk the latent space of a trained model; properties are recomputed.",
    no_args_is_help=True,
)

ModelPath = Annotated[
    Path | None,
    typer.Option("--model", help="Model from metafast train; the one that ships by default."),
]
Steps = Annotated[int, typer.Option(help="Cells along the walk.")]
Join = Annotated[bool, typer.Option("--join", help="Join cells that are in pieces.")]
Cell = Annotated[int, typer.Option(help="Row of the database to start from.")]


@latent_app.command("traverse")
def traverse(
    output: Picture = None,
    cells_file: CellsFile = None,
    model: ModelPath = None,
    database: DatabasePath = None,
    cell: Cell = 0,
    dimension: Annotated[int, typer.Option(help="Latent dimension to walk along.")] = 0,
    length: Annotated[float, typer.Option(help="Length in standard deviations.")] = 4.0,
    steps: Steps = 9,
    join: Join = False,
    overwrite: Overwrite = False,
) -> None:
    """Change one latent dimension of a cell (Fig. 7)."""
    from metafast.generative import latent

    results = CellResults(output, cells_file, overwrite)
    vae, z = _start(model, database, [cell])
    if not 0 <= dimension < vae.latent:
        raise ValueError(f"dimension is {dimension}; 0 to {vae.latent - 1} are needed")
    way = np.eye(vae.latent)[dimension]
    walk = latent.traverse(vae, z[0] - 0.5 * length * way, way, length, steps, join=join)
    _show(walk, vae, results, f"latent dimension {dimension}")


@latent_app.command("arrow")
def arrow(
    name: Annotated[str, typer.Argument(help="C11, C12, C22, C33, poisson or anisotropy.")],
    output: Picture = None,
    cells_file: CellsFile = None,
    model: ModelPath = None,
    database: DatabasePath = None,
    cell: Cell = 0,
    length: Annotated[float, typer.Option(help="Length in standard deviations.")] = 3.0,
    steps: Steps = 9,
    method: Annotated[
        str,
        typer.Option(
            help="means: the paper's straight arrow; slope: straight, where the property rises "
            "fastest on average; local: straight, where it does among the cells nearest to the "
            "start; ascend: curved, where it rises at each point, to connected cells "
            "(joined if necessary) each higher than the last, fewer where there is no higher one."
        ),
    ] = "means",
    join: Join = False,
    rising: Annotated[
        bool,
        typer.Option(
            "--rising",
            help="Read each cell of a straight walk at the threshold, and join it if need be, so "
            "that the walk is whole and the property rises.",
        ),
    ] = False,
    overwrite: Overwrite = False,
) -> None:
    """Walk from a cell along the semantic arrow of a property (Figs. 9 and 10)."""
    from metafast.generative import latent

    if method not in ("means", "slope", "local", "ascend"):
        raise ValueError(f"method is {method!r}; use 'means', 'slope', 'local' or 'ascend'")
    results = CellResults(output, cells_file, overwrite)
    vae, z = _start(model, database, [cell])
    if method == "ascend":
        (walk,) = latent.ascend(vae, z, name, length, steps)
        _show(walk, vae, results, f"curved arrow of {name}")
        if len(walk.z) < steps:
            console.print(f"no connected cell goes further after {len(walk.z)} of {steps} cells")
        return
    cells = open_database(database)
    rows = np.arange(0, len(cells), max(1, len(cells) // 20_000))
    points, properties = vae.encode(cells.take(rows)), cells.properties[rows]
    way = latent.property_arrow(
        points,
        properties,
        name,
        method="means" if method == "means" else "slope",
        near=z[0] if method == "local" else None,
    )
    to_rise = name if rising else None
    walk = latent.traverse(vae, z[0], way, length, steps, join=join, rising=to_rise)
    _show(walk, vae, results, f"arrow of {name}")


@latent_app.command("interpolate")
def interpolate(
    output: Picture = None,
    cells_file: CellsFile = None,
    model: ModelPath = None,
    database: DatabasePath = None,
    first: Annotated[int, typer.Option(help="Row of the database.")] = 0,
    last: Annotated[int, typer.Option(help="Row of the database.")] = 1,
    steps: Steps = 9,
    join: Join = False,
    overwrite: Overwrite = False,
) -> None:
    """Cells between two cells (section 3.3)."""
    from metafast.generative import latent

    results = CellResults(output, cells_file, overwrite)
    vae, z = _start(model, database, [first, last])
    walk = latent.interpolate(vae, z[0], z[1], steps, join=join)
    _show(walk, vae, results, f"from cell {first} to {last}")


@latent_app.command("sample")
def sample(
    output: Picture = None,
    cells_file: CellsFile = None,
    model: ModelPath = None,
    count: Annotated[int, typer.Option(help="Cells to generate.")] = 40,
    seed: Annotated[int, typer.Option(help="Seed of the random numbers.")] = 0,
    rounds: Annotated[
        int, typer.Option(help="Moves of the random points towards cells; 0 keeps them.")
    ] = 3,
    join: Annotated[bool, typer.Option(help="Join cells that are in pieces.")] = True,
    overwrite: Overwrite = False,
) -> None:
    """Random cells (Fig. 6)."""
    from metafast.generative import latent

    results = CellResults(output, cells_file, overwrite)
    vae = open_model(model)
    cells = latent.sample(vae, count, seed=seed, rounds=rounds, join=join)
    _show(cells, vae, results, f"{count} random cells")
    console.print(
        f"clear {cells.clear.mean():.1%}, connected {cells.connected.mean():.1%} (joined "
        f"{cells.joined.mean():.1%}), both {(cells.clear & cells.connected).mean():.1%}"
    )


@latent_app.command("map")
def map_of(
    output: Annotated[Path, typer.Option(help="Picture to write (.png, .svg or .pdf).")],
    model: ModelPath = None,
    database: DatabasePath = None,
    width: FigureWidth = "double",
    overwrite: Overwrite = False,
) -> None:
    """Two principal components of the latent space, coloured by each property (Fig. 8)."""
    from metafast.generative import latent
    from metafast.plotting import plot_latent_map

    figure_width = width_of(width)
    require_picture_target(output, overwrite)
    cells = open_database(database)
    rows = np.arange(0, len(cells), max(1, len(cells) // 20_000))
    vae, z = _start(model, database, rows.tolist())
    relative = cells.properties[rows] / cells.phases.solid.young
    plot_latent_map(latent.principal_map(z), relative, path=output, width=figure_width)
    console.print(f"written to {output}: {len(rows)} cells by {vae}")


def open_model(path: Path | None) -> CellVAE:
    """The model at a path, or the one that ships."""
    from metafast.generative import CellVAE

    return CellVAE.default() if path is None else CellVAE.load(path)


def _start(
    model: Path | None, database: Path | None, rows: list[int]
) -> tuple[CellVAE, np.ndarray]:
    """The model, and the latent points of some rows of the database."""
    vae, cells = open_model(model), open_database(database)
    for row in rows:
        if not 0 <= row < len(cells):
            raise ValueError(f"cell {row} is no row of the database; give 0 to {len(cells) - 1}")
    return vae, vae.encode(cells.take(rows))


def _show(decoded: DecodedCells, vae: CellVAE, results: CellResults, title: str) -> None:
    """Print the cells' properties, and write what is wanted."""
    from metafast.plotting import plot_walk

    table = table_of(title, "cell", "C11", "C12", "C22", "C33", "connected")
    for k, row in enumerate(decoded.properties):
        word = "joined" if decoded.joined[k] else "yes" if decoded.connected[k] else "NO"
        table.add_row(str(k), *(f"{value:.4f}" for value in row), word)
    console.print(table)
    pieces = int((~decoded.connected).sum())
    if pieces:
        console.print(
            f"{pieces} of {len(decoded.cells)} cells are in pieces and carry next to nothing; "
            "--join joins them"
        )
    made_by = f"metafast latent, {title}"
    results.write_cells(decoded.cells, decoded.properties, vae.phases, made_by)
    if results.picture is not None:
        results.write_picture(plot_walk(decoded, title))
