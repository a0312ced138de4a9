"""Printability of pixels: least widths of solid and void, corner contacts, across cell borders.

Widths are those of `metafast.cells.widths`. What lies outside the picture is void, or solid if it
has a frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import label

from metafast._base.checks import require_number
from metafast.cells.widths import least_width_of, narrower
from metafast.export.outlines import require_picture
from metafast.structure.nodes import corner_contacts, node_codes

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Printability:
    """Least widths of a picture, and what is narrower than it should be.

    Attributes
    ----------
    pixel_size : float
        Side of a pixel in millimetres.
    solid_width, void_width : int
        Least widths in pixels; the void's is that of the whole picture if there is none.
    least_width : float
        Width in millimetres that solid and void should have; 0 for any.
    narrow_solid, narrow_void : int
        Pixels that are narrower.
    corner_contacts : int
        Nodes in which two solid pixels touch that no other pixel joins there.
    parts : int
        Sets of pixels that edges join, also by way of the frame.
    """

    pixel_size: float
    solid_width: int
    void_width: int
    least_width: float
    narrow_solid: int
    narrow_void: int
    corner_contacts: int
    parts: int

    @property
    def narrowest(self) -> float:
        """The least width of solid and void in millimetres."""
        return min(self.solid_width, self.void_width) * self.pixel_size

    @property
    def is_wide_enough(self) -> bool:
        """Whether no solid or void is narrower than the least width."""
        return self.narrow_solid + self.narrow_void == 0

    def lines(self) -> list[str]:
        """Widths, contacts and parts in words."""
        widths = [
            f"least {kind} width {width * self.pixel_size:.4g} mm ({width} px)"
            for kind, width in (("solid", self.solid_width), ("void", self.void_width))
        ]
        counts = [counted(self.corner_contacts, "corner contact"), counted(self.parts, "part")]
        said = ["; ".join([*widths, *counts])]
        if not self.is_wide_enough:
            said.append(f"narrower than {self.least_width:g} mm: {self._narrow()}")
        return said

    def require_wide_enough(self, cell_size: float | None = None) -> None:
        """Refuse what is too narrow.

        Parameters
        ----------
        cell_size : float, optional
            Side of a cell in millimetres, to say how large it would have to be.

        Raises
        ------
        ValueError
            If solid or void is narrower than the least width.
        """
        if self.is_wide_enough:
            return
        below = self.least_width - self.narrowest
        factor = self.least_width / self.narrowest
        cure = f"scale it by {factor:.4g}"
        if cell_size is not None:
            cure = f"use cells of {cell_size * factor:.4g} mm"
        raise ValueError(
            f"the narrowest place is {self.narrowest:.4g} mm wide, {below:.4g} mm below the least "
            f"width of {self.least_width:g} mm ({self._narrow()} are narrower); {cure}, or allow "
            "narrow places (--allow-narrow, allow_narrow=True)"
        )

    def _narrow(self) -> str:
        return f"{self.narrow_solid:,} solid and {self.narrow_void:,} void pixels"


def printability(
    pixels: Any, pixel_size: float = 1.0, *, least_width: float = 0.0, framed: bool = False
) -> Printability:
    """Measure the least widths of a picture.

    Parameters
    ----------
    pixels : (ny, nx) binary array
        1 = solid; a whole structure, so that borders between cells count.
    pixel_size : float
        Side of a pixel in millimetres; with 1, widths are in pixels.
    least_width : float
        Width in millimetres that solid and void should have.
    framed : bool
        Whether the surroundings of the picture are solid.

    Raises
    ------
    ValueError
        If the pixels are not one binary picture, or a length is not above 0.
    """
    solid = require_picture(pixels)
    pixel_size = require_number("pixel_size", pixel_size, above=0.0)
    least_width = require_number("least_width", least_width, above=0.0, below=1e9, closed=True)
    needed = int(np.ceil(least_width / pixel_size - _ROUNDING))
    widths, narrow = [], []
    for kind, outside in ((solid, framed), (~solid, not framed)):
        widths.append(least_width_of(kind, outside))
        narrow.append(int(narrower(kind, needed, outside).sum()) if needed > widths[-1] else 0)
    return Printability(
        pixel_size,
        solid_width=widths[0],
        void_width=widths[1],
        least_width=least_width,
        narrow_solid=narrow[0],
        narrow_void=narrow[1],
        corner_contacts=int(corner_contacts(node_codes(solid)).sum()),
        parts=int(label(np.pad(solid, 1, constant_values=framed))[1]),
    )


def counted(number: int, noun: str) -> str:
    """A number with its noun, in words."""
    return f"{number:,} {noun}{'s' * (number != 1)}" if number else f"no {noun}s"
