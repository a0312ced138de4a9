"""Problem files with the options of a design: read, checked, and as a JSON Schema."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import ValidationError, create_model

from metafast.pipeline.options import DesignOptions
from metafast.problems.file import ProblemFile, parse_problem, problem_schema, shipped_text
from metafast.problems.file.faults import Fault
from metafast.problems.file.invalid import fault_of
from metafast.problems.file.models import Table

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
        A file that ends in .toml, or the name of a shipped problem.
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
    text, name, folder = source_text(path)
    return parse_problem(
        text,
        name,
        folder,
        rows=rows,
        cols=cols,
        parameters=parameters,
        check_options=_check_options,
    )


def schema() -> dict[str, Any]:
    """JSON Schema of a problem file, the options of a design included."""
    return problem_schema(_option_types())


def source_text(path: str | os.PathLike[str]) -> tuple[str, str, Path]:
    """Text, name and folder of a problem file, or of a shipped one.

    Raises
    ------
    ValueError
        If there is none, or it is not UTF-8.
    """
    path = Path(path)
    if path.suffix == _ENDING or path.exists():
        return _text_of(path), path.name, path.parent
    return shipped_text(str(path)), f"{path}{_ENDING}", Path()


def _text_of(path: Path) -> str:
    if not path.is_file():
        reason = "is a directory" if path.is_dir() else "does not exist"
        raise ValueError(f"the problem file {str(path)!r} {reason}; check the path")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path.name}, line 1: it cannot be read as UTF-8 text ({error}); save it as such"
        ) from None


def _option_types() -> dict[str, tuple[Any, Any]]:
    """Type and default of each option, for a model."""
    types = get_type_hints(DesignOptions)
    return {field.name: (types[field.name], field.default) for field in fields(DesignOptions)}


def _check_options(table: dict[str, Any]) -> None:
    """Refuse a table ``[design]`` with options that are unknown or out of range."""
    options: Any = _option_types()
    model = create_model("Design", __base__=Table, **options)
    try:
        model.model_validate(table)
        DesignOptions(**table)
    except ValidationError as error:
        fault = fault_of(error, table, model)
        raise Fault(("design", *fault.keys), str(fault)) from None
    except ValueError as error:
        named = str(error).split(" ", 1)[0]
        raise Fault(("design", named) if named in table else ("design",), str(error)) from None
