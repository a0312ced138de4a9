"""Files of any pixels: STL, 3MF, SVG, DXF and PNG, in millimetres."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from metafast._base.progress import Progress, silent
from metafast._base.typing import FloatArray
from metafast.export.dxf import write_dxf
from metafast.export.png import write_png
from metafast.export.printability import Printability, counted
from metafast.export.shape import PartPolicy, Shape, Sizes
from metafast.export.stl import write_stl
from metafast.export.svg import write_svg
from metafast.export.targets import file_targets, require_formats
from metafast.export.three_mf import write_3mf

SHAPE_FORMATS = ("stl", "3mf", "svg", "dxf", "png")
BODIES = ("stl", "3mf")


@dataclass(frozen=True)
class Exported:
    """Files that were written, and how printable their shape is.

    Attributes
    ----------
    paths : list of Path
    printability : Printability
        Of the undeformed picture.
    size : (float, float)
        Width and height of the shape in millimetres, with its frame.
    dropped_parts, dropped_pixels : int
        Parts that were left out, and their pixels.
    remarks : list of str
    """

    paths: list[Path]
    printability: Printability
    size: tuple[float, float]
    dropped_parts: int = 0
    dropped_pixels: int = 0
    remarks: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Size, widths, what was left out, and the files with their sizes, in words."""
        said = [f"{self.size[0]:.4g} x {self.size[1]:.4g} mm", *self.printability.lines()]
        if self.printability.corner_contacts:
            said.append("outlines are cut at the corner contacts, which carry no load")
        if self.dropped_parts:
            parts, pixels = self.dropped_parts, self.dropped_pixels
            said.append(f"left out: {counted(parts, 'part')} with {counted(pixels, 'pixel')}")
        said += self.remarks
        return said + [f"{path}  {_size(path.stat().st_size)}" for path in self.paths]


def export_structure(
    pixels: Any,
    folder: str | os.PathLike[str],
    formats: str | Iterable[str] = SHAPE_FORMATS,
    *,
    pixel_size: float,
    thickness: float | None = None,
    frame: float = 0.0,
    base: float = 0.0,
    name: str = "structure",
    parts: PartPolicy = "one",
    displacement: FloatArray | None = None,
    least_width: float = 0.0,
    allow_narrow: bool = False,
    cell_size: float | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Exported:
    """Write pixels as files to print, to cut and to view.

    The lower left corner of the picture, with its frame, is the origin; y is upward.

    Parameters
    ----------
    pixels : (ny, nx) binary array
        1 = solid, row 0 at the top: a structure, a cell, or a sheet of cells (`cell_sheet`).
    folder : path
        Directory of the files; created if necessary.
    formats : str or iterable of str
        Of "stl", "3mf", "svg", "dxf" and "png".
    pixel_size : float
        Side of a pixel in millimetres.
    thickness : float, optional
        Height of a body in millimetres, for STL and 3MF.
    frame : float
        Width of a solid frame around the picture in millimetres; PNG has none.
    base : float
        Height of a plate under the body in millimetres, for STL and 3MF.
    name : str
        Name of the files without its ending.
    parts : {"one", "largest", "all"}
        What to do with pixels that come in several parts: refuse them, keep the largest part, or
        keep all. Pixels that touch only in a corner are apart, as in the solution.
    displacement : (ny+1, nx+1, 2) array, optional
        Displacement of the pixel nodes in millimetres, for the deformed shape; not for PNG.
    least_width : float
        Least width of solid and void in millimetres.
    allow_narrow : bool
        Whether to write what is narrower.
    cell_size : float, optional
        Side of a cell in millimetres, for messages.
    overwrite : bool
        Whether to replace files.
    progress : callable, optional
        Called as ``progress(stage, done, total, note)``.

    Returns
    -------
    Exported

    Raises
    ------
    ValueError
        If an argument is wrong, the pixels are in several parts or too narrow, a file is there
        already or cannot be written, or a package of the extra ``export`` is missing.
    """
    wanted = require_formats(formats, SHAPE_FORMATS)
    shape = Shape(pixels, Sizes(pixel_size, thickness, frame, base), parts, displacement, progress)
    if thickness is None and set(wanted) & set(BODIES):
        raise ValueError("STL and 3MF need a thickness in mm; give it (--thickness 5mm)")
    found = checked_widths(shape, least_width, allow_narrow, cell_size)
    return write_shapes(shape, file_targets(folder, name, wanted, overwrite), found, progress)


def checked_widths(
    shape: Shape, least_width: float, allow_narrow: bool, cell_size: float | None
) -> Printability:
    """Printability of a shape, refused if it is narrower than it should be and may not be."""
    found = shape.printability(least_width)
    if not allow_narrow:
        found.require_wide_enough(cell_size)
    return found


def write_shapes(
    shape: Shape, targets: dict[str, Path], found: Printability, progress: Progress = silent
) -> Exported:
    """Write the files of a shape.

    Parameters
    ----------
    shape : Shape
    targets : dict of str to Path
        Path of the file of each format.
    found : Printability
    progress : callable, optional
    """
    for number, (kind, path) in enumerate(targets.items()):
        progress("shapes", number, len(targets), path.name)
        write_shape(shape, kind, path)
    if targets:
        progress("shapes", len(targets), len(targets))
    ends = shape.rings.points
    width, height = ends.max(axis=0) - ends.min(axis=0)
    return Exported(
        list(targets.values()),
        found,
        (float(width), float(height)),
        shape.dropped_parts,
        shape.dropped_pixels,
    )


def write_shape(shape: Shape, kind: str, path: Path) -> None:
    """Write a shape as a file of one format."""
    if kind == "stl":
        write_stl(path, shape.body)
    elif kind == "3mf":
        write_3mf(path, shape.body)
    elif kind == "svg":
        write_svg(path, shape.rings)
    elif kind == "dxf":
        write_dxf(path, shape.rings)
    else:
        write_png(path, shape.solid, shape.sizes.pixel_size)


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"
