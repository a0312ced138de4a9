"""Trace of a design: time and memory of its stages, and the rounds of its two loops."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

from metafast._base.one_line import one_line
from metafast._base.progress import Progress, silent
from metafast._base.stages import Stages

StageName = Literal[
    "database", "macro", "selection", "assembly", "every_pixel", "closed_loop", "own_cells"
]
STAGES: tuple[StageName, ...] = get_args(StageName)
_EACH_ATTEMPT = 4  # macro, selection, assembly, every_pixel


class CorrectionRound(NamedTuple):
    """One attempt at a target: the problem's own first, then corrected ones.

    Attributes
    ----------
    share : float
        Share of the remaining error that the target was moved by.
    macro : float
        RRMSE of the macro optimum relative to the aim; NaN if there was none.
    pixels : float
        RRMSE at every pixel relative to the problem's own target; infinite without a body.
    kept : bool
    """

    share: float
    macro: float
    pixels: float
    kept: bool


class SwapRound(NamedTuple):
    """One round of the closed loop; the first entry is the body that it started from.

    Attributes
    ----------
    swaps : int
    predicted : float
        RRMSE that the windows predict; NaN for the start.
    pixels : float
        RRMSE at every pixel; infinite if the body fell apart.
    energy : float
        Energy of the assembly.
    kept : bool
    """

    swaps: int
    predicted: float
    pixels: float
    energy: float
    kept: bool


class MeshRound(NamedTuple):
    """Errors of one body on two meshes, relative to the problem's own target.

    Attributes
    ----------
    coarse, fine : float
        RRMSE at every pixel on the mesh of the closed loop, and on the finer one.
    """

    coarse: float
    fine: float


@dataclass
class Trace:
    """Time and memory of the stages of a design, and the rounds of its two loops.

    Attributes
    ----------
    seconds : dict
        Seconds of each stage (`STAGES`); a stage that runs again adds to its own.
    peak_bytes : dict
        Peak memory of the process at the end of each stage.
    corrections : list of CorrectionRound
    swaps : list of SwapRound
    meshes : list of MeshRound
        Bodies that were solved on the finer mesh.
    progress : callable
        Called as ``progress("stages", done, total)`` at the beginning and end of every stage.
    attempts : int
        Number of passes of both stages at most, for the total.
    """

    progress: Progress = field(default=silent, repr=False, compare=False)
    attempts: int = field(default=1, repr=False, compare=False)
    corrections: list[CorrectionRound] = field(default_factory=list)
    swaps: list[SwapRound] = field(default_factory=list)
    meshes: list[MeshRound] = field(default_factory=list)
    _stages: Stages = field(default_factory=Stages)
    _done: int = field(default=0, repr=False, compare=False)

    __repr__ = one_line

    def going_on(self, progress: Progress, attempts: int) -> Trace:
        """Trace of a design that goes on from this one's: its costs and all but its swaps."""
        return Trace(
            progress,
            attempts,
            list(self.corrections),
            [],
            list(self.meshes),
            Stages(dict(self.seconds), dict(self.peak_bytes)),
        )

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds of each stage."""
        return self._stages.seconds

    @property
    def peak_bytes(self) -> dict[str, int]:
        """Peak memory of the process at the end of each stage, in bytes."""
        return self._stages.peak_bytes

    @contextmanager
    def stage(self, name: StageName) -> Iterator[None]:
        """Measure a stage and report its beginning and end."""
        total = len(STAGES) + _EACH_ATTEMPT * (self.attempts - 1)
        self.progress("stages", self._done, total)
        with self._stages.stage(name):
            yield
        # attempts that end early leave a rest, which the last stage makes up for
        self._done = total if name == STAGES[-1] else self._done + 1
        self.progress("stages", self._done, total)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for files."""
        return {
            "seconds": self.seconds,
            "peak_bytes": self.peak_bytes,
            "corrections": self.corrections,
            "swaps": self.swaps,
            "meshes": self.meshes,
        }

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Trace:
        """A trace from what `as_dict` gave."""
        return Trace(
            corrections=[CorrectionRound(*row) for row in data["corrections"]],
            swaps=[SwapRound(*row) for row in data["swaps"]],
            meshes=[MeshRound(*row) for row in data["meshes"]],
            _stages=Stages(data["seconds"], data["peak_bytes"]),
        )
