"""Decoded cells in pieces, joined where the model holds solid most likely."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import BoolArray, FloatArray
from metafast.cells.paths import cheapest_way, largest_piece, two_wide

_LEAST = 1e-6  # chance below which all pixels are alike
_SOLID = 1e-3  # length of a step to a pixel that is solid already
_SIDES = (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1])


def joined(chance: FloatArray, solid: BoolArray) -> BoolArray:
    """The largest piece of a cell, grown until it reaches all four sides.

    To every side that it does not reach leads the most probable way: the one that maximises the
    product of the chances of its pixels, free through solid. It becomes solid, two pixels wide, and
    pieces that it passes belong to the whole.

    Parameters
    ----------
    chance : (h, w) array
        Probability of each pixel being solid.
    solid : (h, w) bool array
        The cell as it is read, or the quarter of a mirror-symmetric one. Such a cell is in one
        piece that reaches its sides exactly if its quarter is: two of the quarter's sides are the
        mirror axes. Other cells reach their sides too, but where one does on the left and on the
        right may differ, and then it carries nothing across in a lattice.
    """
    made = solid.copy()
    if not made.any():
        made.ravel()[np.argmax(chance)] = True
    toll = _SOLID - np.log(np.clip(chance, _LEAST, 1.0))
    piece = largest_piece(made)
    for side in _SIDES:
        if not piece[side].any():
            way = cheapest_way(np.where(made, _SOLID, toll), piece, side)
            made |= two_wide(way & ~made, chance)
            piece = largest_piece(made)
    return piece
