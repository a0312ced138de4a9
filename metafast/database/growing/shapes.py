"""Numba kernels for signed distance and warp of quarter cells.

Quarters (n, q, q) are upper left ones: row and column 0 lie on the outer sides, row and column q-1
at the mirror axes. A mirror image is never nearer than the pixel itself, so distances inside the
quarter equal those in the whole cell.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from metafast._base.jit import jit

_FAR = 1e6


@jit()
def _squared_distance(mask, out, columns):
    """Squared distance (q, q) from every pixel centre to the nearest True of `mask`."""
    q = mask.shape[0]
    for j in range(q):
        run = _FAR
        for i in range(q):
            run = 0.0 if mask[i, j] else run + 1.0
            columns[i, j] = run
        run = _FAR
        for i in range(q - 1, -1, -1):
            run = 0.0 if mask[i, j] else run + 1.0
            columns[i, j] = min(columns[i, j], run)
    for i in range(q):
        for j in range(q):
            best = columns[i, j] ** 2
            d = 1
            while d < q and d * d < best:
                if j >= d:
                    best = min(best, columns[i, j - d] ** 2 + d * d)
                if j + d < q:
                    best = min(best, columns[i, j + d] ** 2 + d * d)
                d += 1
            out[i, j] = best


@jit(parallel=True)
def signed_distance(quarters):
    """Signed distance (n, q, q) to the boundary of the solid in pixels, positive in the solid."""
    n, q, _ = quarters.shape
    result = np.empty((n, q, q))
    for c in prange(n):
        to_void = np.empty((q, q))
        to_solid = np.empty((q, q))
        columns = np.empty((q, q))
        solid = quarters[c] != 0
        _squared_distance(~solid, to_void, columns)
        _squared_distance(solid, to_solid, columns)
        for i in range(q):
            for j in range(q):
                if solid[i, j]:
                    result[c, i, j] = min(np.sqrt(to_void[i, j]), q) - 0.5
                else:
                    result[c, i, j] = 0.5 - min(np.sqrt(to_solid[i, j]), q)
    return result


@jit(parallel=True)
def warp(fields, down, right):
    """Fields (n, q, q) sampled at positions shifted by (down, right) pixels, mirrored at edges."""
    n, q, _ = fields.shape
    result = np.empty_like(fields)
    for c in prange(n):
        for i in range(q):
            for j in range(q):
                y = i + down[c, i, j]
                x = j + right[c, i, j]
                y = -1.0 - y if y < -0.5 else (2.0 * q - 1.0 - y if y > q - 0.5 else y)
                x = -1.0 - x if x < -0.5 else (2.0 * q - 1.0 - x if x > q - 0.5 else x)
                y = min(max(y, 0.0), q - 1.0)
                x = min(max(x, 0.0), q - 1.0)
                a, b = min(int(y), q - 2), min(int(x), q - 2)
                u, v = y - a, x - b
                top = (1.0 - v) * fields[c, a, b] + v * fields[c, a, b + 1]
                low = (1.0 - v) * fields[c, a + 1, b] + v * fields[c, a + 1, b + 1]
                result[c, i, j] = (1.0 - u) * top + u * low
    return result
