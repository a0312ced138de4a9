"""Files of a finished design: to print, to cut, to view and to simulate, in millimetres."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from metafast._base.checks import changed_options
from metafast._base.progress import Progress, silent
from metafast._base.typing import AnyArray, BoolArray, FloatArray
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
from metafast.structure.quad_mesh import quad_mesh

if TYPE_CHECKING:
    from metafast.pipeline.result import Design

_DEFORMED = ("stl", "3mf", "svg", "dxf", "vtu")  # formats that have a deformed shape


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
    both = file_targets(folder, name, wanted, overwrite)
    moved: dict[str, Path] = {}
    if options.deformed:
        kinds = [kind for kind in wanted if kind in _DEFORMED]
        moved = file_targets(folder, f"{name}_deformed", kinds, overwrite)
    done = _Export(design, options, threads, progress)
    made = done.write_shapes({k: path for k, path in both.items() if k in SHAPE_FORMATS})
    others = [kind for kind in both if kind not in SHAPE_FORMATS]
    total = len(others) + len(moved)
    for number, kind in enumerate(others):
        progress("further files", number, total, both[kind].name)
        done.write(kind, both[kind])
    for number, (kind, path) in enumerate(moved.items(), len(others)):
        progress("further files", number, total, path.name)
        done.write_deformed(kind, path)
    if total:
        progress("further files", total, total)
    return replace(made, paths=[*both.values(), *moved.values()], remarks=done.remarks())


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
        self._refine = design.response.solid.shape[0] // design.pixels.shape[0]
        self._deformed: Shape | None = None
        self._own: FloatArray | None = None

    @property
    def held(self) -> BoolArray:
        """Pixels of the structure without floating parts, as they were solved."""
        solid: BoolArray = self._design.response.solid[:: self._refine, :: self._refine]
        return solid

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
        response = self._design.response
        said = []
        if response.removed_parts:
            parts = counted(response.removed_parts, "floating part")
            pixels = counted(response.removed_pixels // self._refine**2, "pixel")
            said.append(f"left out, as in the solution: {parts} with {pixels}")
        if self._options.deformed and response.overlapping_nodes:
            said.append(
                f"the deformed shape overlaps itself: {response.overlapping_nodes} boundary nodes "
                "have moved into other pixels, as contact is not modelled"
            )
        return said

    def write(self, kind: str, path: Path) -> None:
        """Write a file that is no shape."""
        if kind == "inp":
            self._write_deck(path)
        elif kind == "csv":
            self._write_table(path)
        else:
            self._write_view(path, deformed=False)

    def write_deformed(self, kind: str, path: Path) -> None:
        """Write the deformed shape."""
        if kind == "vtu":
            self._write_view(path, deformed=True)
            return
        if self._deformed is None:
            response, options = self._design.response, self._options
            fine = self._side * self._refine
            sizes = Sizes(self._size / fine, options.thickness)
            moved = self._size * response.nodal_displacement
            self._deformed = Shape(response.solid, sizes, options.parts, moved, self._progress)
        write_shape(self._deformed, kind, path)

    def _write_deck(self, path: Path) -> None:
        design, options = self._design, self._options
        solid = design.phases.solid
        assert options.thickness is not None
        assert options.young is not None
        mesh = quad_mesh(design.pixels, design.problem, options.refine)
        material = Material(options.young, solid.poisson, solid.plane)
        scale = Dimensions(self._size, options.thickness, options.young / solid.young)
        write_deck(
            path,
            mesh,
            material,
            scale,
            order=options.order,
            finite=options.kinematics == "finite",
            title=design.problem.name,
        )

    def _write_table(self, path: Path) -> None:
        design = self._design
        wanted = np.where(design.problem.present[..., None], design.field.properties, np.nan)
        write_cell_table(
            path,
            design.assembly.cells,
            design.problem.present,
            self._scale * wanted,
            self._scale * self._own_properties(),
            self._unit,
        )

    def _write_view(self, path: Path, *, deformed: bool) -> None:
        design = self._design
        fields: dict[str, AnyArray] = {
            **cell_places(design.assembly.cells.shape),
            "database_row": design.assembly.cells.astype(np.int32),
            f"own_properties_{self._unit}": self._scale * self._own_properties(),
            f"wanted_properties_{self._unit}": self._scale * design.field.properties,
        }
        solid = design.phases.solid
        write_view(
            path,
            design.response,
            Material(self._options.young or 1.0, solid.poisson, solid.plane),
            self._size,
            fields,
            unit=self._unit,
            deformed=deformed,
        )

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
            design, p = self._design, self._side
            rows, cols = design.assembly.cells.shape
            cells = design.pixels.reshape(rows, p, cols, p).swapaxes(1, 2)[design.problem.present]
            each, inverse = np.unique(cells.reshape(len(cells), -1), axis=0, return_inverse=True)
            found = homogenize(
                each.reshape(-1, p, p),
                design.phases,
                threads=self._threads,
                progress=self._progress,
            )
            self._own = np.full((rows, cols, 4), np.nan)
            self._own[design.problem.present] = properties_of(found)[inverse.ravel()]
        return self._own


def checked_options(options: ExportOptions | None, changes: dict[str, Any]) -> ExportOptions:
    """Options of an export with single fields changed by name."""
    return changed_options("Design.export", options or ExportOptions(), changes)
