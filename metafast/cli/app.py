"""Command line: ``metafast design bridge --output runs/bridge``, and one command per stage."""

from __future__ import annotations

import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from metafast.cli.database import database_app
from metafast.cli.dataclass_options import options_from
from metafast.cli.design import design
from metafast.cli.families import families_app
from metafast.cli.latent import latent_app
from metafast.cli.problem import problem_app
from metafast.cli.shared import (
    EndedEarly,
    Overwrite,
    Threads,
    console,
    refuse_existing,
    table_of,
)
from metafast.cli.train import train
from metafast.cli.verify import verify
from metafast.material import Material
from metafast.phases import VOID, Phases
from metafast.properties import PROPERTIES

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(database_app, name="database")
app.add_typer(latent_app, name="latent")
app.add_typer(families_app, name="families")
app.add_typer(problem_app, name="problem")
app.command("train")(train)
app.command("design")(design)
app.command("verify")(verify)
_INTERRUPTED = 130


def _show_version(wanted: bool) -> None:
    if wanted:
        console.print(f"metafast {version('metafast')}")
        raise typer.Exit


@app.callback()
def main_options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Data-driven design of mechanical metamaterials, with proof."""


@app.command()
@options_from(Material)
def homogenize(
    cells: Annotated[Path, typer.Argument(help="Cells (n, h, w) in .npy, or .npz under 'cells'.")],
    solid: Material,
    output: Annotated[Path | None, typer.Option(help="Write the (n, 3, 3) result to .npy.")] = None,
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
    threads: Threads = None,
    overwrite: Overwrite = False,
) -> None:
    """Effective stiffness of pixel cells."""
    import numpy as np

    from metafast._base.files import load_array, require_array_target, save_array
    from metafast._base.progress import progress_bars
    from metafast.homogenization import couples_shear
    from metafast.homogenization import homogenize as run

    if output is not None:
        require_array_target(output)
        refuse_existing(output, overwrite)
    if void_poisson is not None and void_young is None:
        raise ValueError("--void-poisson needs --void-young: both describe the second material")
    array = load_array(cells, "cells")
    void: float | Material = void_stiffness
    if void_young is not None:
        poisson = solid.poisson if void_poisson is None else void_poisson
        void = Material(void_young, poisson, solid.plane)
    with progress_bars() as progress:
        stiffness = run(
            array,
            Phases(solid, void),
            refine=refine,
            threads=threads,
            progress=progress,
        )
    shown = dict(zip(PROPERTIES, ((0, 0), (0, 1), (1, 1), (2, 2)), strict=True))
    if couples_shear(stiffness).any():
        shown |= {"C13": (0, 2), "C23": (1, 2)}
    table = table_of(f"{len(stiffness)} cells", "cell", *shown)
    for k, c in enumerate(stiffness[:10]):
        table.add_row(str(k), *(f"{c[place]:.6g}" for place in shown.values()))
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
        Path | None, typer.Option(help="Labels (H, W) in .npy to start from.")
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
    from metafast._base.files import load_array, require_array_target, save_array
    from metafast._base.progress import progress_bars
    from metafast.assembly import MrfInterrupted, solve_mrf

    if output is not None:
        require_array_target(output)
        refuse_existing(output, overwrite)
    costs = [load_array(tables, name) for name in ("unary", "horizontal", "vertical")]
    stopped = None
    with progress_bars() as progress:
        try:
            result = solve_mrf(
                *costs,
                initial=None if initial is None else load_array(initial, "labels"),
                gap=gap,
                time_limit=time_limit,
                max_iterations=max_iterations,
                threads=threads,
                progress=progress,
            )
        except MrfInterrupted as interrupt:
            if interrupt.result is None:
                raise
            stopped, result = interrupt, interrupt.result
    table = table_of("x".join(map(str, costs[0].shape[:2])) + " nodes")
    table.add_row("energy", f"{result.energy:.9g}")
    table.add_row("certified lower bound", f"{result.lower_bound:.9g}")
    table.add_row("gap", "proved optimal" if result.optimal else f"{result.gap:.2e}")
    table.add_row("passes", str(result.iterations))
    console.print(table)
    if output is not None:
        console.print(f"written to {save_array(output, result.labels)}")
    if stopped is not None:
        raise stopped


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    print(f"warning: {message}", file=sys.stderr)


def main() -> None:
    """Run the command line; errors that the user can mend end in one line, not a traceback."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", RuntimeWarning)
            warnings.showwarning = _show_warning
            status = app(standalone_mode=False)
    except typer.Exit as stop:
        status = stop.exit_code
    except (ValueError, ArithmeticError, MemoryError, OSError, RuntimeError) as error:
        show = getattr(error, "show", None)  # usage errors know how to show themselves
        if show is not None:
            show()
        else:
            print(f"error: {error}", file=sys.stderr)
        status = 2
    except EndedEarly as stop:
        print(stop, file=sys.stderr)
        sys.exit(_INTERRUPTED)
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
