"""Resultants of the supports of a body, one for each side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from metafast._base.typing import FloatArray
from metafast.problems import Problem
from metafast.structure import StructureResponse

INSIDE = "inside"


def forces_by_place(
    problem: Problem, response: StructureResponse
) -> Iterator[tuple[str, FloatArray]]:
    """`support_forces` by side, with the load case in front where there are several."""
    side = response.solid.shape[0] // problem.rows
    width, period = (problem.period - 1) * side, problem.period * side
    for number in range(problem.copies):
        columns = response.support_nodes[:, 1]
        own = (columns >= number * period) & (columns <= number * period + width)
        copy = replace(
            response,
            solid=response.solid[:, number * period : number * period + width],
            support_nodes=response.support_nodes[own] - [0, number * period],
            reactions=response.reactions[own],
        )
        case = f"{problem.cases[number]}, " if problem.cases else ""
        for name, force in support_forces(copy).items():
            yield case + name, force


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
