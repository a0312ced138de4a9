"""Progress bars below the cell of a notebook, drawn by the browser and rewritten in place."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metafast._base.progress import Progress

_PAUSE = 0.1  # seconds between two pictures; each is a message to the browser


def in_notebook() -> bool:
    """Whether the shell of IPython is one with a kernel, and not one in a terminal."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


@contextmanager
def notebook_bars(transient: bool) -> Iterator[Progress]:
    """Bars of the stages, in the order in which they began."""
    from IPython.display import HTML, display

    told: dict[str, tuple[int, int, str]] = {}
    drawn = {"when": 0.0}
    shown = display(HTML(""), display_id=True)

    def report(stage: str, done: int, total: int, note: str = "", /) -> None:
        told[stage] = done, total, note
        now = time.monotonic()
        if done >= total or now - drawn["when"] > _PAUSE:
            shown.update(HTML(bars_html(told)))
            drawn["when"] = now

    try:
        yield report
    finally:
        shown.update(HTML("" if transient else bars_html(told)))


def bars_html(told: dict[str, tuple[int, int, str]]) -> str:
    """A row for each stage: its name, a bar, the steps done and in all, and the note."""
    rows = (
        f"<tr><td>{escape(stage)}</td>"
        f'<td><progress value="{done}" max="{max(total, 1)}"></progress></td>'
        f"<td>{done:,} of {total:,}</td><td>{escape(note)}</td></tr>"
        for stage, (done, total, note) in told.items()
    )
    return f"<table>{''.join(rows)}</table>"
