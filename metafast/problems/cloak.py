"""Cloak: a plate with a hole that is stretched as if it had none (Wang et al. 2022).

The cells around the hole are designed; those outside of the cloak are given, all the same::

    B B B B B B B      B  base cell, given
    B . . . . . B      .  designed: the cloak
    B . .   . . B         hole
    B . . . . . B
    B B B B B B B

Without a hole the plate would deform evenly. That is the target at all nodes of base cells. The
base is soft, since the cloak must be stiffer than it in places, and contracts much across the
stretch, which a hole disturbs most.

L. Wang, J. Boddapati, K. Liu, P. Zhu, C. Daraio, W. Chen, Mechanical cloak via data-driven
aperiodic metamaterial design, PNAS 119 (2022) e2122185119.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from metafast._base.checks import (
    require_cells,
    require_choice,
    require_count,
    require_number,
)
from metafast._base.typing import ByteArray, FloatArray
from metafast.homogenization import homogenize, properties_of
from metafast.problems.body import CellKind, nodes_of
from metafast.problems.problem import Problem
from metafast.problems.supports import require_size


def cloak(
    size: int = 9,
    *,
    amplitude: float = 0.02,
    hole: int | None = None,
    region: int | None = None,
    along: Literal["x", "y"] = "x",
    base: Any = None,
    phases: Any = None,
) -> Problem:
    """Square plate with a square hole whose outside deforms as that of the plate without a hole.

    Two opposite sides are pulled apart; a node in the middle of each holds the plate across. The
    other sides are free.

    Parameters
    ----------
    size : int
        Cells per side of the plate.
    amplitude : float
        Stretch of the plate as a fraction of its length; negative for compression.
    hole : int, optional
        Cells per side of the hole; by default a third of the plate, or one more.
    region : int, optional
        Cells per side of the cloak with the hole in it; by default all but one ring of the plate.
    along : {"x", "y"}
        Direction of the stretch.
    base : (p, p) array, optional
        Binary pixels of the cells outside of the cloak, as many as the database's cells have; by
        default 50 x 50 with a round hole in the middle of each side.
    phases : Phases or Material, optional
        Materials of the base cell, from which the target follows; `Phases()` by default.

    Returns
    -------
    Problem

    Raises
    ------
    ValueError
        If an argument is out of range, or plate, cloak and hole do not lie evenly in each other.
    """
    size = require_count("size", size, 5)
    require_size(size, size)
    strain = require_number("amplitude", amplitude, above=-0.5, below=0.5)
    hole = _a_third(size) if hole is None else require_count("hole", hole)
    region = size - 2 if region is None else require_count("region", region)
    if not hole < region < size or (size - hole) % 2 or (size - region) % 2:
        raise ValueError(
            f"size, region and hole are {size}, {region} and {hole} cells; each must be smaller "
            "than the one before, and all even or all odd"
        )
    require_choice("along", along, ("x", "y"))
    given = _base_cell() if base is None else require_cells(base, square=True)
    body = np.full((size, size), int(CellKind.GIVEN))
    body[_middle(size, region)] = CellKind.DESIGNED
    body[_middle(size, hole)] = CellKind.ABSENT
    even = _even_stretch(size, strain, along, properties_of(homogenize(given, phases))[0])
    prescribed = np.full_like(even, np.nan)
    if along == "x":
        prescribed[:, [0, -1], 0] = even[:, [0, -1], 0]
        prescribed[size // 2, [0, -1], 1] = even[size // 2, [0, -1], 1]
    else:
        prescribed[[0, -1], :, 1] = even[[0, -1], :, 1]
        prescribed[[0, -1], size // 2, 0] = even[[0, -1], size // 2, 0]
    outside = nodes_of(body == CellKind.GIVEN)[..., None]
    target = np.where(outside & np.isnan(prescribed), even, np.nan)
    return Problem("cloak", prescribed, target, body, given[:1])


def _a_third(size: int) -> int:
    """A third of the cells, or one more so that it lies evenly in the plate."""
    return size // 3 + (size - size // 3) % 2


def _middle(size: int, inner: int) -> tuple[slice, slice]:
    edge = (size - inner) // 2
    return slice(edge, size - edge), slice(edge, size - edge)


def _even_stretch(size: int, strain: float, along: str, base: FloatArray) -> FloatArray:
    """Displacement (size+1, size+1, 2) of a plate of base cells without a hole, centre at rest.

    No force acts across: Green's strain there is ``-C12/C22`` times that along, or ``-C12/C11``.
    """
    c11, c12, c22, _ = base
    ratio = c12 / (c22 if along == "x" else c11)
    squared = 1.0 - ratio * ((1.0 + strain) ** 2 - 1.0)
    across = float(np.sqrt(squared)) - 1.0
    x = np.arange(size + 1) - size / 2
    stretch = (strain, across) if along == "x" else (across, strain)
    u_x, u_y = np.broadcast_arrays(stretch[0] * x[None, :], -stretch[1] * x[:, None])
    return np.stack([u_x, u_y], axis=-1)


def _base_cell(side: int = 50, radius: float = 13.0) -> ByteArray:
    """A cell (1, side, side) with a round hole in the middle of each side."""
    centre = np.abs(np.arange(side) - (side - 1) / 2)
    edge = side / 2 - centre
    solid = edge[:, None] ** 2 + centre**2 > radius**2
    return np.asarray((solid & solid.T)[None], dtype=np.uint8)
