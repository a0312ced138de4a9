"""Graded beam (Fig. 15): a beam that bulges when its right end is pushed in."""

from __future__ import annotations

import numpy as np

from metafast._base.checks import require_count, require_number
from metafast.problems.problem import Problem
from metafast.problems.supports import require_size


def graded_beam(
    rows: int = 15, cols: int = 40, *, compression: float = 1.0, amplitude: float | None = None
) -> Problem:
    """Beam of `rows` x `cols` cells whose outer rows bulge by +-A (1 - cos 2 pi s)/2.

    The left end is fixed; the right end moves by u_x = -compression and is held in y.

    Parameters
    ----------
    rows, cols : int
        Cells from top to bottom and from left to right.
    compression : float
        Displacement delta of the right end, in cell widths.
    amplitude : float, optional
        Bulge A of each outer row, in cell widths; delta/2 by default.

    Returns
    -------
    Problem
    """
    rows, cols = require_count("rows", rows), require_count("cols", cols, 2)
    require_size(rows, cols)
    delta = require_number("compression", compression, above=0.0)
    height = delta / 2 if amplitude is None else require_number("amplitude", amplitude)
    prescribed = np.full((rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0] = 0.0
    prescribed[:, -1] = (-delta, 0.0)
    curve = height * (1 - np.cos(2 * np.pi * np.arange(cols + 1) / cols)) / 2
    target = np.full_like(prescribed, np.nan)
    target[0, 1:-1, 1] = curve[1:-1]
    target[-1, 1:-1, 1] = -curve[1:-1]
    return Problem("graded_beam", prescribed, target)
