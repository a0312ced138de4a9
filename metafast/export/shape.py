"""Shape of a structure in millimetres: parts, frame, outlines, and the body drawn out of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from scipy.ndimage import label

from metafast._base.checks import require_array, require_number
from metafast._base.progress import Progress, silent
from metafast._base.typing import BoolArray, FloatArray
from metafast.export.outlines import Outlines, require_picture
from metafast.export.printability import Printability, printability
from metafast.export.rings import Grid, Rings, placed
from metafast.export.solid import Body, drawn_out
from metafast.export.tracing import outlines_of
from metafast.structure.supports import touched

PartPolicy = Literal["one", "largest", "all"]


@dataclass(frozen=True)
class Sizes:
    """Lengths of a shape in millimetres.

    Parameters
    ----------
    pixel_size : float
        Side of a pixel.
    thickness : float, optional
        Height of a body; only outlines can do without.
    frame : float
        Width of a solid frame around the picture; 0 for none.
    base : float
        Height of a plate under picture and frame; 0 for none.

    Raises
    ------
    ValueError
        If a length is not above 0, or that of frame or base below.
    """

    pixel_size: float
    thickness: float | None = None
    frame: float = 0.0
    base: float = 0.0

    def __post_init__(self) -> None:
        require_number("pixel_size", self.pixel_size, above=0.0)
        if self.thickness is not None:
            require_number("thickness", self.thickness, above=0.0)
        for name in ("frame", "base"):
            require_number(name, getattr(self, name), above=0.0, below=1e9, closed=True)


class Shape:
    """A picture with its outlines and its body, each made when it is asked for.

    Parameters
    ----------
    pixels : (ny, nx) binary array
    sizes : Sizes
    parts : {"one", "largest", "all"}
        "one" refuses a picture of several parts, "largest" keeps the largest one.
    moved : (ny+1, nx+1, 2) array, optional
        Displacement of the pixel nodes in millimetres, for the deformed shape.
    progress : callable, optional

    Attributes
    ----------
    solid : (ny, nx) bool array
        Without the parts that were left out.
    dropped_parts, dropped_pixels : int

    Raises
    ------
    ValueError
        If the pixels are not one binary picture, come in several parts that are refused, or a
        frame or base is asked for around a deformed shape.
    """

    def __init__(
        self,
        pixels: Any,
        sizes: Sizes,
        parts: PartPolicy = "one",
        moved: FloatArray | None = None,
        progress: Progress = silent,
    ) -> None:
        self.sizes, self._progress = sizes, progress
        # a frame can join what would be in parts
        whole = np.pad(require_picture(pixels), 1, constant_values=bool(sizes.frame))
        kept, self.dropped_parts, self.dropped_pixels = _kept_parts(whole, parts)
        self.solid = kept[1:-1, 1:-1]
        if moved is not None and (sizes.frame or sizes.base):
            raise ValueError("a deformed shape has no frame or base plate; leave them out for it")
        self._moved = None if moved is None else _require_moved(moved, self.solid)

    @property
    def framed(self) -> BoolArray:
        """Solid pixels with those of the frame, one pixel all around."""
        return np.pad(self.solid, 1, constant_values=True) if self.sizes.frame else self.solid

    @property
    def grid(self) -> Grid:
        """Places of the nodes of `framed`."""
        grid = Grid.of(self.framed.shape, self.sizes.pixel_size, self.sizes.frame)
        return replace(grid, moved=self._moved)

    @cached_property
    def outlines(self) -> Outlines:
        """Outlines of `framed`."""
        return outlines_of(self.framed)

    @cached_property
    def rings(self) -> Rings:
        """The outlines in millimetres."""
        straight = self._moved is None
        return placed(self.outlines if straight else self.outlines.with_straight_nodes(), self.grid)

    @cached_property
    def body(self) -> Body:
        """The body of triangles.

        Raises
        ------
        ValueError
            If the thickness is not known, or manifold3d is not installed.
        """
        if self.sizes.thickness is None:
            raise ValueError("the thickness is not known; give it in mm (--thickness 5mm)")
        return drawn_out(
            self.framed,
            self.outlines,
            self.grid,
            self.sizes.thickness,
            self.sizes.base,
            self._progress,
        )

    def printability(self, least_width: float = 0.0) -> Printability:
        """Least widths of the picture within its frame."""
        return printability(
            self.solid,
            self.sizes.pixel_size,
            least_width=least_width,
            framed=bool(self.sizes.frame),
        )


def _require_moved(moved: Any, solid: BoolArray) -> FloatArray:
    """Return the displacement of the nodes of a picture.

    Raises
    ------
    ValueError
        If its shape is wrong, or it is not known where there is solid.
    """
    field = require_array("displacement", moved)
    shape = (solid.shape[0] + 1, solid.shape[1] + 1, 2)
    if field.shape != shape:
        raise ValueError(
            f"displacement has shape {field.shape}; {shape} is needed, for all corners of pixels"
        )
    if not np.isfinite(field[touched(solid)]).all():
        raise ValueError(
            "displacement is NaN at solid pixels; leave out those that were not solved, as "
            "response.solid does"
        )
    return field


def _kept_parts(solid: BoolArray, parts: PartPolicy) -> tuple[BoolArray, int, int]:
    """Pixels of the parts to keep, and how many parts and pixels are left out."""
    if parts not in get_args(PartPolicy):
        raise ValueError(f"parts is {parts!r}; use one of {', '.join(get_args(PartPolicy))}")
    labels, count = label(solid)
    if count == 1 or parts == "all":
        return solid, 0, 0
    if parts == "one":
        raise ValueError(
            f"the picture has {count} parts that no edge of a pixel joins; use parts 'largest' to "
            "keep the largest one, or 'all' (--parts)"
        )
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    kept = labels == int(sizes.argmax())
    return kept, count - 1, int(sizes.sum() - sizes.max())
