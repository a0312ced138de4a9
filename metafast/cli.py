"""The command line: ``metafast design bridge --output runs/bridge`` and one command per stage."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from metafast._cli_database import database_app
from metafast._cli_families import families_app
from metafast._cli_generative import latent_app, train
from metafast._cli_tables import (
    Overwrite,
    Threads,
    console,
    open_database,
    refuse_existing,
    table_of,
)

app = typer.Typer(
    help="Data-driven design of mechanical metamaterials, with proof.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(database_app, name="database")
app.add_typer(latent_app, name="latent")
app.add_typer(families_app, name="families")
app.command("train")(train)
_INTERRUPTED = 130
_FAR_OFF = 0.5  # RRMSE of a macro optimum that is hardly one

DatabasePath = Annotated[
    Path | None,
    typer.Option(
        "--database",
        help="HDF5 database, or full; the embedded one by default.",
        show_default=False,
    ),
]


@app.command()
def design(
    problem: Annotated[str, typer.Argument(help="bridge, graded_beam or smiley.")],
    output: Annotated[Path, typer.Option(help="Directory for design.h5, pictures and report.")],
    database: DatabasePath = None,
    amplitude: Annotated[
        float | None,
        typer.Option(help="Target amplitude: cell widths, or share of the compression (smiley)."),
    ] = None,
    rows: Annotated[int | None, typer.Option(help="Cells from top to bottom.")] = None,
    cols: Annotated[int | None, typer.Option(help="Cells from left to right.")] = None,
    candidates: Annotated[int, typer.Option(help="Cells to choose from per element.")] = 10,
    selection: Annotated[str, typer.Option(help="diverse (the paper's) or nearest.")] = "diverse",
    side_solid: Annotated[float, typer.Option(help="Least solid share of a cell's sides.")] = 0.5,
    softest: Annotated[
        float, typer.Option(help="Least C11, C22 and 5 C33 of a cell, relative to E.")
    ] = 0.0,
    edge_weight: Annotated[float, typer.Option(help="Weight of boundary mismatch.")] = 0.1,
    coordinates: Annotated[str, typer.Option(help="log or linear (the paper's).")] = "log",
    refine_rounds: Annotated[
        int, typer.Option(help="Rounds of swapping cells by what the pixels do; 0: open loop.")
    ] = 3,
    seed: Annotated[
        int, typer.Option(help="Recorded with the design; no stage draws random numbers.")
    ] = 0,
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Design a structure, solve every pixel of it, and write what was found."""
    from metafast import _progress, problems
    from metafast._files import require_writable_directory
    from metafast.design import design as run
    from metafast.report.tables import assembly_rows, error_rows, round_rows, stage_rows

    if problem not in problems.STANDARD:
        known = ", ".join(problems.STANDARD)
        raise ValueError(f"unknown problem {problem!r}; choose one of {known}")
    options: dict[str, float] = {}
    if amplitude is not None:
        options["amplitude"] = amplitude
    if problem == "smiley":
        if rows != cols:
            raise ValueError(f"the smiley is square; give the same --rows and --cols, not {rows}, "
                             f"{cols}")  # fmt: skip
        if rows is not None:
            options["size"] = rows
    else:
        options |= {k: v for k, v in (("rows", rows), ("cols", cols)) if v is not None}
    task = problems.STANDARD[problem](**options)  # type: ignore[operator]
    folder = require_writable_directory(output)
    for name in ("design.h5", "report.html"):
        refuse_existing(folder / name, overwrite)
    cells = open_database(database)
    console.print(f"[bold]{problem}[/bold]: {task.rows} x {task.cols} cells from {len(cells)}")
    with _progress.progress_bars() as progress:
        made = run(
            task,
            cells,
            candidates=candidates,
            selection=selection,  # type: ignore[arg-type]
            side_solid=side_solid,
            softest=softest,
            edge_weight=edge_weight,
            coordinates=coordinates,  # type: ignore[arg-type]
            refine_rounds=refine_rounds,
            seed=seed,
            threads=threads,
            progress=progress,
        )
        made.save(folder)
    for title, rows_ in (
        ("stages", stage_rows(made)),
        ("assembly", assembly_rows(made)),
        ("closed loop", round_rows(made)),
        ("error (RRMSE of the target displacements)", error_rows(made)),
    ):
        table = table_of(title, *(("stage", "time", "peak memory") if title == "stages" else ()))
        for row in rows_:
            table.add_row(*row)
        console.print(table)
    if not made.field.feasible or made.field.rrmse > _FAR_OFF:
        print(
            "warning: the cells at hand cannot do this; ask for a smaller --amplitude, or give "
            "more --rows and --cols or a lower --side-solid",
            file=sys.stderr,
        )
    console.print(f"written to {folder}: design.h5, report.html and pictures")


