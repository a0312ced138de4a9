"""Run of a study: what is missing of its runs is made, and each is kept as soon as it is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from metafast._base.checks import require_progress, require_threads
from metafast._base.cluster import require_client
from metafast._base.progress import Progress, silent
from metafast.database import CellDatabase
from metafast.pipeline.sources import require_database
from metafast.studies.folder import folder_of, read_row, write_run
from metafast.studies.many import FailedDesign, Task, designs
from metafast.studies.result import StudyResult
from metafast.studies.row import StudyRow
from metafast.studies.runs import StudyRun
from metafast.studies.study import Study


def run_study(
    study: Study,
    directory: str | os.PathLike[str],
    database: CellDatabase | None = None,
    *,
    client: Any = None,
    threads: int | None = None,
    progress: Progress = silent,
) -> StudyResult:
    """Make the designs of a study, those that its directory does not hold yet.

    Each run has a folder with ``design.h5``, the pictures and the report, which is there only when
    it is complete. A design that fails is a row with its message; a second call does not try it
    again until its folder is deleted. The table is the same, however often the study was
    interrupted and wherever its designs were made.

    Parameters
    ----------
    study : Study
    directory : path
        New, empty, or begun by the same study.
    database : CellDatabase, optional
        Cells to choose from; the embedded ones by default.
    client : dask.distributed.Client, optional
        Makes the designs on its workers, one at a time on each; a worker that dies changes
        nothing. The files are written by this process.
    threads : int, optional
        CPU threads of a design; by default all of this process, and those of a worker.
    progress : callable, optional
        Called as ``progress("runs", done, total, note)``.

    Returns
    -------
    StudyResult
        ``table.csv`` and ``study.png`` are then in the directory.

    Raises
    ------
    ValueError
        If the directory belongs to another study, cannot be written or is damaged.
    KeyboardInterrupt
        On Ctrl-C. What is finished stays, and the same call goes on.

    Examples
    --------
    >>> study = mf.Study("heights", "bridge", {"amplitude": [0.5, 1.0, 1.5]})
    >>> result = mf.run_study(study, "runs/heights")
    >>> result.best.values
    """
    if not isinstance(study, Study):
        raise ValueError(
            f"study is a {type(study).__name__}; a Study is needed, for instance "
            "metafast.Study.load('study.toml')"
        )
    require_progress(progress, noted=True)
    require_database(database)
    require_threads(threads)
    if client is not None:
        require_client(client)
    folder = folder_of(study, directory, database)
    runs = study.runs()
    rows: dict[int, StudyRow] = {}
    for run in runs:
        row = read_row(folder, run)
        if row is not None:
            rows[run.number] = row

    def keep(run: StudyRun, made: Any) -> None:
        rows[run.number] = write_run(folder, run, made)
        progress("runs", len(rows), len(runs), _told(run))

    sent: list[StudyRun] = []

    def tasks() -> Iterator[Task]:
        for run in runs:
            if run.number in rows:
                continue
            try:
                task = run.read(str(study.problem))
            except ValueError as error:
                keep(run, FailedDesign(str(study.problem), type(error).__name__, str(error)))
                continue
            sent.append(run)
            yield task

    progress("runs", len(rows), len(runs), "")
    try:
        for k, made in designs(tasks(), database, client, threads, progress):
            keep(sent[k], made)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"interrupted: {len(rows)} of {len(runs)} runs are finished in {str(folder)!r}; the "
            "same study with the same directory goes on with the rest"
        ) from None
    result = StudyResult.load(folder)
    result.save()
    return result


def _told(run: StudyRun) -> str:
    """The values of a run, for a note."""
    return ", ".join(f"{name} = {value}" for name, value in run.values.items())
