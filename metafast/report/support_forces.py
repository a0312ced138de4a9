"""Resultants of the supports of a body, one for each side."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import FloatArray
from metafast.structure import StructureResponse

INSIDE = "inside"


def support_forces(response: StructureResponse) -> dict[str, FloatArray]:
    """Forces (2,) along x and y with which the supports on each side push the body.

    A corner counts to the side with more supported nodes. Sides without supports are left out.

    Parameters
    ----------
    response : StructureResponse

    Returns
    -------
    dict of str to (2,) array
        By "left", "right", "top", "bottom" and "inside", in the units of the reactions.
    """
    i, j = response.support_nodes.T
    rows, cols = response.solid.shape
    on = {"left": j == 0, "right": j == cols, "top": i == 0, "bottom": i == rows}
    names = sorted(on, key=lambda name: -int(on[name].sum()))
    forces: dict[str, FloatArray] = {}
    rest = np.ones(len(i), bool)
    for name in names:
        mine = on[name] & rest
        if mine.any():
            forces[name] = response.reactions[mine].sum(axis=0)
        rest &= ~mine
    if rest.any():
        forces[INSIDE] = response.reactions[rest].sum(axis=0)
    return forces
