"""Factorisation of a pixel body, and the solutions that its factor gives."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from metafast._base.memory import available_memory
from metafast._base.progress import Progress
from metafast._base.typing import FloatArray
from metafast.structure.body import PixelBody
from metafast.structure.input import require_memory
from metafast.structure.target_adjoints import TargetAdjoints


class Clock:
    """Seconds of the phases of a solution; each is reported as it begins."""

    def __init__(self, phases: Sequence[str], progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._phases, self._progress = list(phases), progress
        self._start = time.perf_counter()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure what runs inside."""
        self._progress("structure", self._phases.index(name), len(self._phases), name)
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start

    def stop(self) -> None:
        """End the last phase."""
        self.seconds["total"] = time.perf_counter() - self._start
        self._progress("structure", len(self._phases), len(self._phases))


class Solution(NamedTuple):
    """Solution of the load cases of a body.

    Attributes
    ----------
    columns : (n, cases) array
        Displacement of the free degrees of freedom.
    factor_memory : int
        Bytes of the factor and its solution at their peak.
    adjoints : TargetAdjoints or None
        Adjoint fields of the first case's targets, if they were requested.
    """

    columns: FloatArray
    factor_memory: int
    adjoints: TargetAdjoints | None


def factorise(body: PixelBody, threads: int, clock: Clock, *, adjoint: bool) -> Solution:
    """Solve all load cases, and the adjoint fields of the first case's targets if requested.

    Raises
    ------
    MemoryError
        If the factor and its solutions do not fit.
    """
    system, adjoints = body.system, None
    free = available_memory()
    require_memory(body.factor_unknowns, free)
    with clock.phase("assembly"):
        columns = body.right_sides()
    most, reserved = len(body.cases), 2 * columns.nbytes
    if adjoint:
        adjoints = TargetAdjoints.empty(body.cases[0], body.side, body.held.prescribed)
        most, reserved = adjoints.COLUMNS, reserved + adjoints.workspace(system.unknowns)
    if not system.unknowns:
        return Solution(columns, 0, adjoints)
    limit = None if free is None else free - reserved
    with clock.phase("order"):
        factor = body.linear_factor(most, limit, threads)
    with factor:
        with clock.phase("factor"):
            columns = factor.solve(columns)
        if adjoints is not None:
            with clock.phase("adjoints"):
                adjoints.fill(factor, system, body.cases[0], body.mirrors)
    return Solution(columns, factor.memory, adjoints)
