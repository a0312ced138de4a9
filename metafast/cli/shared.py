"""Options, tables and choice of database that the subcommands share."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from metafast.cli.claims import claimed

if TYPE_CHECKING:
    from metafast.database import CellDatabase

Result = TypeVar("Result")
_RESULTS = ("output", "cells_file", "checkpoint")  # parameters of commands
console = Console()

DatabasePath = Annotated[
    Path | None,
    typer.Option("--database", help="HDF5 database, or full; the embedded one by default."),
]
Source = Annotated[
    Path | None, typer.Argument(help="HDF5 database, or full; the embedded one by default.")
]
Threads = Annotated[int | None, typer.Option(help="Threads; all available by default.")]
Scheduler = Annotated[
    str | None, typer.Option(help="Address of a Dask scheduler, to use its workers.")
]
Overwrite = Annotated[bool, typer.Option(help="Replace results that are already there.")]


def checked(command: Callable[..., Result]) -> Callable[..., Result]:
    """A command that refuses names that no file can have, and results that another one writes.

    Texts are checked too: many name a file, and no other meaning has a NUL or thousands of letters.
    """

    @functools.wraps(command)
    def run(**values: Any) -> Result:
        from metafast._base.files import require_path

        for name, value in values.items():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, (str, Path)):
                    require_path(each, name.replace("_", "-"))
        results = {os.path.realpath(values[name]) for name in _RESULTS if values.get(name)}
        with ExitStack() as claims:
            if os.environ.get("RANK", "0") == "0":  # of several that train, the first writes
                for each in sorted(results):
                    claims.enter_context(claimed(Path(each)))
            return command(**values)

    return run


def check_all(app: typer.Typer) -> None:
    """Let every command of an app and of its groups check names first."""
    for each in app.registered_commands:
        if each.callback is not None:
            each.callback = checked(each.callback)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            check_all(group.typer_instance)


class EndedEarly(Exception):
    """Work that Ctrl-C ended, with a message of what is left; typer would drop that of its own."""


def table_of(title: str, *headings: str) -> Table:
    """An empty table with its first column aligned to the left."""
    table = Table(title=title, title_justify="left", show_header=bool(headings))
    for k, heading in enumerate(headings or ("", "")):
        table.add_column(heading, justify="left" if k == 0 else "right")
    return table


def show_notes(notes: Iterable[str]) -> None:
    """Say what a reader took for what, one line each."""
    for note in notes:
        console.print(f"note: {note}", markup=False, highlight=False, soft_wrap=True)


def refuse_existing(path: Path, overwrite: bool) -> None:
    """Keep results that are there, before work is spent on replacing them."""
    from metafast._base.files import require_file_target

    require_file_target(path)
    if path.exists() and not overwrite:
        raise ValueError(
            f"{str(path)!r} is already there; choose another --output or add --overwrite"
        )


def refuse_same(checkpoint: Path | None, output: Path) -> None:
    """Keep a checkpoint from being replaced by the result, or the other way round."""
    if checkpoint is not None and checkpoint.resolve() == output.resolve():
        raise ValueError(
            f"--checkpoint and --output are both {str(output)!r}; give the checkpoint another name"
        )


@contextmanager
def output_directory(path: Path) -> Iterator[Path]:
    """A directory for results; one that was created here goes again if nothing is written."""
    from metafast._base.files import require_writable_directory

    created = [each for each in (path, *path.parents) if not each.exists()]
    folder = require_writable_directory(path)
    try:
        yield folder
    except BaseException:
        with suppress(OSError):  # one that holds something stays
            for each in created:
                each.rmdir()
        raise


def open_database(path: Path | None) -> CellDatabase:
    """The database at a path, the one in the user's cache for "full", or the embedded one."""
    from metafast.database import CellDatabase

    if path is None:
        return CellDatabase.default()
    return CellDatabase.full() if str(path) == "full" else CellDatabase.load(path)


def given_options(context: typer.Context, options: Any) -> dict[str, Any]:
    """The fields of a dataclass that were given on the command line, as `options` holds them."""
    names = [field.name for field in dataclasses.fields(options)]
    sources = {name: context.get_parameter_source(name) for name in names}
    given = [name for name, source in sources.items() if source and source.name == "COMMANDLINE"]
    return {name: getattr(options, name) for name in given}


@contextmanager
def connected(scheduler: str | None) -> Iterator[Any]:
    """Dask client for the duration of the block, or None."""
    if scheduler is None:
        yield None
        return
    try:
        from dask.distributed import Client
    except ImportError as error:
        raise ValueError("--scheduler needs Dask: pip install 'metafast[cluster]'") from error
    try:
        client = Client(scheduler, timeout="20s")  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ValueError(
            f"there is no Dask scheduler at {scheduler!r} ({error}); start one with 'dask "
            "scheduler' and give the address that it prints"
        ) from error
    with client:
        yield client
