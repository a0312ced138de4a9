"""Bridge (Fig. 16): a beam that arches when its ends are pushed together."""

from __future__ import annotations

from typing import Literal

import numpy as np

from metafast._base.checks import (
    require_choice,
    require_count,
    require_number,
)
from metafast.problems.problem import Problem
from metafast.problems.supports import require_size


def bridge(
    rows: int = 4,
    cols: int = 30,
    *,
    compression: float = 1.0,
    amplitude: float | None = None,
    target: Literal["bump", "sine"] = "bump",
) -> Problem:
    """Bridge of `rows` x `cols` cells whose top and bottom edges follow a bump or a sine.

    The ends are pushed together by `compression` (u_x = +-compression/2 on the whole ends) and the
    bottom corners are held in y.

    Parameters
    ----------
    rows, cols : int
        Cells from top to bottom and from left to right.
    compression : float
        Shortening delta of the beam, in cell widths.
    amplitude : float, optional
        Height A of the target, in cell widths; by default delta for the bump and delta/2 for the
        sine.
    target : {"bump", "sine"}
        ``A (1 - cos 2 pi s)/2`` or ``A sin 2 pi s`` with s = x/L.

    Returns
    -------
    Problem
    """
    rows, cols = require_count("rows", rows), require_count("cols", cols, 2)
    require_size(rows, cols)
    delta = require_number("compression", compression, above=0.0)
    require_choice("target", target, ("bump", "sine"))
    default = delta if target == "bump" else delta / 2
    height = default if amplitude is None else require_number("amplitude", amplitude)
    s = np.arange(cols + 1) / cols
    prescribed = np.full((rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0, 0] = delta / 2
    prescribed[:, -1, 0] = -delta / 2
    prescribed[-1, [0, -1], 1] = 0.0
    lift = np.full_like(prescribed, np.nan)
    if target == "bump":
        lift[[0, -1], :, 1] = height / 2 * (1 - np.cos(2 * np.pi * s))
    else:
        lift[[0, -1], :, 1] = height * np.sin(2 * np.pi * s)
    lift[np.isfinite(prescribed)] = np.nan
    return Problem("bridge", prescribed, lift)
