"""Displacement of a similar body as a start for Newton's iteration.

Pixels that take the place of void need a displacement that does not tear them. Void is filled from
coarse to fine: a grid of half the resolution holds the means of what is known, is filled in the
same way, and what it says is taken where nothing is known (pull and push: Gortler et al. 1996).
Sweeps of a mean filter smooth the result.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter

from metafast._base.typing import BoolArray, FloatArray

_SWEEPS = 10


def extended(field: FloatArray) -> FloatArray:
    """A displacement (ny+1, nx+1, 2) carried on from the solid nodes into the void ones.

    Parameters
    ----------
    field : (ny+1, nx+1, 2) array
        NaN in void.
    """
    void = np.isnan(field[..., 0])
    if not void.any() or void.all():
        return np.nan_to_num(field)
    full = _filled(np.where(void[..., None], 0.0, field), ~void)
    for _ in range(_SWEEPS):
        full = np.where(void[..., None], _smoothed(full), full)
    return np.asarray(full)


def prolonged(field: FloatArray, times: int) -> FloatArray:
    """A displacement (ny+1, nx+1, 2) on smaller elements, linear between the given nodes.

    Parameters
    ----------
    field : (ny+1, nx+1, 2) array
        Known at all nodes, for instance by `extended`.
    times : int
        Elements per side of the given ones.
    """
    for axis in (0, 1):
        count = field.shape[axis]
        place = np.arange((count - 1) * times + 1) / times
        low = np.minimum(place.astype(int), count - 2)
        share = (place - low).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        below, above = np.take(field, low, axis=axis), np.take(field, low + 1, axis=axis)
        field = (1.0 - share) * below + share * above
    return field


def _filled(values: FloatArray, known: BoolArray) -> FloatArray:
    """Values (h, w, 2) with what is not known taken from a grid of half the resolution."""
    if known.all():
        return values
    h, w = known.shape
    pad = ((0, h % 2), (0, w % 2))
    weight = np.pad(known.astype(float), pad)
    weighted = np.pad(values * known[..., None], (*pad, (0, 0)))
    count = weight.reshape((h + 1) // 2, 2, (w + 1) // 2, 2).sum(axis=(1, 3))
    total = weighted.reshape((h + 1) // 2, 2, (w + 1) // 2, 2, 2).sum(axis=(1, 3))
    coarse = _filled(total / np.maximum(count, 1.0)[..., None], count > 0.0)
    fine = _smoothed(coarse.repeat(2, axis=0).repeat(2, axis=1)[:h, :w])
    return np.where(known[..., None], values, fine)


def _smoothed(values: FloatArray) -> FloatArray:
    return np.asarray(uniform_filter(values, (3, 3, 1), mode="nearest"))
