"""Reading of a walk so that its cells are whole and a property rises from cell to cell.

Each point of a walk has a few readings: the decoded cell at each threshold, joined where it is in
pieces. A walk is one reading of every point. Its cost counts, in this order, cells in pieces, steps
at which the property falls, joined cells, and changes of the threshold; the cheapest walk is found
by dynamic programming, from the first point to the last.
"""

from __future__ import annotations

import numpy as np

from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.generative.decoding import (
    THRESHOLDS,
    BinaryCells,
    DecodedCells,
    binarise,
    is_clear,
)
from metafast.generative.vae import CellVAE
from metafast.homogenization import homogenize, properties_of
from metafast.properties.names import value_of

_IN_PIECES, _FALL, _JOINED, _CHANGE = 1000.0, 100.0, 1.0, 0.1  # costs
_VOID = 1e-6  # largest fall that counts as none, in units of E or as a ratio: rounding


def read_rising(
    vae: CellVAE, points: FloatArray, name: str, *, falling: bool = False
) -> DecodedCells:
    """Cells at the points of a walk, read so that a property rises where it can.

    Parameters
    ----------
    vae : CellVAE
    points : (n, latent) array
        The walk, from its first cell to its last.
    name : str
        Property that should rise, as in `metafast.latent.property_arrow`.
    falling : bool
        Whether it should fall instead.
    """
    chance = vae.decode(points)
    readings = [
        binarise(chance, vae.quarter, walk=True, join=True, thresholds=(threshold,))
        for threshold in THRESHOLDS
    ]
    several = BinaryCells(*(np.stack(parts) for parts in zip(*readings, strict=True)))
    flat = several.cells.reshape(-1, *vae.shape)
    properties = properties_of(homogenize(flat, vae.phases)).reshape(*several.threshold.shape, 4)
    value = np.stack([value_of(each, name) for each in properties])
    best = cheapest_walk(several.connected, several.joined, -value if falling else value)
    at = best, np.arange(len(points))
    return DecodedCells(
        points,
        several.cells[at],
        several.threshold[at],
        properties[at],
        is_clear(chance),
        several.connected[at],
        several.joined[at],
    )


def cheapest_walk(whole: BoolArray, joined: BoolArray, value: FloatArray) -> IntArray:
    """Reading (n,) of each point of a walk, so that the walk costs least.

    Parameters
    ----------
    whole, joined : (readings, n) bool arrays
        Whether the cell is in one piece, and whether it had to be joined for that.
    value : (readings, n) array
        What should rise.
    """
    own = _IN_PIECES * ~whole + _JOINED * joined
    reading = np.arange(len(own))
    change = _CHANGE * np.abs(reading[:, None] - reading)
    cost, before = own[:, 0], []
    for k in range(1, own.shape[1]):
        falls = value[:, k] < value[:, k - 1, None] - _VOID
        step = cost[:, None] + change + _FALL * falls
        before.append(step.argmin(axis=0))
        cost = step.min(axis=0) + own[:, k]
    walk = [int(cost.argmin())]
    for last in reversed(before):
        walk.append(int(last[walk[-1]]))
    return np.array(walk[::-1])
