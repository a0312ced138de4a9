"""Cells that equal none of their mirror images or transposes and hang together."""

import numpy as np


def asymmetric_cells(n=7, side=10, seed=0):
    """Binary cells (n, side, side), all different, solid from side to side."""
    rng = np.random.default_rng(seed)
    cells = (rng.random((n, side, side)) < 0.6).astype(np.uint8)
    cells[:, side // 3] = 1
    cells[:, :, side // 2] = 1
    cells[:, 0, 1], cells[:, 1, 0] = 1, 0
    return cells
