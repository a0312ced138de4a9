"""Rows of a study's table: what came of each run."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from math import isfinite, isnan, nan
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metafast.pipeline import Design
    from metafast.studies.many import FailedDesign
    from metafast.studies.runs import StudyRun, Value

# columns of table.csv after those of the axes, by the attribute
COLUMNS = {
    "macro": "rrmse_macro",
    "own_cells": "rrmse_own_cells",
    "pixels": "rrmse_every_pixel",
    "fine": "rrmse_finer_mesh",
    "extrapolated": "rrmse_extrapolated",
    "linear": "rrmse_linear",
    "compliance": "compliance",
    "solid_share": "solid_share",
    "seconds": "seconds",
    "swaps": "swaps",
    "failure": "failure",
}
_NUMBERS = tuple(name for name in COLUMNS if name not in ("swaps", "failure"))


@dataclass(frozen=True)
class StudyRow:
    """What came of one run of a study.

    Attributes
    ----------
    number : int
        The run's, from 1.
    values : dict of str to value
        What is varied.
    macro, own_cells, pixels, fine, extrapolated, linear : float
        RRMSE as in `Errors`; NaN where there is none.
    compliance : float
        Work of the loads at every pixel; 0 without forces.
    solid_share : float
        Share of solid in the pixels of the designed cells.
    seconds : float
        Time of the stages of the design.
    swaps : int
        Cells that the closed loop swapped.
    failure : str
        What kept the design from being made, with the kind of the error; empty if nothing did.
    """

    number: int
    values: dict[str, Value]
    macro: float = nan
    own_cells: float = nan
    pixels: float = nan
    fine: float = nan
    extrapolated: float = nan
    linear: float = nan
    compliance: float = nan
    solid_share: float = nan
    seconds: float = nan
    swaps: int = 0
    failure: str = ""

    @property
    def headline(self) -> float:
        """RRMSE on the finest mesh that was solved, extrapolated; see `Errors.headline`."""
        return self.pixels if self.extrapolated != self.extrapolated else self.extrapolated

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, which has neither NaN, here None, nor infinity, here text."""
        plain = asdict(self)
        for name in _NUMBERS:
            value = float(plain[name])
            plain[name] = None if isnan(value) else value if isfinite(value) else str(value)
        return plain

    @staticmethod
    def from_dict(data: dict[str, Any]) -> StudyRow:
        """A row from what `as_dict` gave."""
        names = {each.name for each in fields(StudyRow)}
        if not isinstance(data, dict) or {*data} != names:
            raise ValueError(f"a row has {', '.join(sorted(names))}")
        numbers = {name: nan if data[name] is None else float(data[name]) for name in _NUMBERS}
        return StudyRow(**{**data, **numbers})


def row_of(run: StudyRun, made: Design | FailedDesign) -> StudyRow:
    """The row of a run, from its design or its failure."""
    from metafast.pipeline import Design

    if not isinstance(made, Design):
        return StudyRow(run.number, run.values, failure=str(made))
    errors = made.errors
    return StudyRow(
        run.number,
        run.values,
        errors.macro,
        errors.own_cells,
        errors.pixels,
        errors.fine,
        errors.extrapolated,
        errors.linear,
        made.compliance.pixels,
        made.solid_share,
        sum(made.trace.seconds.values()),
        sum(each.swaps for each in made.trace.swaps if each.kept),
    )


def table_text(axes: Sequence[str], rows: Sequence[StudyRow]) -> str:
    """The table as CSV: run, axes, then `COLUMNS`; empty where there is no value."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["run", *axes, *COLUMNS.values()])
    for row in rows:
        values = (getattr(row, name) for name in COLUMNS)
        writer.writerow(
            [row.number, *row.values.values(), *("" if each != each else each for each in values)]
        )
    return stream.getvalue()
