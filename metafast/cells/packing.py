"""Packing of cells to bits: whole cells, or upper left quarters of mirror-symmetric ones."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import ByteArray
from metafast.cells.symmetry import mirror
from metafast.cells.symmetry import quarter as upper_left


def stored_pixels(height: int, width: int, quarter: bool) -> int:
    """Number of pixels of a cell that are stored."""
    return height * width // 4 if quarter else height * width


def pack(cells: ByteArray, quarter: bool) -> ByteArray:
    """Bits (n, bytes) of cells (n, h, w), of their upper left quarters if `quarter`."""
    pixels = upper_left(cells) if quarter else cells
    return np.packbits(pixels.reshape(len(cells), -1), axis=1)


def unpack(packed: ByteArray, shape: tuple[int, int, int], quarter: bool) -> ByteArray:
    """Cells (n, h, w) of packed bits (n, bytes); `shape` holds h and w last."""
    _, h, w = shape
    rows, cols = (h // 2, w // 2) if quarter else (h, w)
    pixels = np.unpackbits(packed, axis=1, count=rows * cols).reshape(-1, rows, cols)
    return mirror(pixels) if quarter else pixels
