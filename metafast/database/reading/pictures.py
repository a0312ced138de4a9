"""Cells of pictures: dark pixels are solid, unless the options say otherwise.

Colours become greys, what is transparent is white, and each frame of a picture of several is a
cell.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageSequence, UnidentifiedImageError

from metafast._base.greys import greys_of
from metafast._base.typing import ByteArray
from metafast.database.reading.binary import solid_of_greys
from metafast.database.reading.options import ReadingOptions

# formats that Pillow itself decodes; others would start programs or read what is no bitmap
_FORMATS = {
    ".png": "PNG", ".bmp": "BMP", ".gif": "GIF", ".tif": "TIFF", ".tiff": "TIFF", ".jpg": "JPEG",
    ".jpeg": "JPEG", ".webp": "WEBP", ".pgm": "PPM", ".pbm": "PPM", ".ppm": "PPM", ".tga": "TGA",
}  # fmt: skip
# exceptions of a picture that is damaged or no picture
_UNREADABLE = (
    OSError, SyntaxError, EOFError, KeyError, IndexError, TypeError, OverflowError, RuntimeError,
    struct.error, zlib.error, UnidentifiedImageError, Image.DecompressionBombError,
)  # fmt: skip
PICTURES = tuple(_FORMATS)


def read_picture(path: Path, options: ReadingOptions) -> ByteArray:
    """Cells (n, h, w) of a picture, one for each of its frames.

    Raises
    ------
    ValueError
        If the file is no picture, too large, or grey.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged and of large pictures, which are refused
            with Image.open(path, formats=sorted(set(_FORMATS.values()))) as picture:
                frames = [greys_of(frame, path.name) for frame in ImageSequence.Iterator(picture)]
    except _UNREADABLE as error:
        raise ValueError(
            f"{str(path)!r} cannot be read as a picture ({error}); save it as PNG"
        ) from None
    return np.stack([solid_of_greys(greys, options, path.name) for greys in frames])
