"""Checks of cells that come in: whether they carry load, and shear when stretched.

Cells with 0 and 1 exchanged are islands in void, whose stiffness is that of void. A database keeps
C11, C12, C22 and C33, and the macro model is orthotropic, so C13 and C23 must be small.
"""

from __future__ import annotations

import warnings

import numpy as np

from metafast._base.typing import BoolArray, FloatArray
from metafast.homogenization import SHEAR_COUPLING, couples_shear
from metafast.phases import Phases

_VOID = 1e3  # times the stiffness of void, up to which a cell carries next to nothing
_STIFF_VOID = 1e-5  # void relative to the solid above which it may carry the cell


def carries(stiffness: FloatArray, phases: Phases) -> BoolArray:
    """Whether each stiffness (n, 3, 3) is above that of void along 1 or 2; all if void is stiff."""
    if phases.ratio > _STIFF_VOID:
        return np.ones(len(stiffness), dtype=bool)
    least = _VOID * phases.ratio * phases.solid.young
    return np.asarray((stiffness[:, [0, 1], [0, 1]] > least).any(axis=1))


def warn_of_void(stiffness: FloatArray, phases: Phases, stacklevel: int = 3) -> None:
    """Warn if most cells carry nothing, as if solid and void were exchanged."""
    idle = ~carries(stiffness, phases)
    if idle.mean() > 0.5:
        many = "no cell" if idle.all() else f"only {int((~idle).sum())}"
        warnings.warn(
            f"{many} of {len(idle)} carries load across (C11 and C22 are those of void): is 1 "
            "solid? Otherwise read with solid='black' (--solid black; white for pictures), or "
            "exchange 0 and 1",
            RuntimeWarning,
            stacklevel=stacklevel,
        )


def warn_of_shear(stiffness: FloatArray, stacklevel: int = 3) -> None:
    """Warn if C13 and C23, which a database leaves out, are not small."""
    sheared = couples_shear(stiffness)
    if sheared.any():
        row, column = _largest_coupling(stiffness)
        warnings.warn(
            f"{int(sheared.sum())} of {len(sheared)} cells shear when they are stretched (C13 or "
            f"C23 above {SHEAR_COUPLING:.0%}; the largest is C{column + 1}3 = "
            f"{stiffness[row, column, 2]:.3g} of cell {row}, first cell {int(sheared.argmax())}); "
            "the database keeps C11, C12, C22 and C33 only, so designs are off by as much: leave "
            "these cells out with only_orthotropic=True (--only-orthotropic), or mirror them",
            RuntimeWarning,
            stacklevel=stacklevel,
        )


def orthotropic(stiffness: FloatArray) -> BoolArray:
    """Cells (n,) whose C13 and C23 are small.

    Raises
    ------
    ValueError
        If there are none.
    """
    kept = ~couples_shear(stiffness)
    if not kept.any():
        raise ValueError(
            f"none of {len(kept)} cells is orthotropic: C13 or C23 of all are above "
            f"{SHEAR_COUPLING:.0%}; mirror the cells, or keep them without only_orthotropic"
        )
    return kept


def _largest_coupling(stiffness: FloatArray) -> tuple[int, int]:
    """Cell and row of the largest C13 or C23."""
    row, column = np.unravel_index(abs(stiffness[:, :2, 2]).argmax(), (len(stiffness), 2))
    return int(row), int(column)