@app.command()
def homogenize(
    cells: Annotated[Path, typer.Argument(help="Cells (n, h, w) in .npy, or .npz under 'cells'.")],
    output: Annotated[Path | None, typer.Option(help="Write the (n, 3, 3) result to .npy.")] = None,
    young: Annotated[float, typer.Option(help="Young's modulus of the solid.")] = 1.0,
    poisson: Annotated[float, typer.Option(help="Poisson's ratio of the solid.")] = 0.49,
    plane: Annotated[str, typer.Option(help="stress or strain.")] = "stress",
    void_stiffness: Annotated[
        float, typer.Option(help="Young's modulus of void relative to the solid.")
    ] = 1e-9,
    void_young: Annotated[
        float | None, typer.Option(help="Young's modulus of a second material in the void.")
    ] = None,
    void_poisson: Annotated[
        float | None, typer.Option(help="Its Poisson's ratio; the solid's by default.")
    ] = None,
    refine: Annotated[int, typer.Option(help="Elements per pixel side.")] = 1,
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Effective stiffness of pixel cells."""
    import numpy as np

    from metafast import _progress
    from metafast._files import load_array, require_array_target, save_array
    from metafast.homogenization import homogenize as run
    from metafast.material import Material

    if output is not None:
        require_array_target(output)
        refuse_existing(output, overwrite)
    if void_poisson is not None and void_young is None:
        raise ValueError("--void-poisson needs --void-young: both describe the second material")
    array = load_array(cells, "cells")
    second = None
    if void_young is not None:
        second = Material(void_young, poisson if void_poisson is None else void_poisson, plane)  # type: ignore[arg-type]
    with _progress.progress_bars() as progress:
        stiffness = run(
            array,
            Material(young, poisson, plane),  # type: ignore[arg-type]
            void_stiffness=void_stiffness,
            void_material=second,
            refine=refine,
            threads=threads,
            progress=progress,
        )
    table = table_of(f"{len(stiffness)} cells", "cell", "C11", "C12", "C22", "C33")
    for k, c in enumerate(stiffness[:10]):
        values = (c[0, 0], c[0, 1], c[1, 1], c[2, 2])
        table.add_row(str(k), *(f"{value:.6g}" for value in values))
    console.print(table)
    if len(stiffness) > 10:
        console.print(f"and {len(stiffness) - 10} more")
    if output is not None:
        console.print(f"written to {save_array(output, np.asarray(stiffness))}")


@app.command()
def assemble(
    tables: Annotated[
        Path, typer.Argument(help="Costs in .npz: 'unary', 'horizontal' and 'vertical'.")
    ],
    output: Annotated[Path | None, typer.Option(help="Write the (H, W) labels to .npy.")] = None,
    initial: Annotated[
        Path | None, typer.Option(help="Labels (H, W) in .npy to go on from.")
    ] = None,
    gap: Annotated[
        float, typer.Option(help="Relative gap to stop at; 0 proves the optimum.")
    ] = 0.0,
    time_limit: Annotated[float | None, typer.Option(help="Seconds after which to stop.")] = None,
    max_iterations: Annotated[
        int, typer.Option(help="Passes over chains or strips at most.")
    ] = 5000,
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Best labels of a grid MRF, with a certified bound. Ctrl-C keeps the best so far."""
    from metafast import _progress
    from metafast._files import load_array, require_array_target, save_array
    from metafast.assembly import solve_mrf

    if output is not None:
        require_array_target(output)
        refuse_existing(output, overwrite)
    costs = [load_array(tables, name) for name in ("unary", "horizontal", "vertical")]
    with _progress.progress_bars() as progress:
        result = solve_mrf(
            *costs,
            initial=None if initial is None else load_array(initial, "labels"),
            gap=gap,
            time_limit=time_limit,
            max_iterations=max_iterations,
            threads=threads,
            progress=progress,
        )
    table = table_of("x".join(map(str, costs[0].shape[:2])) + " nodes")
    table.add_row("energy", f"{result.energy:.9g}")
    table.add_row("certified lower bound", f"{result.lower_bound:.9g}")
    table.add_row("gap", "proved optimal" if result.optimal else f"{result.gap:.2e}")
    table.add_row("passes", str(result.iterations))
    console.print(table)
    if output is not None:
        console.print(f"written to {save_array(output, result.labels)}")
    if result.interrupted:
        raise KeyboardInterrupt


def main() -> None:
    """Run the command line; what the user can mend ends in one clear line, not a traceback."""
    try:
        status = app(standalone_mode=False)
    except typer.Exit as stop:
        status = stop.exit_code
    except (ValueError, MemoryError, OSError, RuntimeError) as error:
        show = getattr(error, "show", None)  # usage errors know how to show themselves
        if show is not None:
            show()
        else:
            print(f"error: {error}", file=sys.stderr)
        status = 2
    except (KeyboardInterrupt, typer.Abort):
        status = _INTERRUPTED
    except Exception as error:
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()
        status = int(getattr(error, "exit_code", 2))
    if status == _INTERRUPTED:
        print("interrupted: files written so far are complete", file=sys.stderr)
    sys.exit(status or 0)
