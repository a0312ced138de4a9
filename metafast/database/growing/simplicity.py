"""Boundary length of a cell as a measure of intricacy, and its limit for simple cells.

Unrestricted growth produces more and more intricate cells, with boundaries 1.7 times as long as in
the cells that the authors published. A long boundary is hard to print, and its steps are noise to a
generative model. Soft cells need a longer one than stiff cells.
"""

from __future__ import annotations

import numpy as np

from metafast._base.typing import ByteArray, FloatArray, IntArray
from metafast.material import Material

_STIFF = 1.6  # limit for cells as stiff as the solid, in side lengths of a quarter
_SOFTER = 1.1  # increase of the limit per decade that a cell is softer


def boundary_length(quarters: ByteArray) -> IntArray:
    """Pixel sides (n,) between solid and void in quarters (n, q, q)."""
    solid = quarters != 0
    down = (solid[:, 1:] != solid[:, :-1]).sum(axis=(1, 2))
    across = (solid[:, :, 1:] != solid[:, :, :-1]).sum(axis=(1, 2))
    return np.asarray(down + across)


def simple_length(properties: FloatArray, material: Material, size: int) -> FloatArray:
    """Longest boundary (n,) of a simple cell, for quarters with `size` pixels per side.

    The limit rises with the decades by which sqrt(C11 C22) lies below Young's modulus.
    """
    stiffness = np.sqrt(properties[:, 0] * properties[:, 2]) / material.young
    decades = np.clip(-np.log10(np.maximum(stiffness, 1e-12)), 0.0, 4.0)
    return np.asarray(size * (_STIFF + _SOFTER * decades))
