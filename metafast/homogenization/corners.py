"""Solid that touches only at corners: it carries load in elements of a cell, none in a structure.

Elements of pixels that touch at a corner share a node, so ``[[1, 0], [0, 1]]`` has a stiffness. In
a structure a corner is a hinge without width, and every printed part lacks it.
"""

from __future__ import annotations

import warnings
from typing import Any, Literal, get_args

from metafast._base.typing import ByteArray
from metafast.cells.spanning import corner_contacts

Corners = Literal["carry", "warn", "refuse"]


def require_corners(value: Any) -> Corners:
    """Return `value` if it is one of the ways to treat corners."""
    if value not in get_args(Corners):
        raise ValueError(
            f"corners is {value!r}; use 'carry' to let them carry load, 'warn' to be told, or "
            "'refuse'"
        )
    return value  # type: ignore[no-any-return]


def check_corners(cells: ByteArray, corners: Corners, stacklevel: int = 3) -> None:
    """Warn of cells (n, h, w) whose solid touches only at corners, or refuse them.

    Raises
    ------
    ValueError
        If there are some, and `corners` is "refuse".
    """
    if corners == "carry":
        return
    count = corner_contacts(cells)
    if not count.any():
        return
    told = (
        f"solid touches only at corners in {int((count > 0).sum())} of {len(count)} cells "
        f"({int(count.sum())} corners, first cell {int((count > 0).argmax())}); their elements "
        "carry load there, and those of a structure do not: join or part these pixels"
    )
    if corners == "refuse":
        raise ValueError(told)
    warnings.warn(told, RuntimeWarning, stacklevel=stacklevel)
