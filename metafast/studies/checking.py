"""Checks of a study: every name and every value is tried before the first design."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from metafast._base.checks import shown
from metafast._base.files import require_path
from metafast.pipeline.problem_file import read_problem, source_text
from metafast.pipeline.problem_options import check_options
from metafast.problems import Problem
from metafast.problems.file.faults import Fault, Keys, nearest, told
from metafast.problems.file.reading import tables_of_text
from metafast.studies.runs import OPTIONS, SIDES, SIZE, with_size

MOST_RUNS = 10_000


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a study in their final form, with the hash of its content.

    Parameters
    ----------
    given : mapping of str to value
        Fields of the study by name.

    Raises
    ------
    Fault
        With the keys that the value has in a study file; the message stands for itself.
    """
    for key in ("name", "about"):
        value = given[key]
        if not isinstance(value, str) or (key == "name" and not value.strip()):
            raise Fault((key,), f"{key} is {shown(value)}; text is needed")
    tables = {key: _table(key, given[key]) for key in ("grid", "parameters", "units")}
    grid, parameters = tables["grid"], tables["parameters"]
    options = _table("options", given["options"])
    text, known = _problem(given["problem"])
    for name in parameters:
        if name not in known:
            raise Fault(
                ("parameters", name),
                f"{name!r} is no parameter of the problem; {nearest(name, known)}",
            )
        parameters[name] = _plain(("parameters", name), name, parameters[name])
    check_options(options)
    grid = {name: _axis(name, values, known) for name, values in grid.items()}
    if not grid:
        raise Fault(("grid",), "nothing is varied; give an axis, such as swap_rounds = [0, 2]")
    _require_one_size({**dict.fromkeys(parameters, "parameters"), **dict.fromkeys(grid, "grid")})
    for name in grid:
        for table, fixed in (("parameters", parameters), ("design", options)):
            if name in fixed:
                raise Fault(
                    (table, name), f"{name} is fixed here and varied in the grid; leave one out"
                )
    runs = math.prod(map(len, grid.values()))
    if runs > MOST_RUNS:
        raise Fault(("grid",), f"the grid has {runs:,} runs; {MOST_RUNS:,} are the most, use fewer")
    for name, unit in tables["units"].items():
        if name not in known or not isinstance(unit, str):
            raise Fault(
                ("units", name),
                f"units are text for parameters of the problem, and {name!r} is {shown(unit)}; "
                f"{nearest(name, known)}",
            )
    problems = _tried(str(given["problem"]), grid, parameters, options)
    content = [text, grid, parameters, options, *map(_digest, problems)]
    return {
        **tables,
        "problem": str(given["problem"]),
        "grid": grid,
        "options": options,
        "content": hashlib.sha256(json.dumps(content).encode()).hexdigest(),
    }


def _table(key: str, table: Any) -> dict[str, Any]:
    """A table as a dict of its own."""
    if not isinstance(table, Mapping) or not all(isinstance(name, str) for name in table):
        raise Fault((key,), f"{key} is {shown(table)}; a mapping from names to values is needed")
    return dict(table)


def _problem(problem: Any) -> tuple[str, list[str]]:
    """Text of the study's problem, and the names of its parameters with those of its size."""
    try:
        text, name, _ = source_text(require_path(problem, "problem"))
    except ValueError as error:
        raise Fault(("problem",), str(error)) from None
    try:
        named = tables_of_text(text).get("parameters", {})
    except Fault as fault:
        raise Fault(("problem",), told(name, text, fault)) from None
    names = list(named) if isinstance(named, dict) else []
    if taken := [name for name in (*SIDES, SIZE) if name in names]:
        raise Fault(
            ("problem",),
            f"the problem has a parameter named {taken[0]!r}, which is the body's in a study; give "
            "it another name in the problem file",
        )
    return text, [*names, *SIDES, SIZE]


def _axis(name: str, values: Any, known: list[str]) -> tuple[Any, ...]:
    """Values of an axis, plain and different from each other."""
    keys = "grid", name
    if name in OPTIONS and name in known:
        raise Fault(
            keys,
            f"{name!r} is an option of a design and a parameter of the problem; give the parameter "
            "another name in the problem file",
        )
    if name not in OPTIONS and name not in known:
        raise Fault(
            keys,
            f"{name!r} is neither a parameter of the problem nor an option of a design; "
            f"{nearest(name, [*known, *OPTIONS])}",
        )
    if isinstance(values, str) or not isinstance(values, (Sequence, np.ndarray)) or len(values) < 1:
        raise Fault(keys, f"{name} is {shown(values)}; a list of one value or more is needed")
    plain: list[Any] = []
    for k, value in enumerate(values):
        plain.append(_plain((*keys, k), name, value))
        if plain[k] in plain[:k]:
            raise Fault((*keys, k), f"{name} has {shown(value)} twice; leave one out")
    return tuple(plain)


def _plain(keys: Keys, name: str, value: Any) -> Any:
    """A number or text; None too for an option, which then has its default."""
    value = value.item() if isinstance(value, np.generic) else value
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    default = value is None and name in OPTIONS
    if default or isinstance(value, str) or (number and math.isfinite(value)):
        return value
    raise Fault(keys, f"{name} has {shown(value)}; numbers or text are needed")


def _require_one_size(tables: Mapping[str, str]) -> None:
    """Refuse the size of a square body beside its rows or cols; `tables` has the table of each."""
    for side in SIDES:
        if SIZE in tables and side in tables:
            raise Fault((tables[SIZE], SIZE), f"{SIZE} is rows and cols at once; leave {side} out")


def _tried(
    problem: str,
    grid: Mapping[str, Sequence[Any]],
    parameters: Mapping[str, Any],
    options: Mapping[str, Any],
) -> Iterator[Problem]:
    """Problems of the first run, and of those in which one axis has another value."""
    first = {name: values[0] for name, values in grid.items() if name not in OPTIONS}

    def read(varied: Mapping[str, Any], keys: Keys, before: str) -> Problem:
        try:
            return read_problem(problem, **with_size({**parameters, **varied})).problem
        except ValueError as error:
            raise Fault(keys, f"{before}{error}") from None

    where: Keys = ("problem",) if not parameters else ("parameters",)
    values_told = ", ".join(f"{name} = {value!r}" for name, value in first.items())
    before = ""
    if len(first) == 1:
        where, before = ("grid", *first, 0), f"with {values_told}: "
    elif first:
        where, before = ("grid",), f"the first run, with {values_told}: "
    yield read(first, where, before)
    for name, values in grid.items():
        for k, value in enumerate(values):
            if name in OPTIONS:
                try:
                    check_options({**options, name: value})
                except Fault as fault:
                    raise Fault(("grid", name, k), str(fault)) from None
            elif k > 0:
                yield read({**first, name: value}, ("grid", name, k), f"with {name} = {value!r}: ")


def _digest(problem: Problem) -> str:
    """Hash of the arrays of a problem, single precision: the same on any processor."""
    digest = hashlib.sha256()
    for each in fields(problem):
        value = getattr(problem, each.name)
        digest.update(each.name.encode())
        if isinstance(value, np.ndarray):
            plain = value.astype(np.float32) if value.dtype.kind == "f" else value
            digest.update(repr(value.shape).encode() + plain.tobytes())
        else:
            digest.update(repr(value).encode())
    return digest.hexdigest()
