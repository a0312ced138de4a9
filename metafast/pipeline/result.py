"""Finished designs: the result of every stage, the errors, and the file that reopens."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from metafast._base.files import require_writable_directory
from metafast._base.progress import Progress, silent
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
from metafast.pipeline.options import DesignOptions
from metafast.pipeline.trace import Trace
from metafast.pipeline.units import Units
from metafast.problems import Problem
from metafast.problems.file import ProblemSource
from metafast.problems.symmetry import Symmetry
from metafast.structure import StructureResponse

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from metafast.database import CellDatabase
    from metafast.export import Exported, ExportOptions
    from metafast.plotting.style import Width
    from metafast.selection.shapes import Encoder


@dataclass(frozen=True)
class Errors:
    """RRMSE of the target displacements, from the macro optimum down to every pixel.

    Attributes
    ----------
    macro : float
        Optimal properties, relative to the aim of the first stage.
    own_cells : float
        Macro model with the chosen cells' own properties, relative to the same aim.
    pixels : float
        Every pixel, relative to the problem's own target.
    open_loop : float
        Every pixel before any target correction or swap.
    linear : float
        Every pixel by linear elasticity, as the paper has it.
    fine : float
        Every pixel on a finer mesh; NaN if it was not solved.
    extrapolated : float
        The limit that both meshes point to; NaN without the finer one.
    """

    macro: float
    own_cells: float
    pixels: float
    open_loop: float
    linear: float
    fine: float
    extrapolated: float

    @property
    def headline(self) -> float:
        """The figure nearest to the truth: on the finest mesh that was solved, extrapolated."""
        return self.pixels if np.isnan(self.extrapolated) else self.extrapolated


@dataclass(frozen=True, eq=False, kw_only=True)
class Design:
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

    def export(
        self,
        folder: str | os.PathLike[str],
        formats: str | Iterable[str] = ("stl", "3mf", "svg", "dxf", "png"),
        *,
        options: ExportOptions | None = None,
        overwrite: bool = False,
        threads: int | None = None,
        progress: Progress = silent,
        **changes: Any,
    ) -> Exported:
        """Write files to print, to cut, to view and to simulate, in millimetres.

        The lower left corner of the structure, with its frame, is the origin; y is upward. Floating
        parts, which the solution leaves out, are left out. With several load cases, fields, decks
        and deformed shapes are files of each case.

        Parameters
        ----------
        folder : path
            Directory of the files; created if necessary.
        formats : str or iterable of str
            Bodies "stl" and "3mf", outlines "svg" and "dxf", pixels "png", fields of all pixels
            for ParaView "vtu", input deck for CalculiX and Abaqus "inp", table of the cells "csv".
        options : ExportOptions, optional
            Sizes, frame, base, parts, deformed shape, least width, input deck.
        overwrite : bool
            Whether to replace files.
        threads : int, optional
        progress : callable, optional
            Called as ``progress(stage, done, total, note)``.
        **changes
            Single options by name: ``cell_size=10, thickness=5``.

        Returns
        -------
        Exported
            Paths, and the printability of the structure.

        Raises
        ------
        ValueError
            If a length is needed that neither the options nor the design know, the structure is in
            several parts or too narrow, a file is there already or cannot be written, or a package
            of the extra ``export`` is missing.
        """
        from metafast.pipeline.design_export import checked_options, export_design

        return export_design(
            self,
            folder,
            formats,
            checked_options(options, changes),
            overwrite=overwrite,
            threads=threads,
            progress=progress,
        )

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures that `plot` can draw of this design."""
        from metafast.pipeline.figures import figures_of

        return figures_of(self)

    def plot(
        self,
        figure: str,
        path: str | os.PathLike[str] | None = None,
        *,
        width: Width | None = None,
        **options: Any,
    ) -> Figure:
        """Draw a figure for a paper, and write it if there is a path.

        Lengths are in mm and stiffnesses in MPa where the design knows cell size and material.

        Parameters
        ----------
        figure : str
            "problem", "fields", "structure", "deformed", "linear-and-finite", "load-path",
            "convergence", "loops" or "property-cloud"; `figures` has those that there are.
        path : path, optional
            Where to write it: .png, .pdf or .svg.
        width : {"single", "double"} or float, optional
            89 mm, 183 mm (the default) or a number of mm.
        **options
            Further options of the function in `metafast.plotting` that draws it: `ax` and `title`
            of figures with one panel, `component` of "deformed".

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ValueError
            If there is no such figure or option of it, a value is out of its range, or the file
            cannot be written.
        """
        from metafast.pipeline.figures import plot_figure

        return plot_figure(self, figure, path=path, width=width, **options)

    def report(
        self,
        directory: str | os.PathLike[str],
        *,
        database: CellDatabase | None = None,
        encoder: Encoder | None = None,
    ) -> Path:
        """Write the pictures and a self-contained ``report.html``; returns its path.

        With plotly (``metafast[report]``) the report is interactive, and needs no network for it.

        Parameters
        ----------
        directory : path
        database : CellDatabase, optional
            The cells that the design was made from, for the property space and the map of shapes;
            the embedded ones by default, if it was made from those.
        encoder : Encoder, optional
            Latent coordinates for the map; principal components of the pixels by default, and the
            embedded model's latents for a design that was made with a `CellVAE`.

        Raises
        ------
        ValueError
            If the directory cannot be written, the database is not the one that the design was made
            from, or the encoder is none.
        """
        from metafast.pipeline.presentation import report_design

        folder = require_writable_directory(directory)
        return report_design(self, folder, database, encoder)
