"""Displacement of a similar body as a start for Newton's iteration."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt, uniform_filter

from metafast._base.typing import FloatArray


def extended(field: FloatArray) -> FloatArray:
    """A displacement (ny+1, nx+1, 2) carried on from the solid nodes into the void ones.

    Void nodes take the displacement of the nearest solid node, smoothed among void nodes, so that
    pixels which take their place are not torn.

    Parameters
    ----------
    field : (ny+1, nx+1, 2) array
        NaN in void.
    """
    void = np.isnan(field[..., 0])
    if not void.any():
        return field
    nearest = distance_transform_edt(void, return_distances=False, return_indices=True)
    full = field[tuple(nearest)]
    for _ in range(_SWEEPS):
        smooth = np.stack([uniform_filter(full[..., p], 3, mode="nearest") for p in (0, 1)], -1)
        full = np.where(void[..., None], smooth, full)
    return np.asarray(full)


_SWEEPS = 20
