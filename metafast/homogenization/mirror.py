"""Whole cells from the upper left quarter of mirror-symmetric ones.

A mirror keeps a field under normal strains and turns its sign under shear, but for the component
across the mirror, where it is the other way round. Displacements of the quarter are measured from
its left and lower edge: the left edge is the cell's, the lower one the cell's horizontal axis.
"""

from __future__ import annotations

import numpy as np

from metafast._typing import FloatArray

# strains that turn their sign in either mirror: only shear
_TURNS = np.array([1.0, 1.0, -1.0])
# products of two strains in the order 11, 22, 12, 11-22, 11-12, 22-12
_PAIR_TURNS = np.array([1.0, 1.0, 1.0, 1.0, -1.0, -1.0])


def mirrored_nodes(quarter: FloatArray) -> FloatArray:
    """Total displacements (n, 3, 2h + 1, 2w + 1, 2) from those of the quarter (n, 3, h+1, w+1, 2).

    Strains are the second axis. What a mirror axis moves by, its other side moves by twice.
    """
    sign = _TURNS[:, None, None, None] * np.array([-1.0, 1.0])
    axis = quarter[:, :, :, -1:]
    right = sign * quarter[:, :, :, -2::-1] + (1.0 - sign) * axis
    upper = np.concatenate([quarter, right], axis=3)
    # the lower edge of the quarter stays where it is, so nothing is added below it
    sign = _TURNS[:, None, None, None] * np.array([1.0, -1.0])
    return np.concatenate([upper, sign * upper[:, :, -2::-1]], axis=2)


def mirrored_pairs(quarter: FloatArray) -> FloatArray:
    """Products of two strains' fields (n, 6, 2h, 2w) from those of the quarter (n, 6, h, w)."""
    sign = _PAIR_TURNS[:, None, None]
    upper = np.concatenate([quarter, sign * quarter[:, :, :, ::-1]], axis=3)
    return np.concatenate([upper, sign * upper[:, :, ::-1]], axis=2)
