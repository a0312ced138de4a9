"""Numbering of the unknowns of a grid of pixels, and the order of their elimination.

The unknowns are total displacements, so a unit strain enters only where the cell is closed: as the
*jump* by which opposite nodes of a periodic cell differ, or by which an edge of a quarter moves.
The three jumps are unknowns that are never eliminated. At the end their stiffness remains: the
homogenized stiffness, times the lengths over which a unit strain makes a jump (section 3.2). Blocks
away from the seam carry no strain at all.

A mirror-symmetric cell is solved on its upper left quarter, once under normal strains and once
under shear, with the jumps E11 = e11 w/2, E22 = e22 h/2, E12 = g12 h/2::

    normal       u_y = E22            shear        u_x = E12
             +-------------+                   +-------------+
     u_x = 0 |             | u_x = E11  u_y = 0|             | u_y = 0
             +-------------+                   +-------------+
                 u_y = 0                           u_x = 0

In a periodic cell, right of the last column comes the first one, moved by E11 = e11 w in x, and
below the last row the first one, moved by -(E12, E22), E22 = e22 h, E12 = g12 h; node (0, 0) is
held. Node (i, j) is i pixels below the top and j pixels from the left; its unknowns are u_x, u_y.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from metafast._base.typing import FloatArray, IntArray
from metafast.homogenization.elimination.dissection import Block
from metafast.q4 import NODE_OFFSETS

Kind = Literal["quarter", "periodic"]

# systems; blocks off the edges of a quarter serve both, a periodic cell has only one
NORMAL, SHEAR, ALL = 0, 1, 2
_STRAINS = ((True, True, False), (False, False, True), (True, True, True))


class Grid(NamedTuple):
    """Numbering of a grid of pixels, a periodic cell or the quarter of a symmetric one.

    Attributes
    ----------
    rows, cols, kind
    variables : (3, elements, 11)
        Unknowns of each element by system: eight displacements, three jumps; -1 where prescribed
        or absent.
    classes : (elements,)
        Edges of the seam that an element has, see `leaves.class_matrices`.
    unknowns : int
        Displacements; jump s is unknown ``unknowns + s``.
    node_unknowns : (rows + 1, cols + 1, 2)
    owner : (unknowns + 3,)
        Block that eliminates each unknown, the smallest one that has all its elements.
    rank : (unknowns + 3,)
        Place in the order of elimination.
    """

    rows: int
    cols: int
    kind: Kind
    variables: IntArray
    classes: IntArray
    unknowns: int
    node_unknowns: IntArray
    owner: IntArray
    rank: IntArray


def number_grid(rows: int, cols: int, kind: Kind, blocks: list[Block]) -> Grid:
    """Number the displacements of rows x cols pixels that `blocks` dissect."""
    shape = (rows, cols) if kind == "periodic" else (rows + 1, cols + 1)
    number = np.arange(2 * shape[0] * shape[1]).reshape(*shape, 2)
    i, j = np.mgrid[0 : rows + 1, 0 : cols + 1]
    node_unknowns = number[i % shape[0], j % shape[1]]
    free = np.ones((3, *shape, 2), dtype=bool)
    if kind == "periodic":
        free[:, 0, 0] = False
    else:
        for system, across in ((NORMAL, 0), (SHEAR, 1)):
            free[system][:, [0, -1], across] = False
            free[system][[0, -1], :, 1 - across] = False
    r, c = np.mgrid[0:rows, 0:cols]
    variables = np.full((3, rows * cols, 11), -1)
    for k, (x, y) in enumerate(NODE_OFFSETS):
        ids = node_unknowns[r + 1 - y, c + x].reshape(-1, 2)
        variables[:, :, 2 * k : 2 * k + 2] = np.where(free.reshape(3, -1)[:, ids], ids, -1)
    sideways, upright = c == cols - 1, r == (rows - 1 if kind == "periodic" else 0)
    for strain, touching in enumerate((sideways, upright, upright)):
        for system in (NORMAL, SHEAR, ALL):
            if _STRAINS[system][strain]:
                jump = np.where(touching, number.size + strain, -1)
                variables[system, :, 8 + strain] = jump.ravel()
    owner = np.empty((*shape, 2), dtype=np.int64)
    for index in range(len(blocks) - 1, -1, -1):
        r0, r1, c0, c1 = blocks[index][:4]
        owner[_inside(r0, r1, rows, kind), _inside(c0, c1, cols, kind)] = index
    owner = np.concatenate([owner.ravel(), np.full(3, len(blocks))])
    rank = owner * number.size + np.arange(len(owner))
    classes = (sideways + 2 * upright).ravel()
    return Grid(
        rows, cols, kind, variables, classes, number.size, node_unknowns, owner, rank
    )  # fmt: skip


def _inside(start: int, stop: int, length: int, kind: Kind) -> slice:
    """Nodes along one axis whose elements all lie in the block."""
    if kind == "periodic":
        return slice(0, length) if stop - start == length else slice(start + 1, stop)
    return slice(start + (start > 0), stop + (stop == length))


def seam_shares(rows: int, cols: int, kind: Kind) -> FloatArray:
    """Share (rows + 1, cols + 1, 2, 3) of each jump in each displacement."""
    seam = np.zeros((rows + 1, cols + 1, 2, 3))
    seam[:, -1, 0, 0] = 1.0
    edge, sign = (-1, -1.0) if kind == "periodic" else (0, 1.0)
    seam[edge, :, 1, 1] = seam[edge, :, 0, 2] = sign
    return seam
