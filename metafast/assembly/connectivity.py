"""Which neighbouring candidates would not be joined at all."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import BoolArray, ByteArray, IntArray


def apart_tables(candidates: IntArray, cells: ByteArray) -> tuple[BoolArray, BoolArray]:
    """Pairs of neighbouring candidates across whose side no solid pixel meets another.

    Parameters
    ----------
    candidates : (rows, cols, count) int array
        Index into `cells`.
    cells : (n, h, h) array
        Binary pixels, row 0 at the top.

    Returns
    -------
    horizontal : (rows, cols-1, count, count) bool array
        Candidate a at (r, c) beside candidate b at (r, c+1).
    vertical : (rows-1, cols, count, count) bool array
        Candidate a at (r, c) above candidate b at (r+1, c).
    """
    sides = cells[:, :, 0], cells[:, :, -1], cells[:, 0], cells[:, -1]
    left, right, top, bottom = (side.astype(np.float32)[candidates] for side in sides)
    beside = right[:, :-1] @ left[:, 1:].transpose(0, 1, 3, 2)
    above = bottom[:-1] @ top[1:].transpose(0, 1, 3, 2)
    return beside < 0.5, above < 0.5
