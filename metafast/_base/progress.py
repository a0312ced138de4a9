"""Progress reporting for long-running work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from metafast._base.checks import require_flag


class Progress(Protocol):
    """Callable that receives the progress of long-running work."""

    def __call__(self, stage: str, done: int, total: int, note: str = "", /) -> None:
        """Report that `done` of `total` steps of a stage are finished.

        `note` is a short text on the present state, which may change from call to call.
        """


def silent(_stage: str, _done: int, _total: int, _note: str = "", /) -> None:
    """Report nothing."""


def progress_bars(transient: bool = True) -> AbstractContextManager[Progress]:
    """Progress bars, one for each stage: in a terminal, or below the cell of a notebook.

    Parameters
    ----------
    transient : bool
        Whether they vanish when the block ends.

    Returns
    -------
    context manager
        Of the callable that functions take as ``progress=``.

    Examples
    --------
    >>> with mf.progress_bars() as bars:
    ...     made = mf.design(mf.problems.bridge(), progress=bars)
    """
    from metafast._base.notebook_bars import in_notebook, notebook_bars

    require_flag("transient", transient)
    return notebook_bars(transient) if in_notebook() else _terminal_bars(transient)


@contextmanager
def _terminal_bars(transient: bool) -> Iterator[Progress]:
    """Bars of rich, with rates."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.progress import Progress as Bars
    from rich.text import Text

    class Rate(ProgressColumn):
        """Steps per second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{speed:,.0f}/s")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, Rate(), TimeElapsedColumn(), transient=transient) as bars:
        tasks = {}

        def report(stage: str, done: int, total: int, note: str = "", /) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            described = f"{stage}: {note}" if note else stage
            bars.update(tasks[stage], description=described, completed=done, total=total)

        yield report
