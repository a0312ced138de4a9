"""Smiley (Fig. 17): two eyes and a mouth that appear under compression."""

from __future__ import annotations

import numpy as np

from metafast._base.checks import require_count, require_number
from metafast.problems.problem import Problem
from metafast.problems.supports import require_size

# (node height y, centre x, half-width, sign) of each feature on the 50x50 mesh
_FEATURES = ((35, 15, 5, 1.0), (35, 35, 5, 1.0), (15, 25, 13, -1.0))


def smiley(amplitude: float = 0.25, *, size: int = 50, compression: float | None = None) -> Problem:
    """Square of `size` x `size` cells that shows a face when its ends are pushed together.

    Parameters
    ----------
    amplitude : float
        Height of the eyes and depth of the mouth, as a fraction of the compression delta; 0.25
        is the standard problem and 0.5 the hard one.
    size : int
        Cells per side. The face of the 50x50 problem is scaled and rounded to macro nodes.
    compression : float, optional
        Shortening delta, in cell widths; ``size / 25`` by default.

    Returns
    -------
    Problem
    """
    size = require_count("size", size, 10)
    require_size(size, size)
    share = require_number("amplitude", amplitude)
    default = size / 25
    delta = default if compression is None else require_number("compression", compression, above=0)
    scale = size / 50
    prescribed = np.full((size + 1, size + 1, 2), np.nan)
    prescribed[:, 0, 0] = delta / 2
    prescribed[:, -1, 0] = -delta / 2
    prescribed[[0, 0, -1, -1], [0, -1, 0, -1], 1] = 0.0
    target = np.full_like(prescribed, np.nan)
    for height, centre, half_width, sign in _FEATURES:
        half = max(1, round(half_width * scale))
        offset = np.arange(-half, half + 1)
        row = size - round(height * scale)
        xi = offset / half
        target[row, round(centre * scale) + offset, 1] = sign * share * delta * (1 - xi**2)
    return Problem("smiley", prescribed, target)
