"""Displacement at the macro nodes themselves, beside the affine fit around them.

A macro node may lie in a pore: the nearest solid node within a few pixels is read then.
"""

from __future__ import annotations

import numpy as np

from metafast._base.typing import FloatArray
from metafast.problems import Problem

REACH = 5  # pixels


def nodal_reading(field: FloatArray, problem: Problem, refine: int = 1) -> FloatArray:
    """Displacement of the solid node nearest to each macro node.

    Parameters
    ----------
    field : (ny+1, nx+1, 2) array
        Displacement of the pixel nodes, refined; NaN in void.
    problem : Problem
    refine : int
        Elements per pixel side.

    Returns
    -------
    (rows+1, cols+1, 2) array
        NaN where no solid node lies within `REACH` pixels.
    """
    side, reach = (field.shape[0] - 1) // problem.rows, REACH * refine
    reading = np.full(problem.target.shape, np.nan)
    for r, c in np.argwhere(problem.wanted.any(axis=2)):
        row, col = r * side, c * side
        top, left = max(0, row - reach), max(0, col - reach)
        around = field[top : row + reach + 1, left : col + reach + 1]
        i, j = np.nonzero(np.isfinite(around[..., 0]))
        distance = (i + top - row) ** 2 + (j + left - col) ** 2
        if len(distance) and distance.min() <= reach**2:
            nearest = int(np.argmin(distance))
            reading[r, c] = around[i[nearest], j[nearest]]
    return reading


def rrmse_of_read(problem: Problem, reading: FloatArray) -> tuple[float, int]:
    """RRMSE over the targets that were read, and the number of those that were not."""
    missing = problem.wanted & ~np.isfinite(reading)
    read = np.where(missing, np.nan, problem.target)
    if not np.any(np.nan_to_num(read)):
        return float("inf"), int(missing.sum())
    return problem.aiming_at(read).rrmse(reading), int(missing.sum())
