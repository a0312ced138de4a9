"""Displacement at the macro nodes from the displacement of the solid nodes around them.

A pixel node may lie in a pore, or on a wall that bends; the macro displacement is the value at the
macro node of the affine field a + b x + c y that fits, in the least squares, all solid nodes within
half a cell::

    . . . . .
    .   |   .        the dotted square has the side of a cell and the macro node in its middle;
    . --+-- .        at the body's edge it is cut off
    .   |   .
    . . . . .
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from metafast._jit import jit
from metafast._typing import BoolArray, FloatArray


def macro_displacement(displacement: FloatArray, active: BoolArray, side: int) -> FloatArray:
    """Affine least-squares displacement at each macro node.

    Parameters
    ----------
    displacement : (ny+1, nx+1, 2) float array
        Displacement of the pixel nodes; ignored where `active` is False.
    active : (ny+1, nx+1) bool array
        Nodes of the body.
    side : int
        Pixels per cell side.

    Returns
    -------
    (ny/side+1, nx/side+1, 2) float array
        NaN where no solid node lies within half a cell. Where the nodes lie on one line or in one
        point the field does not vary across it.
    """
    rows, cols = (n // side + 1 for n in (active.shape[0] - 1, active.shape[1] - 1))
    moments = np.zeros((rows, cols, 12))
    _moments(displacement, active, side, moments)
    n = np.maximum(moments[..., 0], 1.0)[..., None]
    centre = moments[..., 1:3] / n
    mean = moments[..., 6:8] / n
    xx, xy, yy = np.moveaxis(moments[..., 3:6] / n, -1, 0)
    spread = np.stack([xx, xy, xy, yy], -1).reshape(rows, cols, 2, 2)
    spread -= centre[..., :, None] * centre[..., None, :]
    mixed = (moments[..., 8:12] / n).reshape(rows, cols, 2, 2)
    mixed -= centre[..., :, None] * mean[..., None, :]
    # at most side^2 nodes on a grid: a spread that is not zero is far above this tolerance
    gradient = np.linalg.pinv(spread, rcond=1e-10, hermitian=True) @ mixed
    value = mean - np.einsum("rcx,rcxd->rcd", centre, gradient)
    value[moments[..., 0] == 0] = np.nan
    return np.asarray(value)


@jit(parallel=True)
def _moments(displacement: Any, active: Any, side: int, moments: Any) -> None:
    """Sums of 1, x, y, xx, xy, yy, ux, uy, x ux, x uy, y ux, y uy; x, y in half cells."""
    height, width = active.shape
    half = side // 2
    for r in numba.prange(moments.shape[0]):
        for c in range(moments.shape[1]):
            m = moments[r, c]
            for di in range(-half, half + 1):
                for dj in range(-half, half + 1):
                    i, j = r * side + di, c * side + dj
                    if 0 <= i < height and 0 <= j < width and active[i, j]:
                        x, y = 2.0 * dj / side, -2.0 * di / side
                        ux, uy = displacement[i, j, 0], displacement[i, j, 1]
                        m[0] += 1.0
                        m[1] += x
                        m[2] += y
                        m[3] += x * x
                        m[4] += x * y
                        m[5] += y * y
                        m[6] += ux
                        m[7] += uy
                        m[8] += x * ux
                        m[9] += x * uy
                        m[10] += y * ux
                        m[11] += y * uy
