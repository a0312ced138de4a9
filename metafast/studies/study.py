"""Study: a problem, a grid of parameters and options, and what is the same in all of its runs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from metafast._base.files import require_path
from metafast._base.one_line import one_line
from metafast.pipeline.problem_file import text_of
from metafast.problems.file.faults import Fault, told
from metafast.studies.runs import OPTIONS, StudyRun, Value, runs_of, with_size


@dataclass(frozen=True)
class Study:
    """Designs of one problem over a grid of its parameters and of the options of a design.

    A study checks itself: names and values of the grid are tried one at a time before any design.

    Parameters
    ----------
    name : str
        For the table and the picture.
    problem : str or path
        Name of a shipped problem, or a problem file.
    grid : mapping of str to sequence
        Values of each axis. Its name is a parameter of the problem, ``rows``, ``cols``, ``size``
        (both at once) or an option of `DesignOptions`. Every value meets every one of the other
        axes; the first axis varies slowest.
    parameters : mapping of str to float or str
        Parameters of the problem that all runs have, in place of the file's.
    options : mapping of str to value
        Options of the design that all runs have; they go before those of the problem file.
    units : mapping of str to str
        Units of parameters, for the picture; lengths such as ``"2mm"`` have their own.
    about : str
        What it is for, in a line.

    Attributes
    ----------
    content : str
        SHA-256 of all that the results depend on: the text of the problem, what it reads from
        other files, the grid, the parameters and the options.

    Raises
    ------
    ValueError
        If a name is unknown or a value is refused; the message says which and what is needed.

    Examples
    --------
    >>> grid = {"compression": [0.2, 0.4, 0.6], "swap_rounds": [0, 2]}
    >>> study = mf.Study("arches", "bridge", grid, options={"kinematics": "linear"})
    >>> len(study.runs())
    6
    """

    name: str
    problem: str | os.PathLike[str]
    grid: Mapping[str, Sequence[Value]]
    parameters: Mapping[str, Value] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    about: str = ""
    content: str = field(init=False, repr=False)

    __repr__ = one_line

    def __post_init__(self) -> None:
        from metafast.studies.checking import checked

        try:
            fields = checked(vars(self))
        except Fault as fault:
            raise ValueError(str(fault)) from fault
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Study:
        """The study of a TOML file.

        Parameters
        ----------
        path : path
            A file with the keys ``problem`` (the name of a shipped one, or a path relative to the
            file) and ``name``, and the tables ``[grid]``, ``[parameters]``, ``[design]`` and
            ``[units]``.

        Raises
        ------
        ValueError
            If something in it is wrong; names file, line, key and cure in one line.
        """
        from metafast.studies.reading import fields_of

        path = require_path(path)
        text = text_of(path, "study")
        try:
            return Study(**fields_of(text, path.stem, path.parent))
        except ValueError as error:
            fault = error if isinstance(error, Fault) else error.__cause__
            if not isinstance(fault, Fault):
                raise
            raise ValueError(told(path.name, text, fault)) from None

    def runs(self) -> list[StudyRun]:
        """All runs in order; the first axis varies slowest."""
        return [self._run(number, varied) for number, varied in runs_of(self.grid)]

    def _run(self, number: int, varied: dict[str, Value]) -> StudyRun:
        options = {name: value for name, value in varied.items() if name in OPTIONS}
        others = {name: value for name, value in varied.items() if name not in OPTIONS}
        return StudyRun(
            number,
            varied,
            with_size({**self.parameters, **others}),
            {**self.options, **options},
        )
