"""Pictures of bodies and cells: PNG files whose dark pixels are there and whose light ones are not.

A cell of a body takes the pixel at its centre, so edges may be smoothed in the picture.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from metafast._base.greys import DARK, LIGHT, greys_of
from metafast._base.typing import BoolArray, IntArray


def read_greys(path: Path) -> IntArray:
    """Greys (h, w) of a PNG file, 0 = black to 255 = white; what is transparent is white.

    Raises
    ------
    ValueError
        If the file is missing, no PNG picture, or too large.
    """
    if not path.is_file():
        raise ValueError(f"there is no file {path.name!r} beside the problem; check its path")
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            return greys_of(picture, path.name)
    except (OSError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise ValueError(
            f"{path.name!r} cannot be read as a picture ({error}); save it as PNG"
        ) from None


def sampled(path: Path, shape: tuple[int, ...]) -> BoolArray:
    """Whether the picture is dark at the centres of (rows, cols) equal parts.

    Raises
    ------
    ValueError
        If the picture has other proportions, fewer pixels, or is neither dark nor light there.
    """
    greys, (rows, cols) = read_greys(path), shape
    height, width = greys.shape
    fits = abs(height - width * rows / cols) < 1 or abs(width - height * cols / rows) < 1
    if height < rows or width < cols or not fits:
        raise ValueError(
            f"{path.name!r} is {width} pixels wide and {height} high for {cols} x {rows} cells; as "
            "many pixels as cells are needed, or the same multiple of both"
        )
    r = ((np.arange(rows) + 0.5) * height / rows).astype(int)
    c = ((np.arange(cols) + 0.5) * width / cols).astype(int)
    return _dark(path.name, greys, r, c)


def dark_pixels(path: Path) -> BoolArray:
    """Whether each pixel (h, w) of a picture is dark.

    Raises
    ------
    ValueError
        If the picture cannot be read, or a pixel is neither dark nor light.
    """
    greys = read_greys(path)
    return _dark(path.name, greys, *(np.arange(count) for count in greys.shape))


def _dark(name: str, greys: IntArray, rows: IntArray, cols: IntArray) -> BoolArray:
    values = greys[np.ix_(rows, cols)]
    unclear = np.argwhere((values > DARK) & (values < LIGHT))
    if len(unclear):
        r, c = unclear[0]
        raise ValueError(
            f"{name!r} has grey {values[r, c]} of 255 at pixel row {rows[r]}, column {cols[c]} "
            f"(from 0, at the top left); up to {DARK} is dark and from {LIGHT} on light: make it "
            "black or white"
        )
    return np.asarray(values <= DARK)
