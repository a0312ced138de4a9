"""Every option of every command with the same wrong values of its kind."""

from __future__ import annotations

import inspect
import os
import shutil
import sys
import types
import typing
import warnings
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from enum import Enum
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Literal, NamedTuple
from unittest.mock import patch

import numpy as np
import typer
from reference.hostile_arguments import Accepted, Answer, is_ours, stop

import metafast as mf
from metafast.cli import app as module
from metafast.cli.app import app

WRITTEN = {"output", "cells_file", "checkpoint"}  # paths that are written, the others are read
FOLDERS = {
    "design",
    "study",
    "verify",
    "report",
    "export",
    "families find",
}  # commands whose output is a folder
ANY_TEXT = {("export", "--name")}
# 10^9 iterations are a wish that can be followed; a server does not end
LONG_WORK = {("database build", "--iterations"), ("app", "--port")}
SLOW = 5.0  # seconds


class Kind(Enum):
    """What an option takes."""

    WHOLE = "whole number"
    NUMBER = "number"
    CHOICE = "one of some words"
    TEXT = "text"
    READ = "file to read"
    WRITE = "file to write"
    FOLDER = "folder to write into"
    FLAG = "yes or no"


class Option(NamedTuple):
    """An option or argument of a command: how it is given, and what it takes."""

    name: str
    flag: str | None
    kind: Kind


NEVER = {
    Kind.WHOLE: ("nan", "x", "1.5", ""),
    Kind.NUMBER: ("nan", "inf", "x", ""),
    Kind.CHOICE: ("nonsense", ""),
    Kind.TEXT: ("nonsense\0", "x" * 5000, "\u00b2"),
    Kind.READ: ("no/such{}", "empty_folder", "a\0b{}", "x" * 5000 + "{}", "noise{}", "empty{}"),
    Kind.WRITE: (
        "folder{}", "existing{}", "a\0b{}", "x" * 5000 + "{}", "noise.h5/below{}", "no/such/x{}",
    ),
    Kind.FOLDER: ("noise.h5", "a\0b", "x" * 5000, "noise.h5/below"),
    Kind.FLAG: (),
}  # fmt: skip
# values that some options take
SOMETIMES = {
    Kind.WHOLE: ("-1", "0", str(10**9), str(2**70)),
    Kind.NUMBER: ("-1", "0", "1e308", "1e-320", str(10**9)),
    Kind.TEXT: ("", "nan", "0-999999999999", "1e308mm"),
}


