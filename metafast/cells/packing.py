"""Cells as bits: whole ones, or the upper left quarter of mirror-symmetric ones."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import ByteArray
from metafast.cells.symmetry import mirror


def stored_pixels(height: int, width: int, quarter: bool) -> int:
    """How many pixels of a cell are stored."""
    return height * width // 4 if quarter else height * width


def pack(cells: ByteArray, quarter: bool) -> ByteArray:
    """Bits (n, bytes) of cells (n, h, w), of their upper left quarters if `quarter`."""
    n, h, w = cells.shape
    pixels = cells[:, : h // 2, : w // 2] if quarter else cells
    return np.packbits(pixels.reshape(n, -1), axis=1)


def unpack(packed: ByteArray, shape: tuple[int, int, int], quarter: bool) -> ByteArray:
    """Cells (n, h, w) of packed bits (n, bytes); `shape` holds h and w last."""
    _, h, w = shape
    rows, cols = (h // 2, w // 2) if quarter else (h, w)
    pixels = np.unpackbits(packed, axis=1, count=rows * cols).reshape(-1, rows, cols)
    return mirror(pixels) if quarter else pixels
