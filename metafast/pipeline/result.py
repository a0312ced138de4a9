"""Finished designs: the result of every stage, and the file that reopens."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from metafast._base.files import require_writable_directory
from metafast._base.typing import ByteArray, FloatArray
from metafast.assembly.tiling import Assembly
from metafast.macro import PropertyField
from metafast.material import Material
from metafast.phases import Phases
from metafast.pipeline.compliance import Compliance
from metafast.pipeline.design_file import (
    FILE_NAME,
    PARTIAL_NAME,
    Provenance,
    design_path,
    read_parts,
    write_parts,
)
from metafast.pipeline.errors import Errors
from metafast.pipeline.options import DesignOptions
from metafast.pipeline.outputs import Outputs
from metafast.pipeline.trace import Trace
from metafast.pipeline.units import Units
from metafast.problems import Problem
from metafast.problems.file import ProblemSource
from metafast.problems.symmetry import Symmetry
from metafast.structure import StructureResponse


def _no_cells() -> ByteArray:
    return np.zeros((0, 0, 0), np.uint8)


@dataclass(frozen=True, eq=False, kw_only=True)
class Design(Outputs):
    """Finished design: the result of every stage.

    Attributes
    ----------
    problem : Problem
    field : PropertyField
        First stage: optimised properties.
    aim : (rows+1, cols+1, 2) array
        Target of the first stage: the problem's own, or one corrected beyond it.
    certified : Assembly
        Second stage: the cells that the solver chose, with the bound that it proved.
    assembly : Assembly
        The cells of the structure, after the swaps of the closed loop.
    pixels : (rows*h, cols*w) array
        The structure, 1 = solid, row 0 at the top; nothing where a cell is absent. With several
        load cases it is the body once, while arrays of cells and nodes, the response too, hold its
        copies side by side (`load_cases`).
    predicted : (rows+1, cols+1, 2) array
        Displacement of the macro model with the chosen cells' own properties.
    fine_displacement : (rows+1, cols+1, 2) array
        Displacement of the macro nodes on the finer mesh; NaN if it was not solved.
    response : StructureResponse
        Finite-element solution of every pixel.
    options : DesignOptions
    trace : Trace
        Time and memory of the stages, rounds of target correction and of the closed loop.
    provenance : dict
        Origin of the cells, the encoder, and the version of metafast.
    units : Units
        Young's modulus in MPa, side of a cell and thickness in mm, as far as they are known.
    source : ProblemSource
        Text of the problem file, empty for a problem from Python.
    interrupted : bool
        Whether it was ended early, by Ctrl-C for instance, or is the checkpoint of such a run; it
        then holds the best structure until then.
    added_cells : (n, h, w) array
        Cells that inverse homogenization added to the database's, whose rows they follow.
    predicted_compliance : float
        Compliance of the macro model with the chosen cells' own properties.
    """

    problem: Problem
    field: PropertyField
    aim: FloatArray
    certified: Assembly
    assembly: Assembly
    pixels: ByteArray
    predicted: FloatArray
    fine_displacement: FloatArray
    response: StructureResponse
    options: DesignOptions
    trace: Trace
    provenance: Provenance
    units: Units = dataclasses.field(default_factory=Units)
    source: ProblemSource = dataclasses.field(default_factory=ProblemSource)
    interrupted: bool = False
    added_cells: ByteArray = dataclasses.field(default_factory=_no_cells)
    predicted_compliance: float = float("nan")

    def __repr__(self) -> str:
        from metafast.pipeline.notebook import line_of

        return line_of(self)

    def _repr_html_(self) -> str:
        from metafast.pipeline.notebook import html_of

        return html_of(self)

    @property
    def compliance(self) -> Compliance:
        """Work of the loads, from the macro optimum down to every pixel; 0 without forces."""
        return Compliance(self.field.compliance, self.predicted_compliance, self.response.work)

    @property
    def solid_share(self) -> float:
        """Share of solid in the pixels of the designed cells."""
        designed = self.problem.designed
        rows, cols = designed.shape
        blocks = self.copies.reshape(rows, self.pixels.shape[0] // rows, cols, -1)
        return float(blocks.mean(axis=(1, 3))[designed].mean())

    @property
    def errors(self) -> Errors:
        """RRMSE of the target displacements, from the macro optimum down to every pixel."""
        return Errors(
            self.field.rrmse,
            self.problem.aiming_at(self.aim).rrmse(self.predicted),
            self.response.rrmse,
            self.trace.corrections[0].pixels,
            self.response.linear_rrmse,
            self.problem.rrmse(self.fine_displacement),
            self.problem.rrmse(self.extrapolated),
        )

    @property
    def copies(self) -> ByteArray:
        """The pixels, as often as there are load cases, side by side as the problem has them."""
        return np.asarray(self.problem.side_by_side(self.pixels))

    @property
    def errors_by_case(self) -> dict[str, float]:
        """RRMSE of each load case at every pixel, on the finest mesh that was solved."""
        fine = self.fine_displacement[self.problem.wanted]
        solved = self.response.displacement if np.isnan(fine).any() else self.fine_displacement
        return self.problem.rrmse_by_case(solved)

    @property
    def extrapolated(self) -> FloatArray:
        """Displacement (rows+1, cols+1, 2) of the macro nodes in the limit of fine meshes.

        Corners of pores make the error fall with the size of the elements, not with its square.
        """
        coarse, fine = self.response.displacement, self.fine_displacement
        return np.asarray(fine + (fine - coarse) / max(self.options.finer - 1, 1))

    @property
    def phases(self) -> Phases:
        """Materials of the solid and of void, as the cells' database has them."""
        text = self.provenance.get("phases")
        return Phases() if text is None else Phases.from_json(str(text))

    @property
    def material(self) -> Material:
        """Material of the solid, Young's modulus in MPa if a material was asked for."""
        solid = self.phases.solid
        return solid if self.units.young is None else replace(solid, young=self.units.young)

    @property
    def symmetry(self) -> Symmetry:
        """Mirror symmetry of the pixels, none where it was not asked for."""
        images = Symmetry(True, False), Symmetry(False, True)
        asked = self.options.symmetry == "auto" and not self.problem.cases
        return Symmetry(*(asked and image.holds(self.pixels) for image in images))

    @property
    def is_corrected(self) -> bool:
        """Whether the first stage was given another target than the problem's own."""
        return not np.array_equal(self.aim, self.problem.target, equal_nan=True)

    def save(self, directory: str | os.PathLike[str]) -> Path:
        """Write ``design.h5``, the pictures and ``report.html`` into `directory`; returns it.

        Each file replaces an older one only when it is complete; then a checkpoint there goes.

        Raises
        ------
        ValueError
            If the directory cannot be written.
        """
        folder = require_writable_directory(directory)
        write_parts(self, folder / FILE_NAME)
        (folder / PARTIAL_NAME).unlink(missing_ok=True)
        self.report(folder)
        return folder

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Design:
        """Reopen a design.

        Parameters
        ----------
        path : path
            ``design.h5``, or the directory that holds it or the checkpoint of a run.

        Raises
        ------
        ValueError
            If the file is missing, truncated or no metafast design.
        """
        kinds = {
            "problem": Problem,
            "field": PropertyField,
            "certified": Assembly,
            "assembly": Assembly,
            "response": StructureResponse,
            "options": DesignOptions,
            "trace": Trace,
            "units": Units,
            "source": ProblemSource,
        }
        return read_parts(Design, kinds, design_path(path))
