"""Files of a finished design: to print, to cut, to view and to simulate, in millimetres."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.ndimage import label

from metafast._base.checks import changed_options
from metafast._base.progress import Progress, silent
from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray
from metafast.export.cell_table import write_cell_table
from metafast.export.deck import Dimensions, write_deck
from metafast.export.options import FORMATS, ExportOptions
from metafast.export.printability import counted
from metafast.export.shape import Shape, Sizes
from metafast.export.structure import (
    BODIES,
    SHAPE_FORMATS,
    Exported,
    checked_widths,
    write_shape,
    write_shapes,
)
from metafast.export.targets import file_name, file_targets, require_formats
from metafast.export.view import cell_places, write_view
from metafast.homogenization import homogenize, properties_of
from metafast.material import Material
from metafast.problems import Problem
from metafast.problems.cases import case_of
from metafast.structure import StructureResponse
from metafast.structure.quad_mesh import quad_mesh

if TYPE_CHECKING:
    from metafast.pipeline.result import Design

_DEFORMED = ("stl", "3mf", "svg", "dxf", "vtu")  # formats that have a deformed shape
_BY_CASE = ("vtu", "inp")  # formats with a file for each load case


def export_design(
    design: Design,
    folder: str | os.PathLike[str],
    formats: str | Iterable[str],
    options: ExportOptions,
    *,
    overwrite: bool = False,
    threads: int | None = None,
    progress: Progress = silent,
) -> Exported:
    """Write a design as files; see `Design.export`."""
    wanted = require_formats(formats, FORMATS)
    options = _completed(design, options, wanted)
    name = options.name or file_name(design.problem.name)
    once = file_targets(folder, name, [k for k in wanted if k not in _BY_CASE], overwrite)
    further: list[tuple[int, str, bool, Path]] = []  # case, format, whether deformed, path
    for number, case in enumerate(design.problem.cases or ("",)):
        own = f"{name}_{file_name(case)}" if case else name
        targets = file_targets(folder, own, [k for k in wanted if k in _BY_CASE], overwrite)
        further += [(number, kind, False, path) for kind, path in targets.items()]
        if options.deformed:
            kinds = [kind for kind in wanted if kind in _DEFORMED]
            targets = file_targets(folder, f"{own}_deformed", kinds, overwrite)
            further += [(number, kind, True, path) for kind, path in targets.items()]
    done = _Export(design, options, threads, progress)
    made = done.write_shapes({k: path for k, path in once.items() if k in SHAPE_FORMATS})
    if "csv" in once:
        done.write_table(once["csv"])
    for step, (number, kind, deformed, path) in enumerate(further):
        progress("further files", step, len(further), path.name)
        done.write(number, kind, path, deformed=deformed)
    if further:
        progress("further files", len(further), len(further))
    paths = [*once.values(), *(path for *_, path in further)]
    return replace(made, paths=paths, remarks=done.remarks())


def _completed(design: Design, options: ExportOptions, wanted: list[str]) -> ExportOptions:
    """The options with the lengths of the design, refused where one is needed and unknown."""
    units = design.units
    options = replace(
        options,
        cell_size=options.cell_size or units.cell_size,
        thickness=options.thickness or units.thickness,
        young=options.young or units.young,
        kinematics=options.kinematics or design.response.kinematics,
    )
    if options.cell_size is None:
        raise ValueError(
            "the design does not say how large a cell is; give it in mm (--cell-size 10mm, "
            "cell_size=10)"
        )
    solid = [kind for kind in wanted if kind in (*BODIES, "inp")]
    if solid and options.thickness is None:
        raise ValueError(
            f"{', '.join(solid)} need a thickness, which the design does not say; give it in mm "
            "(--thickness 5mm, thickness=5)"
        )
    if "inp" in wanted and options.young is None:
        raise ValueError(
            "inp needs Young's modulus in MPa, which the design does not say; give it "
            "(--young 3GPa, young=3000)"
        )
    return options


class _Export:
    """A design on its way into files."""

    def __init__(
        self, design: Design, options: ExportOptions, threads: int | None, progress: Progress
    ) -> None:
        assert options.cell_size is not None
        self._design, self._options = design, options
        self._threads, self._progress = threads, progress
        self._size = options.cell_size
        self._side = design.pixels.shape[0] // design.problem.rows
        self._cases = [_one_case(design, number) for number in range(design.problem.copies)]
        self._refine = self._cases[0][1].solid.shape[0] // design.pixels.shape[0]
        self._deformed: dict[int, Shape] = {}
        self._own: FloatArray | None = None

    @property
    def held(self) -> BoolArray:
        """Pixels of the structure without parts that float in every load case."""
        solid: BoolArray = np.logical_or.reduce([response.solid for _, response in self._cases])
        return solid[:: self._refine, :: self._refine]

    def write_shapes(self, targets: dict[str, Path]) -> Exported:
        """Write the undeformed shape."""
        options = self._options
        sizes = Sizes(self._size / self._side, options.thickness, options.frame, options.base)
        parts = options.parts if targets else "all"
        shape = Shape(self.held, sizes, parts, progress=self._progress)
        found = checked_widths(shape, options.least_width, options.allow_narrow, self._size)
        return write_shapes(shape, targets, found, self._progress)

    def remarks(self) -> list[str]:
        """What the user should know about the files."""
        said = []
        _, floating = label((self._design.pixels > 0) & ~self.held)
        if floating:
            lost = int(self._design.pixels.sum()) - int(self.held.sum())
            parts, pixels = counted(floating, "floating part"), counted(lost, "pixel")
            said.append(f"left out, as in the solution: {parts} with {pixels}")
        overlapping = self._design.response.overlapping_nodes
        if self._options.deformed and overlapping:
            said.append(
                f"the deformed shape overlaps itself: {overlapping} boundary nodes have moved into "
                "other pixels, as contact is not modelled"
            )
        return said

    def write(self, case: int, kind: str, path: Path, *, deformed: bool) -> None:
        """Write a file of one load case."""
        if kind == "inp":
            self._write_deck(case, path)
        elif kind == "vtu":
            self._write_view(case, path, deformed=deformed)
        else:
            write_shape(self._deformed_shape(case), kind, path)

    def _deformed_shape(self, case: int) -> Shape:
        if case not in self._deformed:
            _, response = self._cases[case]
            sizes = Sizes(self._size / self._side / self._refine, self._options.thickness)
            moved = self._size * response.nodal_displacement
            self._deformed = {  # only the last one: they are large
                case: Shape(response.solid, sizes, self._options.parts, moved, self._progress)
            }
        return self._deformed[case]

    def _write_deck(self, case: int, path: Path) -> None:
        design, options, problem = self._design, self._options, self._cases[case][0]
        solid = design.phases.solid
        assert options.thickness is not None
        assert options.young is not None
        mesh = quad_mesh(design.pixels, problem, options.refine)
        material = Material(options.young, solid.poisson, solid.plane)
        scale = Dimensions(self._size, options.thickness, options.young / solid.young)
        write_deck(
            path,
            mesh,
            material,
            scale,
            order=options.order,
            finite=options.kinematics == "finite",
            title=file_name(f"{design.problem.name} {problem.name}" if case else problem.name),
        )

    def write_table(self, path: Path) -> None:
        """Write the table of the cells."""
        present, (cells, wanted) = self._cases[0][0].present, self._of_cells()
        write_cell_table(
            path,
            cells,
            present,
            self._scale * np.where(present[..., None], wanted, np.nan),
            self._scale * self._own_properties(),
            self._unit,
        )

    def _write_view(self, case: int, path: Path, *, deformed: bool) -> None:
        cells, wanted = self._of_cells()
        fields: dict[str, AnyArray] = {
            **cell_places(cells.shape),
            "database_row": cells.astype(np.int32),
            f"own_properties_{self._unit}": self._scale * self._own_properties(),
            f"wanted_properties_{self._unit}": self._scale * wanted,
        }
        solid = self._design.phases.solid
        write_view(
            path,
            self._cases[case][1],
            Material(self._options.young or 1.0, solid.poisson, solid.plane),
            self._size,
            fields,
            unit=self._unit,
            deformed=deformed,
        )

    def _of_cells(self) -> tuple[IntArray, FloatArray]:
        """Database rows (rows, cols) and wanted properties (rows, cols, 4) of the body's cells."""
        cols = self._cases[0][0].cols
        return self._design.assembly.cells[:, :cols], self._design.field.properties[:, :cols]

    @property
    def _unit(self) -> str:
        """Unit of stress and stiffness."""
        return "E" if self._options.young is None else "MPa"

    @property
    def _scale(self) -> float:
        """What a stiffness of the database is in that unit."""
        return (self._options.young or 1.0) / self._design.phases.solid.young

    def _own_properties(self) -> FloatArray:
        """Properties (rows, cols, 4) of the cells as they are printed, NaN where one is absent."""
        if self._own is None:
            design, p, present = self._design, self._side, self._cases[0][0].present
            rows, cols = present.shape
            cells = design.pixels.reshape(rows, p, cols, p).swapaxes(1, 2)[present]
            each, inverse = np.unique(cells.reshape(len(cells), -1), axis=0, return_inverse=True)
            found = homogenize(
                each.reshape(-1, p, p),
                design.phases,
                threads=self._threads,
                progress=self._progress,
            )
            self._own = np.full((rows, cols, 4), np.nan)
            self._own[present] = properties_of(found)[inverse.ravel()]
        return self._own


def _one_case(design: Design, number: int) -> tuple[Problem, StructureResponse]:
    """A load case, and the response of its copy of the body: pixels and their displacement."""
    problem, response = design.problem, design.response
    fine = response.solid.shape[0] // problem.rows
    first, width = number * problem.period * fine, (problem.period - 1) * fine
    if not problem.cases:
        return problem, response
    part = replace(
        response,
        solid=response.solid[:, first : first + width],
        nodal_displacement=response.nodal_displacement[:, first : first + width + 1],
    )
    return case_of(problem, number), part


def checked_options(options: ExportOptions | None, changes: dict[str, Any]) -> ExportOptions:
    """Options of an export with single fields changed by name."""
    return changed_options("Design.export", options or ExportOptions(), changes)
