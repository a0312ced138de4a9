"""PNG files of pixels: one pixel per pixel, black where solid."""

from __future__ import annotations

import os

from PIL import Image

from metafast._base.files import atomic_write
from metafast._base.typing import BoolArray

_INCH = 25.4  # millimetres


def write_png(path: str | os.PathLike[str], solid: BoolArray, pixel_size: float) -> None:
    """Write a PNG file of one bit per pixel, with the size of a pixel in millimetres as its dpi.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    picture = Image.fromarray(~solid)
    resolution = _INCH / pixel_size
    with atomic_write(path) as partial:
        picture.save(partial, format="PNG", dpi=(resolution, resolution), optimize=True)
