"""A finished design: what was found at each stage, and its proof."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from metafast._base.files import require_writable_directory
from metafast._base.typing import AnyArray, ByteArray, FloatArray
from metafast.assembly.tiling import Assembly
from metafast.macro import PropertyField
from metafast.problems import Problem
from metafast.structure import StructureResponse


@dataclass(frozen=True, eq=False)
class Design:
    """A finished design and its proof.

    Attributes
    ----------
    problem : Problem
    field : PropertyField
        First stage: optimised properties.
    assembly : Assembly
        Second stage: the cells that stand in the structure.
    pixels : (rows*h, cols*w) array
        The structure, 1 = solid, row 0 at the top.
    predicted : (rows+1, cols+1, 2) array
        Displacement of the macro model with the chosen cells' own properties.
    response : StructureResponse
        Finite-element solution of every pixel.
    timings : dict
        Seconds of each stage.
    peak_memory : dict
        Peak memory of the process when each stage ended, bytes.
    options : dict
        What the design was made with: the options, the database's origin, the version.
    open_loop : Assembly
        Second stage before the closed loop, for the best of the targets tried: the choice that the
        solver certified. Row 0 of `rounds` has its error.
    rounds : structured array
        The closed loop (`metafast.closed_loop`). Row 0 is the structure that it started from; per
        round the swaps, the predicted error, the error of every pixel, the assembly's energy, and
        whether the structure was kept.
    aim : (rows+1, cols+1, 2) array
        Target that the first stage was given: the problem's, or one corrected beyond it.
    corrections : structured array
        Target correction (`metafast.pipeline.target_correction`). Row 0 is the problem's own
        target;
        per round the share of the shortfall, the error of the macro optimum by the target that it
        was given, the error of every pixel by the problem's own, and whether the design was kept.
    """

    problem: Problem
    field: PropertyField
    assembly: Assembly
    pixels: ByteArray
    predicted: FloatArray
    response: StructureResponse
    timings: dict[str, float]
    peak_memory: dict[str, int]
    options: dict[str, str | int | float]
    open_loop: Assembly
    rounds: AnyArray
    aim: FloatArray
    corrections: AnyArray

    @property
    def open_loop_error(self) -> float:
        """Error of every pixel for the problem's own target, before any correction."""
        return float(self.corrections["every_pixel"][0])

    @property
    def is_corrected(self) -> bool:
        """Whether the first stage was given another target than the problem's."""
        return bool(self.corrections["kept"][1:].any())

    @property
    def errors(self) -> dict[str, float]:
        """RRMSE of the target displacements at the three levels.

        The first two are measured by `aim`, which the first stage was given and may lie beyond the
        problem's target; every pixel is measured by the problem's own.
        """
        given = self.problem.aiming_at(self.aim)
        return {
            "macro optimum": self.field.rrmse,
            "macro with the cells' own properties": given.rrmse(self.predicted),
            "every pixel": self.response.rrmse,
        }

    def save(self, directory: str | os.PathLike[str]) -> Path:
        """Write ``design.h5``, the pictures and ``report.html`` into `directory`; returns it.

        Each file replaces an older one only when it is complete.

        Raises
        ------
        ValueError
            If the directory cannot be written.
        """
        from metafast.pipeline.design_file import write_design

        folder = require_writable_directory(directory)
        write_design(self, folder / "design.h5")
        self.report(folder)
        return folder

    def report(self, directory: str | os.PathLike[str]) -> Path:
        """Write the pictures and a self-contained ``report.html``; returns its path."""
        from metafast.report import write_report

        return write_report(self, require_writable_directory(directory))
