"""Plain slow twin of metafast.assembly.boundary: one pair of cells at a time (Eq. 17)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEFT, RIGHT, BOTTOM, TOP = range(4)


def geometric(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """|a xor b| / |a or b| of two touching pixel lines; 1 if either has no solid."""
    if not a.any() or not b.any():
        return 1.0
    return float((a ^ b).sum() / (a | b).sum())


def mechanical(outward_a: Floats, outward_b: Floats) -> float:
    """Relative difference of the tractions (3, h, 2) that two sides exert on each other."""
    flipped = -outward_b
    size = np.abs(outward_a).sum() + np.abs(flipped).sum()
    return 0.0 if size == 0 else float(np.abs(outward_a - flipped).sum() / size)


def beside(cells: Floats, tractions: Floats, a: int, b: int) -> tuple[float, float]:
    """Both terms for cell a to the left of cell b."""
    return (
        geometric(cells[a][:, -1] > 0, cells[b][:, 0] > 0),
        mechanical(tractions[a, RIGHT], tractions[b, LEFT]),
    )


def above(cells: Floats, tractions: Floats, a: int, b: int) -> tuple[float, float]:
    """Both terms for cell a on top of cell b."""
    return (
        geometric(cells[a][-1] > 0, cells[b][0] > 0),
        mechanical(tractions[a, BOTTOM], tractions[b, TOP]),
    )


def tables(
    candidates: NDArray[np.int64], cells: Floats, tractions: Floats, weights: tuple[float, float]
) -> tuple[Floats, Floats]:
    """All entries, in loops."""
    rows, cols, count = candidates.shape
    horizontal = np.empty((rows, cols - 1, count, count))
    vertical = np.empty((rows - 1, cols, count, count))
    for index in np.ndindex(horizontal.shape):
        r, c, i, j = index
        pair = int(candidates[r, c, i]), int(candidates[r, c + 1, j])
        horizontal[index] = np.dot(weights, beside(cells, tractions, *pair))
    for index in np.ndindex(vertical.shape):
        r, c, i, j = index
        pair = int(candidates[r, c, i]), int(candidates[r + 1, c, j])
        vertical[index] = np.dot(weights, above(cells, tractions, *pair))
    return horizontal, vertical
