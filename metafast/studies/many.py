"""Designs of many problems, in this process or on the workers of a Dask cluster."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from metafast._base.checks import changed_options, require_progress, require_threads
from metafast._base.cluster import completed_map, require_client
from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.progress import Progress, silent
from metafast.database import CellDatabase
from metafast.pipeline import Design, DesignOptions, design
from metafast.pipeline.sources import check_sources
from metafast.problems import Problem
from metafast.problems.file import ProblemFile

Task = tuple[Problem | ProblemFile, DesignOptions]

# A worker with several threads may be given several designs. Each uses all of its threads, and
# more than one at a time would need the memory of all.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class FailedDesign:
    """A design that could not be made.

    Attributes
    ----------
    problem : str
        The problem's name.
    error : str
        Kind of the error, for instance ``"NoEquilibriumError"``.
    message : str
        What was wrong, and the cure.
    """

    problem: str
    error: str
    message: str

    def __str__(self) -> str:
        return f"{self.error}: {' '.join(self.message.split())}"


def design_many(
    problems: Iterable[Problem | ProblemFile],
    database: CellDatabase | None = None,
    *,
    options: DesignOptions | None = None,
    client: Any = None,
    threads: int | None = None,
    progress: Progress = silent,
    **changes: Any,
) -> list[Design | FailedDesign]:
    """Designs of many problems, in their order; a design that fails leaves the others alone.

    Each design is that of `design` with the same arguments, to the bit, wherever it is made.

    Parameters
    ----------
    problems : iterable of Problem or ProblemFile
    database : CellDatabase, optional
        Cells to choose from; the embedded ones by default.
    options : DesignOptions, optional
        For all of them; by default `DesignOptions()`, with the options of a problem file.
    client : dask.distributed.Client, optional
        Makes the designs on its workers, one at a time on each; a task whose worker dies is
        repeated by another.
    threads : int, optional
        CPU threads of a design; by default all of this process, and those of a worker.
    progress : callable, optional
        Called as ``progress("designs", done, total, note)``.
    **changes
        Single options by name, for instance ``swap_rounds=0``.

    Returns
    -------
    list of Design or FailedDesign

    Raises
    ------
    ValueError
        If an argument is out of range, before any design.
    TypeError
        If an option is unknown.
    KeyboardInterrupt
        On Ctrl-C; no design is returned then. `run_study` keeps those that are finished.

    Examples
    --------
    >>> arches = [mf.problems.bridge(compression=0.2 * k) for k in (1, 2, 3)]
    >>> made = mf.design_many(arches, kinematics="linear")
    """
    if isinstance(problems, (Problem, ProblemFile, str)) or not isinstance(problems, Iterable):
        raise ValueError(
            f"problems is a {type(problems).__name__}; a list of Problem or ProblemFile is needed"
        )
    require_progress(progress, noted=True)
    require_threads(threads)
    if client is not None:
        require_client(client)
    tasks: list[Task] = []
    for k, each in enumerate(problems):
        problem = each.problem if isinstance(each, ProblemFile) else each
        try:
            check_sources(problem, database, None, None, options)
        except ValueError as error:
            raise ValueError(f"problems[{k}]: {error}") from None
        own = each.options if isinstance(each, ProblemFile) and options is None else {}
        base = options or DesignOptions()
        tasks.append((each, changed_options("design_many", base, {**own, **changes})))
    found: dict[int, Design | FailedDesign] = {}
    for k, made in designs(tasks, database, client, threads, progress):
        found[k] = made
        progress("designs", len(found), len(tasks), "")
    return [found[k] for k in range(len(tasks))]


def designs(
    tasks: Iterable[Task],
    database: CellDatabase | None,
    client: Any,
    threads: int | None,
    progress: Progress,
) -> Iterator[tuple[int, Design | FailedDesign]]:
    """Number and design of each task, as soon as it is finished.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C, also for a design that ends early with its best structure.
    """
    if client is None:
        for k, (problem, options) in enumerate(tasks):
            with warnings.catch_warnings():  # the structure of a run that ends early is not kept
                warnings.filterwarnings("ignore", "interrupted: the design ends early")
                made = design_or_failure(problem, options, database, threads, progress)
            yield k, made
        return
    cells = None if database is None else _sent_once(client, database)
    arguments = ((problem, options, cells, threads) for problem, options in tasks)
    yield from completed_map(_on_worker, arguments, client, lost=_lost)


def design_or_failure(
    problem: Problem | ProblemFile,
    options: DesignOptions,
    database: CellDatabase | None,
    threads: int | None,
    progress: Progress = silent,
) -> Design | FailedDesign:
    """A design, or why it could not be made."""
    try:
        made = design(problem, database, options=options, threads=threads, progress=progress)
    except (ValueError, NoEquilibriumError, MemoryError) as error:
        named = problem.problem if isinstance(problem, ProblemFile) else problem
        return FailedDesign(named.name, type(error).__name__, str(error))
    if made.interrupted:
        raise KeyboardInterrupt
    return made


def _on_worker(
    problem: Problem | ProblemFile,
    options: DesignOptions,
    database: CellDatabase | None,
    threads: int | None,
) -> Design | FailedDesign:
    from distributed import get_worker

    if threads is None:
        threads = get_worker().state.nthreads
    with _ONE_AT_A_TIME:
        return design_or_failure(problem, options, database, threads)


def _sent_once(client: Any, database: CellDatabase) -> Any:
    """Future of the cells: a task of its own, so that what a dead worker held is sent again."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph")
        return client.submit(_itself, database, pure=False)


def _itself(database: CellDatabase) -> CellDatabase:
    return database


def _lost(problem: Any, *_: Any, error: Exception) -> FailedDesign:
    """The failure of a design that several workers died of."""
    named = problem.problem if isinstance(problem, ProblemFile) else problem
    return FailedDesign(
        named.name,
        type(error).__name__,
        f"every worker that was given the design died, most likely for want of memory ({error}); "
        "give the workers more memory, or refine, fine_mesh or candidates less",
    )
