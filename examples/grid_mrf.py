"""A grid MRF without any metamaterial: a noisy picture of few grey levels, cleaned and proved best.

Every pixel takes one of `levels` grey levels. It pays the squared difference to the noisy picture,
and neighbours pay `smoothness` where their levels differ (Potts).

Run: python examples/grid_mrf.py [rows cols]
"""

from __future__ import annotations

import sys

import numpy as np

import metafast as mf


def main(rows: int = 100, cols: int = 150, levels: int = 5, smoothness: float = 0.12):
    """Clean a picture of discs; print how far from the best, and how far from the truth it is."""
    y, x = np.mgrid[:rows, :cols] / max(rows, cols)
    distance = np.hypot(y - 0.3, x - 0.45)
    truth = np.minimum((12 * distance).astype(int), levels - 1)
    grey = np.linspace(0, 1, levels)
    noisy = grey[truth] + np.random.default_rng(0).normal(0, 0.25, (rows, cols))

    result = mf.solve_mrf(
        (noisy[:, :, None] - grey) ** 2,
        smoothness * (1 - np.eye(levels)),  # one table for all places
        smoothness * (1 - np.eye(levels)),
        time_limit=10,
    )
    nearest = np.abs(noisy[:, :, None] - grey).argmin(2)
    print(f"gap {result.gap:.1e}" + (", proved optimal" if result.optimal else ""))
    print(f"wrong pixels: {np.mean(nearest != truth):.1%} before, ", end="")
    print(f"{np.mean(result.labels != truth):.1%} after")
    return truth, nearest, result


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
