"""Greys of pictures: what counts as dark and as light, and colours as greys on white paper."""

from __future__ import annotations

import numpy as np
from PIL import Image

from metafast._base.typing import IntArray

DARK, LIGHT = 85, 170  # of 255: the greys up to which a pixel is dark, and from which it is light
MOST_PIXELS = 25_000_000


def greys_of(picture: Image.Image, name: str) -> IntArray:
    """Greys (h, w) of a picture, 0 = black to 255 = white; what is transparent is white.

    Raises
    ------
    ValueError
        If the picture is too large.
    """
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise ValueError(
            f"{name!r} has {width} x {height} pixels; {MOST_PIXELS:,} are the most, scale it down"
        )
    if picture.mode.startswith("I"):  # 16 bits, which conversion would cut off at 255
        return np.asarray(picture, dtype=np.int64) * 255 // 65535
    colours = picture.convert("RGBA")
    paper = Image.new("RGBA", colours.size, "white")
    return np.asarray(Image.alpha_composite(paper, colours).convert("L"), dtype=np.int64)
