"""Best structure of a design so far: the result where Ctrl-C ends it, and the file of a long run.

What makes structures calls `BestSoFar.keep` with every better one. Nothing else has to know that a
design can end early.
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.files import (
    require_file_target,
    require_path,
)
from metafast._base.typing import FloatArray
from metafast.assembly.body_cells import body_properties
from metafast.assembly.tiling import Assembly
from metafast.macro.finite import macro_model
from metafast.pipeline.attempt import Attempt
from metafast.pipeline.design_file import write_parts
from metafast.pipeline.every_pixel import SolvedBody
from metafast.pipeline.open_loop import OpenLoop
from metafast.pipeline.options import DesignOptions
from metafast.pipeline.result import Design
from metafast.pipeline.swap_loop import first_round
from metafast.pipeline.trace import Trace
from metafast.pipeline.units import Units
from metafast.problems import Problem
from metafast.problems.file import ProblemSource


@dataclass(eq=False)
class BestSoFar:
    """Best structure so far, and what else a `Design` is made of.

    Attributes
    ----------
    problem : Problem
    open_loop : OpenLoop
    options : DesignOptions
    trace : Trace
    units : Units
    source : ProblemSource
    start : Design or None
        The design that this one goes on from.
    path : Path or None
        File that every better structure is written to.
    attempt : Attempt or None
        The attempt that the structure comes from; None before the first.
    body : SolvedBody or None
    fine : (rows+1, cols+1, 2) array or None
        Displacement of the body on the finer mesh, if it was solved there.
    """

    problem: Problem
    open_loop: OpenLoop
    options: DesignOptions
    trace: Trace
    units: Units
    source: ProblemSource
    start: Design | None = None
    path: Path | None = None
    attempt: Attempt | None = field(default=None, init=False)
    body: SolvedBody | None = field(default=None, init=False)
    fine: FloatArray | None = field(default=None, init=False)

    def keep_attempt(self, attempt: Attempt) -> None:
        """Take the body of an attempt at a target."""
        self.attempt = attempt
        self.keep(attempt.body)

    def keep_start(self, attempt: Attempt, fine: FloatArray | None) -> None:
        """Take the design that this one goes on from, which has a file."""
        self.attempt, self.body, self.fine = attempt, attempt.body, fine

    def keep(self, body: SolvedBody, fine: FloatArray | None = None) -> None:
        """Take a body, and what is known of it on the finer mesh."""
        changed = body is not self.body or fine is not self.fine
        self.body, self.fine = body, fine
        if changed and self.path is not None:
            self._write(self.path)

    def design(self, *, interrupted: bool = False) -> Design:
        """The design of the best structure."""
        attempt, body = self.attempt, self.body
        assert attempt is not None
        assert body is not None
        nowhere = np.full_like(self.problem.target, np.nan)
        predicted, compliance = self._predicted(body.assembly)
        return Design(
            problem=self.problem,
            field=attempt.field,
            aim=attempt.aim.target,
            certified=attempt.certified,
            assembly=body.assembly,
            pixels=self.problem.one_body(body.pixels),
            predicted=predicted,
            predicted_compliance=compliance,
            fine_displacement=nowhere if self.fine is None else self.fine,
            response=body.response,
            options=self._options_used(),
            trace=self._all_rounds(attempt),
            provenance=self.open_loop.provenance,
            added_cells=self.open_loop.cells.added,
            units=self.units,
            source=self.source,
            interrupted=interrupted,
        )

    def _options_used(self) -> DesignOptions:
        """The options, with the cells that the first stage turned out to need."""
        sides = self.open_loop.cells.least_side_solid
        return self.options.changed(least_side_solid=sides)

    def _predicted(self, assembly: Assembly) -> tuple[FloatArray, float]:
        """Displacement of the macro nodes by the cells' own properties, and the work of the loads.

        NaN if there is no equilibrium.
        """
        properties = body_properties(self.open_loop.database, assembly.cells, self.problem)
        model = macro_model(self.problem, self.options.mesh, self.options.kinematics)
        try:
            u = model.solve(properties)
        except NoEquilibriumError:
            return np.full_like(self.problem.target, np.nan), np.nan
        return model.macro_nodes(u), model.work(u)

    def _all_rounds(self, attempt: Attempt) -> Trace:
        """The trace with the rounds of the closed loop before the start, if there is one."""
        swaps = self.trace.swaps or [first_round(attempt.body)]
        if self.start is not None:
            swaps = [*self.start.trace.swaps, *swaps[1:]]
        return replace(self.trace, swaps=list(swaps))

    def _write(self, path: Path) -> None:
        """Write the best structure; a disk that is full does not end the design."""
        try:
            write_parts(self.design(interrupted=True), path)
        except ValueError as error:
            warnings.warn(
                f"the best structure so far is no longer written: {error}",
                RuntimeWarning,
                stacklevel=3,
            )
            self.path = None


def require_checkpoint(path: str | os.PathLike[str] | None) -> Path | None:
    """The path of a checkpoint, checked before the work."""
    if path is None:
        return None
    checked = require_path(path, "checkpoint")
    require_file_target(checked)
    return checked
