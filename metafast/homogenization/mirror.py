"""Whole cells from the upper left quarter of mirror-symmetric ones, written into their place.

A mirror keeps a field under normal strains and turns its sign under shear, but for the component
across the mirror, where it is the other way round. Displacements of the quarter are measured from
its left and lower edge: the left edge is the cell's, the lower one the cell's horizontal axis.
"""

from __future__ import annotations

import numpy as np

from metafast._typing import FloatArray
from metafast.homogenization.element_sums import PAIRS

# strains that turn their sign in either mirror: only shear
_TURNS = np.array([1.0, 1.0, -1.0])
_PAIR_TURNS = [float(_TURNS[s] * _TURNS[t]) for s, t in PAIRS]


def mirror_nodes(quarter: FloatArray, whole: FloatArray) -> None:
    """Total displacements of the cell from those of the quarter.

    What a mirror axis moves by, its other side moves by twice.

    Parameters
    ----------
    quarter : (n, 3, h + 1, w + 1, 2) array
        Under the three unit strains.
    whole : (n, 3, 2h + 1, 2w + 1, 2) array
        Written.
    """
    rows, cols = quarter.shape[2:4]
    whole[:, :, :rows, :cols] = quarter
    sign = _TURNS[:, None, None, None] * np.array([-1.0, 1.0])
    right = whole[:, :, :rows, cols:]
    np.multiply(quarter[:, :, :, -2::-1], sign, out=right)
    right += (1.0 - sign) * quarter[:, :, :, -1:]
    # the lower edge of the quarter stays where it is, so nothing is added below it
    sign = _TURNS[:, None, None, None] * np.array([1.0, -1.0])
    np.multiply(whole[:, :, rows - 2 :: -1], sign, out=whole[:, :, rows:])


def mirror_pair(quarter: FloatArray, pair: int, whole: FloatArray) -> None:
    """A product of two strains' fields on the cell from that on the quarter.

    Parameters
    ----------
    quarter : (n, h, w) array
    pair : int
        Place of the product in PAIRS.
    whole : (n, 2h, 2w) array
        Written.
    """
    rows, cols = quarter.shape[1:]
    whole[:, :rows, :cols] = quarter
    np.multiply(quarter[:, :, ::-1], _PAIR_TURNS[pair], out=whole[:, :rows, cols:])
    np.multiply(whole[:, rows - 1 :: -1], _PAIR_TURNS[pair], out=whole[:, rows:])
