"""A design in a thread of its own: what the page asks about it, and a way to end it early."""

from __future__ import annotations

import io
import shutil
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from metafast.pipeline import Design, design
from metafast.pipeline.design_file import PARTIAL_NAME
from metafast.plotting import plot_deformed
from metafast.problems.file import ProblemFile

State = Literal["waiting", "running", "done", "cancelled", "failed"]
_AT_WORK = threading.Lock()  # one design at a time: it takes all threads and much memory
_LATEST: list[DesignRun] = []  # at most one, which outlives the page that began it
_DPI = 110


def is_designing() -> bool:
    """Whether a design is at work in this process."""
    return _AT_WORK.locked()


def latest_run() -> DesignRun | None:
    """The design that was begun last in this process, which a page that is loaded again shows."""
    return _LATEST[0] if _LATEST else None


def end_designs() -> None:
    """Cancel the design that is at work, if one is, and wait until it has ended."""
    run = latest_run()
    if run is not None:
        run.cancel()
        run.wait()


@dataclass(frozen=True)
class Step:
    """How far a stage is, and a note on its state."""

    done: int
    total: int
    note: str


class DesignRun:
    """A design that runs in a thread.

    The thread writes the attributes, each in one assignment; the page reads them.

    Attributes
    ----------
    state : {"waiting", "running", "done", "cancelled", "failed"}
    steps : dict of str to Step
        Stages as `metafast.design` reports them, the latest last.
    made : Design or None
    open_loop : Design or None
        The structure before any target correction or swap, if the loops made a better one.
    pictures : dict of str to bytes
        PNG of the deformed structures.
    warnings : list of str
    error : str
    """

    def __init__(self, file: ProblemFile, **options: Any) -> None:
        self.file, self.options = file, options
        self.state: State = "waiting"
        self.steps: dict[str, Step] = {}
        self.made: Design | None = None
        self.open_loop: Design | None = None
        self.pictures: dict[str, bytes] = {}
        self.warnings: list[str] = []
        self.error = ""
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._work, name="metafast design", daemon=True)

    def start(self) -> None:
        """Begin.

        Raises
        ------
        ValueError
            If another design is at work in this process.
        """
        if not _AT_WORK.acquire(blocking=False):
            raise ValueError("a design is at work already; wait for it, or cancel it")
        self.state = "running"
        _LATEST[:] = [self]
        self._thread.start()

    def cancel(self) -> None:
        """End it at its next report, as Ctrl-C does: with the best structure so far."""
        self._cancelled.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it has ended; whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def share(self) -> float:
        """Share of the stages that are done, in [0, 1]."""
        step = self.steps.get("stages")
        return 0.0 if step is None or not step.total else min(step.done / step.total, 1.0)

    def _work(self) -> None:
        state: State = "failed"
        try:
            with TemporaryDirectory(prefix="metafast-app-") as folder:
                state = self._design(Path(folder))
        except KeyboardInterrupt as early:
            self.error, state = str(early), "cancelled"
        except Exception as error:  # whatever it is, the page says it and stays
            self.error = str(error) or type(error).__name__
        finally:
            _AT_WORK.release()
            self.state = state

    def _design(self, folder: Path) -> State:
        partial, first = folder / PARTIAL_NAME, folder / "open_loop.h5"

        def report(stage: str, done: int, total: int, note: str = "", /) -> None:
            if partial.is_file() and not first.exists():  # the first structure that was solved
                shutil.copyfile(partial, first)
            others = {name: step for name, step in self.steps.items() if name != stage}
            self.steps = {**others, stage: Step(done, total, note)}
            if self._cancelled.is_set():
                self._cancelled.clear()  # what follows makes the best structure so far a result
                raise KeyboardInterrupt("cancelled before the first structure was solved")

        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", RuntimeWarning)
            made = design(self.file, checkpoint=partial, progress=report, **self.options)
        texts = [str(each.message) for each in said if each.category is RuntimeWarning]
        self.warnings = list(dict.fromkeys(texts))
        if first.is_file() and (made.trace.swaps[1:] or made.trace.corrections[1:]):
            self.open_loop = Design.load(first)
        self.pictures = self._pictures(made)
        self.made = made
        return "cancelled" if made.interrupted else "done"

    def _pictures(self, made: Design) -> dict[str, bytes]:
        shown = {"open loop": self.open_loop, "closed loop": made}
        if self.open_loop is None:
            shown = {"every pixel": made}
        return {
            title: png_of(plot_deformed(each.response, each.problem))
            for title, each in shown.items()
            if each is not None
        }


def png_of(figure: Any) -> bytes:
    """A figure of matplotlib as PNG."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=_DPI, facecolor="white")
    return stream.getvalue()
