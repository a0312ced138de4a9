"""Pixel nodes: codes of the surrounding solid pixels, and numbers of the degrees of freedom.

Nodes are the corners of the pixels; void nodes do not appear::

    (i-1,j-1) --- (i-1,j) --- (i-1,j+1)
        |    bit 1   |   bit 2    |         code[i, j] = sum of the bits of the solid pixels;
     (i,j-1) ---- (i, j) ----- (i,j+1)      pixel (r, c) lies to the lower right of node (r, c);
        |    bit 4   |   bit 8    |         row 0 is the top
    (i+1,j-1) --- (i+1,j) --- (i+1,j+1)

A point hinge cannot be printed and carries no load: where two pixels touch only at a corner, each
has its own node there. Copy 0 belongs to the upper pixel, copy 1 to the lower one::

    code 9   ###|                     |###   code 6
             ###|0                   0|###
             ---+---               ---+---
                1|###             ###|1
                 |###             ###|

Pixels joined by an edge share both its ends, so the copies never separate them.

Legend
------
code    (ny+1, nx+1) uint8      solid pixels around each node, 0 = void node
dof     (ny+1, nx+1, 2) int32   number of the free degree (node, component), row by row; -1 = none.
                                Copy 1 follows copy 0: `number` adds the node's free degrees
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from metafast._base.jit import jit
from metafast._base.typing import AnyArray, BoolArray, ByteArray

# (row, column) offset from node to pixel, by bit
PIXELS = ((-1, -1), (-1, 0), (0, -1), (0, 0))
LARGEST = np.iinfo(np.int32).max
# the two codes of a corner contact, and the bits of the pixels above and below a node
_FALLING, _RISING = 9, 6
_ABOVE, _BELOW = 3, 12


def node_codes(solid: BoolArray) -> ByteArray:
    """Codes (ny+1, nx+1) of the solid pixels around each node."""
    ny, nx = solid.shape
    code = np.zeros((ny + 1, nx + 1), np.uint8)
    for bit, (di, dj) in enumerate(PIXELS):
        code[-di : ny - di, -dj : nx - dj] |= solid.astype(np.uint8) << np.uint8(bit)
    return code


def corner_contacts(code: ByteArray) -> BoolArray:
    """Nodes (ny+1, nx+1) where two pixels touch only at a corner."""
    return np.asarray((code == _FALLING) | (code == _RISING))


def number_free(code: ByteArray, prescribed: BoolArray) -> tuple[AnyArray, int]:
    """Number the free degrees of freedom.

    Parameters
    ----------
    code : (ny+1, nx+1) uint8 array
        As in the legend of this module.
    prescribed : (ny+1, nx+1, 2) bool array
        Prescribed degrees of freedom; a prescribed value holds both copies of a node.

    Returns
    -------
    dof : (ny+1, nx+1, 2) int32 array
        As in the legend of this module.
    unknowns : int
        Free degrees of freedom.

    Raises
    ------
    MemoryError
        If they cannot be counted with 32 bits.
    """
    dof = np.full(prescribed.shape, -1, np.int32)
    unknowns = int(_number_rows(code, prescribed, dof))
    if unknowns > LARGEST:
        raise MemoryError(
            f"{unknowns} unknowns, but 32-bit numbers reach {LARGEST}; take fewer pixels"
        )
    return dof, unknowns


@jit()
def _number_rows(code: Any, prescribed: Any, dof: Any) -> int:
    count = 0
    for i in range(code.shape[0]):
        for j in range(code.shape[1]):
            if code[i, j] != 0:
                first = count
                for p in range(2):
                    if not prescribed[i, j, p]:
                        dof[i, j, p] = count
                        count += 1
                if copies(code[i, j]) == 2:
                    count += count - first
    return count


@jit()
def copies(code: int) -> int:
    """Number of copies of a node."""
    return 2 if code in (_FALLING, _RISING) else 1


@jit()
def pixels_of(code: int, copy: int) -> int:
    """Code of the pixels that a copy of a node belongs to."""
    if copies(code) == 1:
        return code
    return code & _BELOW if copy == 1 else code & _ABOVE


@jit()
def copy_towards(code: int, di: int, dj: int) -> int:
    """Copy of a node that shares a pixel with the node di rows above and dj columns to the left.

    The pixel lies below the node if the other node is the lower one; for nodes in one row, the
    solid pixel on that side of the node decides.
    """
    if copies(code) == 1:
        return 0
    if di != 0:
        return 1 if di < 0 else 0
    return 1 if (code == _FALLING) == (dj < 0) else 0


@jit()
def number(dof: Any, i: int, j: int, p: int, copy: int) -> int:
    """Number of the degree p of a copy of node (i, j), -1 if it is not free."""
    k = dof[i, j, p]
    if copy == 1 and k >= 0:
        for q in range(2):
            if dof[i, j, q] >= 0:
                k += 1
    return k  # type: ignore[no-any-return]


@jit(parallel=True)
def spread(system: Any, solution: Any, field: Any) -> None:
    """Write a solution (n,) into `field` (ny+1, nx+1, 2): the mean of the copies; NaN in void.

    `system` is a `metafast.structure.system.PixelSystem`.
    """
    code, dof = system.code, system.dof
    for i in numba.prange(code.shape[0]):
        for j in range(code.shape[1]):
            for p in range(2):
                k = dof[i, j, p]
                if code[i, j] == 0:
                    field[i, j, p] = np.nan
                elif k >= 0:
                    other = number(dof, i, j, p, copies(code[i, j]) - 1)
                    field[i, j, p] = 0.5 * (solution[k] + solution[other])
