"""Choice of swaps: those that together bring the displacements nearest to the targets."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.assembly.costs import AssemblyCosts
from metafast.problems.symmetry import Symmetry

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
    isolated: bool = True,
    symmetry: Symmetry | None = None,
) -> tuple[IntArray, FloatArray]:
    """Labels after the best swaps, taken greedily one after the other.

    Each swap has the largest fall of ``|residual + effect|^2 + edge_price * mismatch``. No swap may
    open a side that is joined, or exceed the budget of solid.

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
    isolated : bool
        Whether a cell stays if it or a neighbour, also across a corner, was swapped, since effects
        depend on the neighbours. Otherwise effects hold whatever stands around, and a cell can be
        swapped again.
    symmetry : Symmetry, optional
        Mirror symmetry that the labels keep: the images of a cell are swapped together, with the
        sum of their effects, and count as one swap.

    Returns
    -------
    labels : (rows, cols) int array
    residual : (t,) array
        Residual that the effects predict.
    """
    labels, residual, symmetry = labels.copy(), residual.copy(), symmetry or Symmetry()
    usable = symmetry.everywhere(usable) & symmetry.fundamental(labels.shape)[..., None]
    effects, known = symmetry.sums(effects), usable.copy()
    if not isolated and not symmetry:
        effects = effects.copy()  # it is changed below
    np.put_along_axis(usable, labels[..., None], False, axis=2)
    squares = (1.0 + _DOUBT) * np.square(effects).sum(-1)
    for _ in range(count):
        around = costs.mismatch_around(labels)
        mismatch = symmetry.sums(around - np.take_along_axis(around, labels[..., None], 2))
        gain = 2.0 * (effects @ residual) + squares + edge_price * mismatch
        gain[~usable] = np.inf
        gain[~symmetry.everywhere(~costs.would_open(labels))] = np.inf
        if costs.budget is not None:
            gain[costs.budget.refuses(labels, symmetry)] = np.inf
        r, c, label = (int(k) for k in np.unravel_index(int(gain.argmin()), gain.shape))
        if not gain[r, c, label] < -_LEAST * float(residual @ residual):
            break
        residual += effects[r, c, label]
        for i, j in symmetry.images(r, c, labels.shape):
            labels[i, j] = label
            if isolated:
                usable[max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2] = False
        if not isolated:
            usable[r, c] = known[r, c]
            usable[r, c, label] = False
            effects[r, c] = effects[r, c] - effects[r, c, label]
            squares[r, c] = (1.0 + _DOUBT) * np.square(effects[r, c]).sum(-1)
    return labels, residual
