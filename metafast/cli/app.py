"""Command line: ``metafast design bridge --output runs/bridge``, and one command per stage."""

from __future__ import annotations

import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from metafast.cli.database import database_app
from metafast.cli.design import design
from metafast.cli.export import export
from metafast.cli.families import families_app
from metafast.cli.homogenize import homogenize
from metafast.cli.inverse import inverse
from metafast.cli.latent import latent_app
from metafast.cli.option_names import option_names, with_options
from metafast.cli.page import page
from metafast.cli.plot import plot
from metafast.cli.problem import problem_app
from metafast.cli.report import report
from metafast.cli.shared import (
    EndedEarly,
    Overwrite,
    Threads,
    check_all,
    console,
    refuse_existing,
    table_of,
)
from metafast.cli.solve import solve
from metafast.cli.study import study
from metafast.cli.train import train
from metafast.cli.verify import verify

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(database_app, name="database")
app.add_typer(latent_app, name="latent")
app.add_typer(families_app, name="families")
app.add_typer(problem_app, name="problem")
app.command("homogenize")(homogenize)
app.command("inverse")(inverse)
app.command("train")(train)
app.command("design")(design)
app.command("study")(study)
app.command("solve")(solve)
app.command("verify")(verify)
app.command("report")(report)
app.command("export")(export)
app.command("plot")(plot)
app.command("app")(page)
_INTERRUPTED = 130  # exit status


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


check_all(app)


def _commands(registered: typer.Typer = app) -> Any:
    """All commands with their options, as typer builds them."""
    return typer.main.get_command(registered)


class _Warnings:
    """Prints warnings, each text once."""

    def __init__(self) -> None:
        self._shown: set[str] = set()

    def show(self, message: Warning | str, *_: object, **__: object) -> None:
        if str(message) not in self._shown:
            self._shown.add(str(message))
            print(f"warning: {message}", file=sys.stderr)


def main() -> None:
    """Run the command line; errors that the user can mend end in one line, not a traceback."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", RuntimeWarning)
            warnings.showwarning = _Warnings().show
            status = app(standalone_mode=False)
    except typer.Exit as stop:
        status = stop.exit_code
    except (ValueError, ArithmeticError, MemoryError, OSError, RuntimeError) as error:
        show = getattr(error, "show", None)  # usage errors know how to show themselves
        if show is not None:
            show()
        else:
            said = str(error) or "out of memory; ask for less at a time"
            said = with_options(said, option_names(_commands(), sys.argv[1:]))
            print(f"error: {said}", file=sys.stderr)
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
