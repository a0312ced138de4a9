"""Choice of swaps: those that together bring the displacements nearest to the targets."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.assembly.costs import AssemblyCosts

# Effects are right to about a tenth, and effects of different swaps do not quite add: the square of
# each counts a little more than once, so that few large swaps that cancel are not taken.
_DOUBT = 0.1
_LEAST = 1e-7  # least gain worth a swap, relative to the squared residual


def best_swaps(
    costs: AssemblyCosts,
    labels: IntArray,
    effects: FloatArray,
    usable: BoolArray,
    residual: FloatArray,
    *,
    count: int,
    edge_price: float,
) -> tuple[IntArray, FloatArray]:
    """Labels after the best swaps, taken greedily one after the other.

    Each swap has the largest fall of ``|residual + effect|^2 + edge_price * mismatch``. A cell
    stays if a neighbour, also across a corner, was swapped: its effect is no longer known. No swap
    may open a side that is joined.

    Parameters
    ----------
    costs : AssemblyCosts
    labels : (rows, cols) int array
    effects : (rows, cols, count, t) array
        Change of the target displacements when a candidate stands in place of the current one.
    usable : (rows, cols, count) bool array
        Swaps whose effect is known.
    residual : (t,) array
        Displacement minus target.
    count : int
        Number of swaps at most.
    edge_price : float
        Price of one unit of boundary mismatch.

    Returns
    -------
    labels : (rows, cols) int array
    residual : (t,) array
        Residual that the effects predict.
    """
    labels, residual = labels.copy(), residual.copy()
    usable = usable.copy()
    np.put_along_axis(usable, labels[..., None], False, axis=2)
    squares = (1.0 + _DOUBT) * np.square(effects).sum(-1)
    for _ in range(count):
        around = costs.mismatch_around(labels)
        mismatch = around - np.take_along_axis(around, labels[..., None], 2)
        gain = 2.0 * (effects @ residual) + squares + edge_price * mismatch
        gain[~usable] = np.inf
        gain[costs.would_open(labels)] = np.inf
        r, c, label = (int(k) for k in np.unravel_index(int(gain.argmin()), gain.shape))
        if not gain[r, c, label] < -_LEAST * float(residual @ residual):
            break
        residual += effects[r, c, label]
        labels[r, c] = label
        usable[max(r - 1, 0) : r + 2, max(c - 1, 0) : c + 2] = False
    return labels, residual