def commands(where: Any = app, before: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Name and function of every command and subcommand."""
    for each in where.registered_commands:
        yield f"{before}{each.name or each.callback.__name__}", each.callback
    for group in where.registered_groups:
        yield from commands(group.typer_instance, f"{before}{group.name} ")


def options(command: str, function: Callable[..., Any]) -> Iterator[Option]:
    """Options and arguments of a command."""
    hints = typing.get_type_hints(function, include_extras=True)
    for name in inspect.signature(function).parameters:
        if name == "context":
            continue
        base, *extras = typing.get_args(hints[name]) or (hints[name],)
        (info,) = (e for e in extras if hasattr(e, "param_decls"))
        flag = None
        if not isinstance(info, type(typer.Argument())):
            declared = [each for each in info.param_decls or () if each.startswith("--")]
            flag = declared[0] if declared else "--" + name.replace("_", "-")
        yield Option(name, flag, _kind(command, name, base))


def _kind(command: str, name: str, hint: Any) -> Kind:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        hint = next(each for each in typing.get_args(hint) if each is not type(None))
    if typing.get_origin(hint) is list:
        (hint,) = typing.get_args(hint)
    if typing.get_origin(hint) is Literal:
        return Kind.CHOICE
    if hint is Path:
        if name not in WRITTEN:
            return Kind.READ
        return Kind.FOLDER if command in FOLDERS and name == "output" else Kind.WRITE
    return {bool: Kind.FLAG, int: Kind.WHOLE, float: Kind.NUMBER, str: Kind.TEXT}[hint]


def write_small_files(folder: Path) -> mf.CellDatabase:
    """Small cells, a database and a model; returns the database."""
    from reference.damaged_files import _model

    rng = np.random.default_rng(0)
    cells = (rng.random((12, 8, 8)) < 0.9).astype(np.uint8)
    properties = rng.uniform(0.2, 0.3, (12, 4)) * [1.0, 0.1, 1.0, 0.5]
    np.save(folder / "cells.npy", cells)
    np.save(folder / "cloud.npy", properties)
    _model().save(folder / "model.h5")
    database = mf.CellDatabase(cells, properties)
    database.save(folder / "cells.h5")
    return database


def write_files(folder: Path) -> None:
    """Files that the commands read, and wrong ones of every ending."""
    from reference.damaged_files import _write_family

    rng = np.random.default_rng(0)
    database = write_small_files(folder)
    np.save(folder / "labels.npy", np.zeros((2, 3), int))
    unary, table = rng.random((2, 3, 4)), rng.random((4, 4))
    tables = {"horizontal": np.tile(table, (2, 2, 1, 1)), "vertical": np.tile(table, (1, 3, 1, 1))}
    np.savez(folder / "tables.npz", unary=unary, **tables)
    mf.Gradation.isotropic_like().save(folder / "gradation.toml")
    _write_family(folder)
    made = mf.design(
        mf.problems.bridge(1, 3), database, threads=1, kinematics="linear", swap_rounds=0,
        correction_rounds=0, property_rounds=0,
    )  # fmt: skip
    made.save(folder / "design")
    np.save(folder / "body.npy", made.pixels)
    grid = 'problem = "bridge"\n[grid]\nswap_rounds = [0]\n[parameters]\nrows = 1\ncols = 3\n'
    (folder / "study.toml").write_text(f'{grid}[design]\nkinematics = "linear"\n')
    (folder / "empty_folder").mkdir()
    for ending in (".h5", ".npy", ".npz", ".toml", ".png", ".csv", ""):
        (folder / f"noise{ending}").write_bytes(rng.bytes(3000))
        (folder / f"empty{ending}").touch()
        (folder / f"existing{ending}").write_bytes(b"a result")
        (folder / f"folder{ending}").mkdir()
        (folder / f"folder{ending}" / "something").touch()


# arguments with which every command would work
GIVEN: dict[str, dict[str, str]] = {
    "homogenize": {"cells": "cells.npy", "output": "c.npy"},
    "inverse": {"targets": "0.3,0.1,0.3,0.1", "output": "i.png", "cells_file": "i.npy"},
    "train": {
        "output": "m.h5", "database": "cells.h5", "checkpoint": "t.h5", "batch": "4",
        "latent": "3", "hidden": "8",
    },
    "design": {"problem": "bridge", "output": "d", "database": "cells.h5", "rows": "1"},
    "study": {"file": "study.toml", "output": "s", "database": "cells.h5"},
    "solve": {
        "pixels": "body.npy", "problem": "bridge", "rows": "1", "cols": "3", "output": "u.csv",
    },
    "report": {"design": "design", "output": "v"},
    "plot": {"design": "design", "figure": "deformed", "output": "p.png"},
    "verify": {"design": "design", "output": "v"},
    "export": {"source": "cells.npy", "output": "e", "png": "", "cell_size": "10mm"},
    "assemble": {"tables": "tables.npz", "output": "l.npy"},
    "database build": {
        "output": "b.h5", "size": "20", "seeds": "2", "iterations": "1", "pixels": "8",
        "checkpoint": "b.npz",
    },
    "database info": {"path": "cells.h5"},
    "database import": {"source": "cells.npy", "output": "i.h5"},
    "database export": {"path": "cells.h5", "output": "x.npz"},
    "database merge": {"paths": "cells.h5", "output": "x.h5"},
    "database relabel": {"path": "cells.h5", "output": "x.h5", "poisson": "0.3"},
    "database mesh-errors": {"source": "cells.h5"},
    "database plot": {"path": "cells.h5", "output": "p.png", "cloud": "cloud.npy"},
    "families show": {"files": "family.h5", "output": "f.png"},
    "problem check": {"problem": "bridge"},
    "problem draw": {"problem": "bridge", "output": "p.png"},
    "problem show": {"problem": "bridge"},
    "problem schema": {},
    "problem list": {},
    "app": {"browser": ""},
}  # fmt: skip
_LATENT = {"model": "model.h5", "database": "cells.h5"}
GIVEN |= {
    f"latent {name}": {**_LATENT, "output": "l.png", "cells_file": "l.npy"}
    for name in ("traverse", "interpolate")
}
GIVEN["latent arrow"] = {"name": "C11", **GIVEN["latent traverse"]}
GIVEN["latent sample"] = {"model": "model.h5", "output": "l.png", "cells_file": "l.npy"}
GIVEN["latent map"] = {**_LATENT, "output": "l.png"}
GIVEN["families find"] = {**_LATENT, "output": "f", "count": "1", "members": "5"}
GIVEN["families graph"] = {**_LATENT, "output": "g.png"}


def wrong(command: str, option: Option) -> Iterator[tuple[str, bool]]:
    """Wrong values of an option, and whether the command must refuse each."""
    ending = ""
    if option.kind in (Kind.READ, Kind.WRITE):
        ending = Path(GIVEN[command].get(option.name, "x.h5")).suffix
    for value in NEVER[option.kind]:
        yield value.format(ending), (command, option.flag) not in ANY_TEXT
    for value in SOMETIMES.get(option.kind, ()):
        if (command, option.flag) not in LONG_WORK:
            yield value, False


def line(command: str, changed: Option, value: str) -> list[str]:
    """Words of the command line with one value changed."""
    arguments, words = [], command.split()
    for option in options(command, dict(commands())[command]):
        given = value if option == changed else GIVEN[command].get(option.name)
        if given is None:
            continue
        if option.flag is None:
            arguments.append(given)
        else:
            words.append(option.flag if option.kind is Kind.FLAG else f"{option.flag}={given}")
    return [*words, *(["--", *arguments] if arguments else [])]


def command_answers(every: bool = True) -> Iterator[tuple[str, str, Answer, str]]:
    """Command, option and value, the answer, and what was printed.

    For every wrong value, or one of each option, by turns.
    """
    turn = 0
    with TemporaryDirectory() as name, chdir(name), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(name)
        cache_of_user = {"METAFAST_CACHE": str(folder / "cache")}
        with (
            patch.dict(os.environ, cache_of_user),
            patch.object(sys.modules["metafast._base.progress"], "progress_bars", _stopping),
        ):
            write_files(folder)
            for command, function in commands():
                for option in options(command, function):
                    values = list(wrong(command, option))
                    turn += 1
                    for value, refused in (
                        values if every else values[turn % max(1, len(values)) :][:1]
                    ):
                        words = line(command, option, value)
                        found, printed = command_answer(folder, words, refused)
                        shown = f"{option.flag or option.name}={value[:20]!r}"
                        yield command, shown, found, printed


def command_answer(folder: Path, words: list[str], refused: bool) -> tuple[Answer, str]:
    """Answer of one command line, and what it printed as an error."""
    before, out, err = _tree(folder), StringIO(), StringIO()
    raised: list[BaseException] = []
    start = perf_counter()
    with (
        patch.object(sys, "argv", ["metafast", *words]),
        patch.object(module, "app", _recorded(raised)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            module.main()
        except SystemExit as end:
            status = end.code
        except Accepted:
            status = 0
        except BaseException as error:
            return Answer.FOREIGN, f"a traceback of {error!r}"
    seconds, after = perf_counter() - start, _tree(folder)
    lost = [path for path, stamp in before.items() if after.get(path) != stamp]
    new = sorted(set(after) - set(before))
    for path in new:
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    if lost or (status and new):
        return Answer.ACCEPTED, f"status {status}, lost {lost}, new {new}"
    if status == 0:
        return Answer.ACCEPTED if refused else Answer.CLEAR, "nothing"
    if seconds > SLOW:
        return Answer.SLOW, f"{seconds:.1f} s"
    return (Answer.CLEAR if _one_message(raised[-1], err) else Answer.FOREIGN), err.getvalue()


def _one_message(error: BaseException, printed: StringIO) -> bool:
    """Whether an error of ours or of usage was shown, without anything else but warnings."""
    if hasattr(error, "show"):
        return "Traceback" not in printed.getvalue()
    lines = [each for each in printed.getvalue().splitlines() if not each.startswith("warning: ")]
    return len(lines) == 1 and lines[0].startswith("error: ") and is_ours(error)


@contextmanager
def _stopping(transient: bool = True) -> Iterator[Any]:
    """Progress bars that end the work with its first step."""
    yield stop


@cache
def _command() -> Any:
    return typer.main.get_command(app)


def _recorded(raised: list[BaseException]) -> Callable[..., Any]:
    """The command line, made once; what it raises is kept."""

    def run(**options: Any) -> Any:
        try:
            return _command()(**options)
        except BaseException as error:
            raised.append(error)
            raise

    return run


def _tree(folder: Path) -> dict[Path, tuple[int, int] | None]:
    """Everything in a folder with its size and time; folders without."""
    found: dict[Path, tuple[int, int] | None] = {}
    for path in folder.rglob("*"):
        known = path.stat()
        found[path] = None if path.is_dir() else (known.st_size, known.st_mtime_ns)
    return found
