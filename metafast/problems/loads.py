"""Loads of a problem beside moved supports: forces at nodes, tractions on sides, and springs.

Forces are those on a body of unit thickness, in units of E times a cell's width; tractions are
forces per length, in units of E; a spring's stiffness is its force by the displacement of its node,
in units of E. Loads are dead: their size and direction stay, whatever the deformation, and
tractions count per length of the undeformed side. A spring joins a macro node to the ground and is
at rest where the body is; one for each component.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from metafast._base.checks import require_array
from metafast._base.typing import BoolArray, FloatArray

SIDES = ("left", "right", "top", "bottom")  # order of the sides of a cell in `tractions`
_BEYOND = ((0, -1), (0, 1), (-1, 0), (1, 0))  # row and column of the cell beyond each side


def require_nodal(
    name: str, field: str, array: Any, nodes: BoolArray, fixed: BoolArray
) -> FloatArray | None:
    """Return forces or stiffnesses (rows+1, cols+1, 2) at macro nodes; None if all are zero.

    Parameters
    ----------
    name : str
        The problem's, for messages.
    field : str
        "forces" or "springs".
    array : (rows+1, cols+1, 2) array or None
    nodes : (rows+1, cols+1) bool array
        Macro nodes that belong to a cell.
    fixed : (rows+1, cols+1, 2) bool array
        Prescribed components.

    Raises
    ------
    ValueError
        If the shape is wrong, a value is not finite, a stiffness is negative, a node belongs to no
        cell, or its component is prescribed.
    """
    if array is None:
        return None
    values = _require_finite(name, field, array, (*nodes.shape, 2), "rows+1, cols+1, 2")
    if field == "springs" and (values < 0.0).any():
        node = tuple(int(i) for i in np.argwhere(values < 0.0)[0])
        raise ValueError(
            f"problem {name!r}: springs{list(node)} is {values[node]:g}; a stiffness of at least 0 "
            "is needed"
        )
    lost = (values != 0.0) & ~nodes[..., None]
    if lost.any():
        node = tuple(int(i) for i in np.argwhere(lost)[0])
        raise ValueError(
            f"problem {name!r}: {field}{list(node)} is not 0, but all cells around the node are "
            "absent; set it to 0, or put a cell there"
        )
    idle = (values != 0.0) & fixed
    if idle.any():
        node = tuple(int(i) for i in np.argwhere(idle)[0])
        raise ValueError(
            f"problem {name!r}: {field}{list(node)} is not 0, but a support prescribes that "
            "displacement and would take the whole force; set one of them free"
        )
    return values if values.any() else None


def require_tractions(name: str, array: Any, present: BoolArray) -> FloatArray | None:
    """Return tractions (rows, cols, 4, 2) on the sides of cells; None if all are zero.

    Raises
    ------
    ValueError
        If the shape is wrong, a value is not finite, or a side is not on the boundary.
    """
    if array is None:
        return None
    values = _require_finite(name, "tractions", array, (*present.shape, 4, 2), "rows, cols, 4, 2")
    lost = (values != 0.0).any(axis=3) & ~boundary_sides(present)
    if lost.any():
        r, c, k = (int(i) for i in np.argwhere(lost)[0])
        what = "lies inside of the body" if present[r, c] else "belongs to an absent cell"
        raise ValueError(
            f"problem {name!r}: tractions[{r}, {c}, {k}] is not 0, but the {SIDES[k]} side of cell "
            f"({r}, {c}) {what}; load sides of present cells with nothing beyond them"
        )
    return values if values.any() else None


def boundary_sides(present: BoolArray) -> BoolArray:
    """Sides (rows, cols, 4) of present cells with no cell beyond them, in the order of `SIDES`."""
    rows, cols = present.shape
    around = np.pad(present, 1)
    beyond = [around[1 + i : 1 + i + rows, 1 + j : 1 + j + cols] for i, j in _BEYOND]
    return np.asarray(present[..., None] & ~np.stack(beyond, axis=-1))


def spread_tractions(
    tractions: FloatArray, solid: BoolArray, side: int
) -> tuple[FloatArray, BoolArray]:
    """Forces on the nodes of square elements that tractions on the sides of cells give.

    The force of a cell's side, its traction times a cell's width, is shared evenly by the solid
    elements along the side, so its resultant is that of a solid side whatever the cell. Each
    element hands half of its share to both ends of its own side, as linear shape functions do.

    Parameters
    ----------
    tractions : (rows, cols, 4, 2) array
    solid : (rows*side, cols*side) bool array
        Elements that are there.
    side : int
        Elements per cell side.

    Returns
    -------
    forces : (rows*side+1, cols*side+1, 2) array
    missing : (rows, cols, 4) bool array
        Loaded sides without any solid element.
    """
    forces = np.zeros((solid.shape[0] + 1, solid.shape[1] + 1, 2))
    missing = np.zeros(tractions.shape[:3], dtype=bool)
    along = np.arange(side)
    for r, c, k in np.argwhere((tractions != 0.0).any(axis=3)):
        if k < 2:  # left and right: down the column of elements, from node to node
            i, j = r * side + along, np.full(side, (c + k) * side - k)
            ends = ((i, j + k), (i + 1, j + k))
        else:
            i, j = np.full(side, (r + k - 2) * side - (k - 2)), c * side + along
            ends = ((i + k - 2, j), (i + k - 2, j + 1))
        there = solid[i, j]
        count = int(np.count_nonzero(there))
        missing[r, c, k] = count == 0
        for rows, cols in ends:
            forces[rows[there], cols[there]] += 0.5 * tractions[r, c, k] / max(count, 1)
    return forces, missing


def resultant(forces: FloatArray | None, tractions: FloatArray | None) -> FloatArray:
    """Sum (2,) of forces at macro nodes and of tractions on sides of cells."""
    total = np.zeros(2)
    if forces is not None:
        total += forces.sum(axis=(0, 1))
    return total if tractions is None else total + tractions.sum(axis=(0, 1, 2))


def load_sizes(forces: FloatArray | None, tractions: FloatArray | None) -> FloatArray:
    """Sums (2,) of the absolute values of forces and of tractions, by component."""
    total = np.zeros(2)
    for loads in (forces, tractions):
        if loads is not None:
            total += np.abs(loads).reshape(-1, 2).sum(axis=0)
    return total


def _require_finite(
    name: str, field: str, array: Any, shape: tuple[int, ...], words: str
) -> FloatArray:
    values = require_array(field, array)
    if values.shape != shape:
        raise ValueError(
            f"problem {name!r}: {field} has shape {values.shape}; ({words}) = {shape} is needed"
        )
    if not np.isfinite(values).all():
        raise ValueError(
            f"problem {name!r}: {field} has a value that is not finite; use 0 where there is none"
        )
    return values
