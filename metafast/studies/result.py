"""Result of a study: its table, its picture, and the designs in its folder."""

from __future__ import annotations

import os
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metafast._base.extras import MissingPackageError
from metafast._base.files import atomic_write, require_path
from metafast._base.one_line import one_line
from metafast.pipeline import Design
from metafast.studies.folder import read_row, read_study_file
from metafast.studies.row import COLUMNS, StudyRow, table_text
from metafast.studies.runs import StudyRun, Value, runs_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from metafast.plotting.style import Width

TABLE_NAME, PICTURE_NAME = "table.csv", "study.png"


@dataclass(frozen=True, eq=False)
class StudyResult:
    """Result of a study, or of its runs that are finished.

    Attributes
    ----------
    name : str
    grid : dict of str to tuple
        Values of each axis.
    units : dict of str to str
        Units of parameters, for the picture.
    rows : tuple of StudyRow
        One for each finished run, in the study's order.
    directory : Path
        The folder of the study.
    """

    name: str
    grid: dict[str, tuple[Value, ...]]
    units: dict[str, str]
    rows: tuple[StudyRow, ...]
    directory: Path

    __repr__ = one_line

    @staticmethod
    def load(directory: str | os.PathLike[str]) -> StudyResult:
        """Reopen what a study has left in its directory, finished or not.

        Raises
        ------
        ValueError
            If there is no study, or a file is damaged.
        """
        folder = require_path(directory, "directory")
        data = read_study_file(folder)
        grid = {name: tuple(values) for name, values in data["grid"].items()}
        found = (read_row(folder, StudyRun(k, values, {}, {})) for k, values in runs_of(grid))
        rows = tuple(row for row in found if row is not None)
        return StudyResult(data["name"], grid, data["units"], rows, folder)

    @property
    def table(self) -> dict[str, list[Any]]:
        """Columns of the table: run, axes, errors, cost and failures, an entry for each run."""
        columns: dict[str, list[Any]] = {"run": [row.number for row in self.rows]}
        columns |= {axis: [row.values[axis] for row in self.rows] for axis in self.grid}
        return columns | {
            heading: [getattr(row, name) for row in self.rows] for name, heading in COLUMNS.items()
        }

    @property
    def failed(self) -> tuple[StudyRow, ...]:
        """Rows of the runs whose design could not be made."""
        return tuple(row for row in self.rows if row.failure)

    @property
    def best(self) -> StudyRow:
        """The row with the least error on the finest mesh, or the least compliance without errors.

        Raises
        ------
        ValueError
            If no design was made.
        """
        made = [row for row in self.rows if not row.failure]
        if not made:
            raise ValueError("the study has no design; see the failures in its rows")
        with_error = [row for row in made if row.headline == row.headline]
        if with_error:
            return min(with_error, key=lambda row: row.headline)
        return min(made, key=lambda row: row.compliance)

    def design(self, number: int) -> Design:
        """The design of a run.

        Raises
        ------
        ValueError
            If the run is not finished, or its design could not be made.
        """
        row = next((row for row in self.rows if row.number == number), None)
        if row is None:
            raise ValueError(f"run {number} is not in the table; see StudyResult.rows")
        if row.failure:
            raise ValueError(f"run {number} has no design: {row.failure}")
        return Design.load(self.directory / StudyRun(number, {}, {}, {}).folder)

    def plot(
        self, path: str | os.PathLike[str] | None = None, *, width: Width | None = None
    ) -> Figure:
        """Error over what is varied: lines with one axis, a map with two, dots with more.

        Parameters
        ----------
        path : path, optional
            Where to write it: .png, .pdf or .svg.
        width : {"single", "double"} or float, optional
            89 mm, 183 mm (the default), or a number of mm.

        Raises
        ------
        ValueError
            If the width is out of range, or the file cannot be written.
        """
        from metafast.plotting.study import plot_study

        rows = [asdict(row) | {"headline": row.headline} for row in self.rows]
        return plot_study(
            self.grid, rows, title=self.name, units=self.units, path=path, width=width
        )

    def save(self) -> Path:
        """Write ``table.csv`` and ``study.png`` into the study's directory; returns it.

        Warns
        -----
        RuntimeWarning
            If matplotlib is missing and the picture is left out.
        """
        with atomic_write(self.directory / TABLE_NAME) as partial:
            partial.write_text(table_text(tuple(self.grid), self.rows), encoding="utf-8")
        try:
            self.plot(self.directory / PICTURE_NAME)
        except MissingPackageError as missing:
            warnings.warn(f"{PICTURE_NAME} is left out: {missing}", RuntimeWarning, stacklevel=2)
        return self.directory
