"""How intricate a cell is, and how intricate it may be.

Growth left alone makes ever more intricate cells: their boundaries became 1.7 times as long as
those of the cells that the authors published. A long boundary is hard to print, and its steps are
noise to a generative model. Soft cells need more of it than stiff ones.
"""

from __future__ import annotations

import numpy as np

from metafast._base.typing import ByteArray, FloatArray, IntArray
from metafast.material import Material

_STIFF = 1.6  # sides of a quarter, for cells as stiff as the solid
_SOFTER = 1.1  # sides more for each decade that a cell is softer


def boundary_length(quarters: ByteArray) -> IntArray:
    """Pixel sides (n,) between solid and void in quarters (n, q, q)."""
    solid = quarters != 0
    down = (solid[:, 1:] != solid[:, :-1]).sum(axis=(1, 2))
    across = (solid[:, :, 1:] != solid[:, :, :-1]).sum(axis=(1, 2))
    return np.asarray(down + across)


def simple_length(properties: FloatArray, material: Material, size: int) -> FloatArray:
    """Length (n,) up to which a boundary is short, for quarters with `size` pixels a side.

    It rises with the decades by which sqrt(C11 C22) lies below Young's modulus.
    """
    stiffness = np.sqrt(properties[:, 0] * properties[:, 2]) / material.young
    decades = np.clip(-np.log10(np.maximum(stiffness, 1e-12)), 0.0, 4.0)
    return np.asarray(size * (_STIFF + _SOFTER * decades))
