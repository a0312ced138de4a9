"""Problem files from a path or by the name of a shipped one."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from metafast._base.files import require_path
from metafast.pipeline.design_file import design_path
from metafast.problems.file import (
    ProblemFile,
    ProblemSource,
    shipped_folder,
    shipped_problems,
    shipped_text,
)

_ENDING = ".toml"


def read_problem(
    path: str | os.PathLike[str],
    *,
    rows: int | None = None,
    cols: int | None = None,
    **parameters: float | str,
) -> ProblemFile:
    """Problem, material and options of a problem file.

    Parameters
    ----------
    path : path
        A file that ends in .toml, the name of a shipped problem, or a design from a problem file,
        ``design.h5`` or its directory: that keeps the text, what was changed, and the pictures and
        tables that the text names.
    rows, cols : int, optional
        Cells from top to bottom and from left to right, in place of the file's.
    **parameters
        Numbers or expressions in place of those in the file's ``[parameters]``.

    Returns
    -------
    ProblemFile
        For `design`, which takes its material and its options too.

    Raises
    ------
    ValueError
        If something in the file is wrong; names file, line, key and cure in one line.

    Examples
    --------
    >>> file = mf.read_problem("arch.toml", rise=0.5)
    >>> made = mf.design(file)
    """
    from metafast.pipeline.problem_options import check_options
    from metafast.problems.file.reading import parse_problem

    if holds_design(path):
        source = source_of_design(path)
        changes: dict[str, Any] = {"rows": rows, "cols": cols}
        given = {key: value for key, value in changes.items() if value is not None}
        changes |= source.changes | given | parameters
        sizes = {key: changes.pop(key) for key in ("rows", "cols")}
        with TemporaryDirectory(prefix="metafast-problem-") as folder:
            return parse_problem(
                source.text,
                source.name,
                Path(folder),
                **sizes,
                parameters=changes,
                check_options=check_options,
                kept=source.files,
            )
    text, name, beside = source_text(path)
    return parse_problem(
        text,
        name,
        beside,
        rows=rows,
        cols=cols,
        parameters=parameters,
        check_options=check_options,
    )


def holds_design(path: str | os.PathLike[str]) -> bool:
    """Whether a path is the file of a design, or a directory with one."""
    found = require_path(path)
    if str(found) in shipped_problems():
        return False
    return found.suffix == ".h5" or (found.is_dir() and design_path(found).is_file())


def source_of_design(path: str | os.PathLike[str]) -> ProblemSource:
    """Problem file that a design was made from, with the files that it names.

    Raises
    ------
    ValueError
        If there is no design, or it is from no problem file.
    """
    from metafast.pipeline.result import Design

    source = Design.load(path).source
    if not source.text:
        raise ValueError(f"the design in {str(path)!r} is from no problem file; see its problem")
    return source


def source_text(path: str | os.PathLike[str]) -> tuple[str, str, Path]:
    """Text, name and folder of a problem file, or of a shipped one.

    Raises
    ------
    ValueError
        If there is none, or it is not UTF-8.
    """
    path = require_path(path)
    name = str(path)
    if name in shipped_problems():  # before a folder that may have the same name
        return shipped_text(name), f"{name}{_ENDING}", shipped_folder()
    if path.suffix == _ENDING or path.is_file():
        return text_of(path, "problem"), path.name, path.parent
    known = ", ".join(shipped_problems())
    raise ValueError(
        f"unknown problem {name!r}; choose one of {known}, or give a problem file, which ends in "
        f"{_ENDING}"
    )


def text_of(path: Path, kind: str) -> str:
    """Text of a TOML file of some kind, which a message names.

    Raises
    ------
    ValueError
        If there is none, or it is not UTF-8.
    """
    if not path.is_file():
        reason = "is a directory" if path.is_dir() else "does not exist"
        raise ValueError(f"the {kind} file {str(path)!r} {reason}; check the path")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path.name}, line 1: it cannot be read as UTF-8 text ({error}); save it as such"
        ) from None
