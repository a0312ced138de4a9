"""Small cells with a solid frame, and bodies of them."""

from __future__ import annotations

import numpy as np

SIDE = 10  # pixels


def frames(count, seed):
    """Mirror-symmetric cells with a solid frame and random blocks inside."""
    rng = np.random.default_rng(seed)
    quarter = np.ones((count, SIDE // 2, SIDE // 2), np.uint8)
    quarter[:, 1:, 1:] = np.repeat(np.repeat(rng.random((count, 2, 2)) < 0.55, 2, 1), 2, 2)
    upper = np.concatenate([quarter, quarter[:, :, ::-1]], axis=2)
    return np.concatenate([upper, upper[:, ::-1]], axis=1)


def body(rows, cols, seed=0):
    cells = frames(rows * cols, seed).reshape(rows, cols, SIDE, SIDE)
    return cells.transpose(0, 2, 1, 3).reshape(rows * SIDE, cols * SIDE)
