"""Runs of a study: points of its grid, and what is asked for at each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import product
from typing import Any

from metafast.pipeline.options import DesignOptions
from metafast.pipeline.problem_file import read_problem
from metafast.problems.file import ProblemFile

Value = float | str | None
SIDES = ("rows", "cols")
SIZE = "size"  # rows and cols at once, for square bodies
OPTIONS = tuple(field.name for field in fields(DesignOptions))


@dataclass(frozen=True)
class StudyRun:
    """One run of a study: a design that is asked for.

    Attributes
    ----------
    number : int
        Place in the study's order, from 1.
    values : dict of str to value
        What is varied.
    parameters : dict of str to float or str
        Parameters of the problem in this run, with its rows and cols.
    options : dict of str to value
        Options of the design that the study sets, in this run.
    """

    number: int
    values: dict[str, Value]
    parameters: dict[str, Any]
    options: dict[str, Any]

    @property
    def folder(self) -> str:
        """Name of the folder of the run's files."""
        return f"run_{self.number:04d}"

    def read(self, problem: str) -> tuple[ProblemFile, DesignOptions]:
        """The problem of the run and all options of its design.

        Parameters
        ----------
        problem : str
            Path or name of the study's problem.

        Raises
        ------
        ValueError
            If the problem does not take these parameters together.
        """
        file = read_problem(problem, **self.parameters)
        return file, DesignOptions(**{**file.options, **self.options})


def runs_of(grid: Mapping[str, Sequence[Value]]) -> Iterator[tuple[int, dict[str, Value]]]:
    """Number and values of each run of a grid; the first axis varies slowest."""
    for k, values in enumerate(product(*grid.values())):
        yield k + 1, dict(zip(grid, values, strict=True))


def with_size(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters with rows and cols in place of the size of a square body."""
    if SIZE not in parameters:
        return parameters
    side = parameters[SIZE]
    rest = {name: value for name, value in parameters.items() if name != SIZE}
    return {**rest, "rows": side, "cols": side}
