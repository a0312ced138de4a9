"""Body of a problem: cells that are designed, passive (solid or given) or absent, and its checks.

A body need not be a rectangle. Holes, an L, a ring or any other outline are absent cells::

     0  0  0  0      DESIGNED
     0 -1 -1  0      ABSENT: no pixels, no stiffness; its inner nodes belong to no cell
     0 -1 -1  0
     1  1  1  1      SOLID, or GIVEN + k for the k-th given cell: there, but not to be designed
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from scipy.ndimage import label

from metafast._base.checks import (
    as_array,
    require_cells,
)
from metafast._base.typing import BoolArray, ByteArray, IntArray


class CellKind(IntEnum):
    """What stands at a place of a body.

    Attributes
    ----------
    ABSENT
        Nothing: a hole, or the outside of the outline.
    DESIGNED
        A cell that the design chooses.
    SOLID
        A passive cell of the base material.
    GIVEN
        A passive cell with the pixels of the problem's first given cell; ``GIVEN + k`` those of
        the k-th.
    """

    ABSENT = -1
    DESIGNED = 0
    SOLID = 1
    GIVEN = 2


def require_body(name: str, body: Any, given: int, shape: tuple[int, int]) -> IntArray | None:
    """Return the kinds (rows, cols) of a body's cells as int64; None if all are designed.

    Parameters
    ----------
    name : str
        The problem's, for messages.
    body : (rows, cols) int array or None
    given : int
        Number of given cells.
    shape : (int, int)
        Rows and columns of cells that the supports have.

    Raises
    ------
    ValueError
        If the shape or a kind is wrong, no cell is designed, or cells touch only at a corner.
    """
    if body is None:
        return None
    kinds = as_array(f"problem {name!r}: body", body)
    if kinds.shape != shape or kinds.dtype.kind not in "iu":
        raise ValueError(
            f"problem {name!r}: body has shape {kinds.shape} ({kinds.dtype}); whole numbers "
            f"(rows, cols) = {shape} are needed, see metafast.problems.CellKind"
        )
    known = kinds >= CellKind.ABSENT
    known &= kinds < CellKind.GIVEN + given
    if not known.all():
        r, c = (int(i) for i in np.argwhere(~known)[0])
        raise ValueError(
            f"problem {name!r}: body[{r}, {c}] is {kinds[r, c]}; -1 (absent), 0 (designed), 1 "
            f"(solid), or 2 and more for one of the {given} given cells is needed"
        )
    if not (kinds == CellKind.DESIGNED).any():
        raise ValueError(f"problem {name!r}: no cell is designed; set cells of body to 0")
    present = kinds != CellKind.ABSENT
    a, b, c, d = present[:-1, :-1], present[:-1, 1:], present[1:, :-1], present[1:, 1:]
    hinges = (a == d) & (b == c) & (a != b)
    if hinges.any():
        node = tuple(int(i) + 1 for i in np.argwhere(hinges)[0])
        raise ValueError(
            f"problem {name!r}: cells touch only at the corner (node row, node column) {node}, and "
            "a point hinge carries no load; add or remove a cell there"
        )
    return None if not kinds.any() else kinds.astype(np.int64)


def require_given(name: str, given: Any) -> ByteArray | None:
    """Return the pixels (k, p, p) of given cells, checked."""
    if given is None:
        return None
    try:
        return require_cells(given, square=True)
    except ValueError as error:
        raise ValueError(f"problem {name!r}, given: {error}") from None


def nodes_of(present: BoolArray) -> BoolArray:
    """Nodes (rows+1, cols+1) that belong to a cell (rows, cols)."""
    nodes = np.zeros((present.shape[0] + 1, present.shape[1] + 1), bool)
    for rows in (slice(None, -1), slice(1, None)):
        for cols in (slice(None, -1), slice(1, None)):
            nodes[rows, cols] |= present
    return nodes


def edges_of(present: BoolArray) -> tuple[IntArray, IntArray]:
    """Cells (0, 1 or 2) on both sides of the edges between neighbouring nodes.

    Returns
    -------
    right : (rows+1, cols) int array
        From node (r, c) to (r, c+1); 1 on the boundary of the body, 0 outside.
    down : (rows, cols+1) int array
        From node (r, c) to (r+1, c).
    """
    count = present.astype(np.int64)
    right, down = np.pad(count, ((1, 1), (0, 0))), np.pad(count, ((0, 0), (1, 1)))
    return right[:-1] + right[1:], down[:, :-1] + down[:, 1:]


def parts_of(present: BoolArray) -> list[BoolArray]:
    """Parts (rows, cols) of a body: cells joined by their sides."""
    parts, count = label(present)
    return [np.asarray(parts == part) for part in range(1, count + 1)]


def passive_pixels(given: ByteArray | None, side: int) -> ByteArray:
    """Pixels (1 + k, side, side) of the passive cells: ``[kind - SOLID]`` for kinds from SOLID on.

    Raises
    ------
    ValueError
        If the given cells have another size.
    """
    solid = np.ones((1, side, side), np.uint8)
    if given is None:
        return solid
    if given.shape[1] != side:
        raise ValueError(
            f"the problem's given cells have {given.shape[1]} pixels a side, and the database's "
            f"cells {side}; give cells of the database's size"
        )
    return np.concatenate([solid, given])
