"""Options of reading cells: what an array or a picture means where its file does not say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from metafast._base.checks import require_choice, require_count, require_number, require_text

MOST_PIXELS = 512  # a side of a cell from outlines


_CHOICES = {
    "axes": ("first", "last", "one"),
    "order": ("rows", "columns"),
    "solid": ("black", "white"),
}


@dataclass(frozen=True)
class ReadingOptions:
    """What the arrays, pictures and outlines of a file mean.

    Parameters
    ----------
    variable : str, optional
        Name of the cells, for files with several arrays.
    labels : str, optional
        Name of their properties, for files with several arrays; none to leave them out.
    columns : str, optional
        Meaning of the columns of the properties, for instance C11,C12,C22,C33; - for a column that
        is left out.
    axes : {"first", "last", "one"}, optional
        Which axis counts the cells, or one for a single cell. Otherwise what gives square cells,
        the last in .mat files and the first in others if both do.
    order : {"rows", "columns"}, optional
        Pixels of flat cells run along rows, or along columns as in .mat files.
    solid : {"black", "white"}, optional
        What is solid: black, the default for pictures, or white; black is also 0 in arrays, white
        the higher number.
    threshold : float, optional
        Grey, from 0 to 255 in pictures, up to which a pixel is black and above which it is white.
    pixels : int
        Pixels across a cell that is read from outlines.

    Raises
    ------
    ValueError
        If an option is out of range.
    """

    variable: str | None = None
    labels: str | None = None
    columns: str | None = None
    axes: Literal["first", "last", "one"] | None = None
    order: Literal["rows", "columns"] | None = None
    solid: Literal["black", "white"] | None = None
    threshold: float | None = None
    pixels: int = 50

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if (value := getattr(self, name)) is not None:
                require_choice(name, value, choices)
        for name in ("variable", "labels", "columns"):
            if (value := getattr(self, name)) is not None:
                require_text(name, value)
        if self.threshold is not None:
            object.__setattr__(self, "threshold", require_number("threshold", self.threshold))
        if require_count("pixels", self.pixels) > MOST_PIXELS:
            raise ValueError(f"pixels is {self.pixels}; at most {MOST_PIXELS} a side fit")
