"""Incompatibility of neighbouring cells across their shared side (section 5.1, Eq. 17).

::

    theta = geometric_weight * theta_G + mechanical_weight * theta_M

    theta_G = |a xor b| / |a or b|                       touching pixel rows or columns a, b;
                                                         1 if either has no solid
    theta_M = sum |t_a + t_b| / sum (|t_a| + |t_b|)      outward tractions t under the three unit
                                                         strains, all positions and components;
                                                         0 if both vanish

Both terms lie in [0, 1] and vanish for sides that match: the outward tractions of two cells that
fit are opposite.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast import _core
from metafast._base.checks import (
    as_array,
    require_cells,
    require_number,
    require_threads,
)
from metafast._base.memory import require_memory
from metafast._base.one_line import one_line
from metafast._base.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class IncompatibilityTables:
    """Edge costs between all neighbouring candidates on a grid.

    Attributes
    ----------
    horizontal : (H, W-1, K, K) array
        `horizontal[r, c, a, b]`: candidate a at (r, c) to the left of candidate b at (r, c+1).
    vertical : (H-1, W, K, K) array
        `vertical[r, c, a, b]`: candidate a at (r, c) above candidate b at (r+1, c).
    """

    horizontal: FloatArray
    vertical: FloatArray

    __repr__ = one_line


def incompatibility_tables(
    candidates: Any,
    cells: Any,
    tractions: Any,
    *,
    geometric_weight: float = 1.0,
    mechanical_weight: float = 1.0,
    threads: int | None = None,
) -> IncompatibilityTables:
    """Edge costs between all neighbouring candidates on a grid (Eq. 17).

    Each pair of cells that meets somewhere on the grid is computed once.

    Parameters
    ----------
    candidates : (H, W, K) int array
        Index into `cells` of candidate k at (r, c); row 0 of the grid is its top.
    cells : (n, h, h) array
        Binary pixels, 1 = solid, row 0 at the top.
    tractions : (n, 4, 3, h, 2) array
        Boundary tractions as `metafast.boundary_tractions` returns them: side (left, right, bottom,
        top), unit strain (11, 22, 12), position along the side, component (x, y); outward normals.
    geometric_weight, mechanical_weight : float
        Weights of theta_G and theta_M; 1 as in the paper.
    threads : int, optional
        CPU threads; all available by default. The result does not depend on their number.

    Returns
    -------
    IncompatibilityTables

    Raises
    ------
    ValueError
        If shapes do not match, cells are not binary, tractions are not finite, or a candidate is
        not the index of a cell.
    """
    cells = require_cells(cells, square=True)
    choice = _candidates(candidates, len(cells))
    require_memory(
        16 * choice.size * choice.shape[2], f"tables of {choice.shape} candidates", "give fewer"
    )
    horizontal, vertical = _core.incompatibility_tables(
        choice,
        cells,
        _tractions(tractions, (len(cells), 4, 3, cells.shape[1], 2)),
        require_number("geometric_weight", geometric_weight, above=0.0, closed=True),
        require_number("mechanical_weight", mechanical_weight, above=0.0, closed=True),
        require_threads(threads),
    )
    return IncompatibilityTables(horizontal, vertical)


def _candidates(value: Any, count: int) -> IntArray:
    array = as_array("candidates", value)
    if array.ndim != 3 or 0 in array.shape:
        raise ValueError(f"candidates have shape {array.shape}; non-empty (H, W, K) is needed")
    if array.dtype.kind not in "iu":
        raise ValueError(
            f"candidates have dtype {array.dtype}; whole numbers, indices into cells, are needed"
        )
    if array.min() < 0 or array.max() >= count:
        raise ValueError(
            f"candidates range over {array.min()}..{array.max()}; indices into the {count} cells, "
            f"0..{count - 1}, are needed"
        )
    return np.ascontiguousarray(array, dtype=np.int64)


def _tractions(value: Any, shape: tuple[int, ...]) -> FloatArray:
    array = np.ascontiguousarray(as_array("tractions", value), dtype=np.float64)
    if array.shape != shape:
        raise ValueError(
            f"tractions have shape {array.shape}; (n, 4, 3, h, 2) = {shape} is needed to match the "
            "cells, as metafast.boundary_tractions(cells) returns"
        )
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"tractions{list(where)} is {array[where]}; finite values are needed")
    return array
