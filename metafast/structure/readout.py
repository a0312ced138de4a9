"""Displacement at the macro nodes from the displacement of the solid nodes around them.

A pixel node may lie in a pore, or on a wall that bends; the macro displacement is the value at the
macro node of the affine field a + b x + c y that fits, in the least squares, all solid nodes within
half a cell::

    . . . . .
    .   |   .        the dotted square has the side of a cell and the macro node at its centre;
    . --+-- .        it is cut off at the body's edge
    .   |   .
    . . . . .
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from metafast._base.jit import jit
from metafast._base.typing import BoolArray, FloatArray, IntArray


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
        NaN where no solid node lies within half a cell. If all nodes lie on one line or in one
        point, the fitted field does not vary across it.
    """
    rows, cols = (n // side + 1 for n in (active.shape[0] - 1, active.shape[1] - 1))
    moments = np.zeros((rows, cols, 12))
    _moments(displacement, active, side, moments)
    n = np.maximum(moments[..., 0], 1.0)[..., None]
    centre, inverse = _inverse_spread(moments)
    mean = moments[..., 6:8] / n
    mixed = (moments[..., 8:12] / n).reshape(rows, cols, 2, 2)
    mixed -= centre[..., :, None] * mean[..., None, :]
    value = mean - np.einsum("rcx,rcxd->rcd", centre, inverse @ mixed)
    value[moments[..., 0] == 0] = np.nan
    return np.asarray(value)


def readout_weights(
    active: BoolArray, side: int, r: int, c: int
) -> tuple[IntArray, IntArray, FloatArray]:
    """Weights of the affine fit at macro node (r, c): `macro_displacement` as a functional.

    Parameters
    ----------
    active : (ny+1, nx+1) bool array
        Nodes of the body.
    side : int
        Pixels per cell side.
    r, c : int
        Macro node.

    Returns
    -------
    i, j : (m,) int arrays
        Rows and columns of the nodes within half a cell.
    weights : (m,) float array
        The weighted sum of their displacements is the displacement of the macro node.
    """
    half = side // 2
    low = max(0, r * side - half), max(0, c * side - half)
    around = active[low[0] : r * side + half + 1, low[1] : c * side + half + 1]
    i, j = np.nonzero(around)
    i, j = i + low[0], j + low[1]
    x, y = 2.0 * (j - c * side) / side, -2.0 * (i - r * side) / side
    moments = np.zeros(12)
    moments[:6] = len(i), x.sum(), y.sum(), (x * x).sum(), (x * y).sum(), (y * y).sum()
    centre, inverse = _inverse_spread(moments)
    slope = inverse @ centre
    weights = (1.0 - (x - centre[0]) * slope[0] - (y - centre[1]) * slope[1]) / max(len(i), 1)
    return i, j, np.asarray(weights)


def _inverse_spread(moments: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Centre (..., 2) of the nodes and the inverse (..., 2, 2) of their second moments."""
    n = np.maximum(moments[..., 0], 1.0)[..., None]
    centre = moments[..., 1:3] / n
    xx, xy, yy = np.moveaxis(moments[..., 3:6] / n, -1, 0)
    spread = np.stack([xx, xy, xy, yy], -1).reshape(*xx.shape, 2, 2)
    spread -= centre[..., :, None] * centre[..., None, :]
    # at most side^2 nodes on a grid: a spread that is not zero is far above this tolerance
    return centre, np.linalg.pinv(spread, rcond=1e-10, hermitian=True)


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
