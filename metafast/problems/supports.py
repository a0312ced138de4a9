"""Supports and targets of a problem: shapes, sizes, and no part of the body that moves rigidly."""

from __future__ import annotations

import numpy as np

from metafast._base.memory import require_memory
from metafast._base.typing import BoolArray, FloatArray
from metafast.problems.body import nodes_of, parts_of

_CELL_BYTES = 200  # bytes of a problem for each macro node, at least
_LARGEST = 1e100  # displacement in cell widths


def require_size(rows: int, cols: int) -> None:
    """Refuse more cells than memory holds the unknowns of, before arrays of them exist."""
    require_memory(
        _CELL_BYTES * (rows + 1) * (cols + 1),
        f"a problem of {rows:,} x {cols:,} cells",
        "use fewer cells",
    )


def require_displacements(name: str, prescribed: FloatArray, target: FloatArray) -> None:
    """Refuse supports and targets of other shapes than (rows+1, cols+1, 2), or without a size."""
    shape = prescribed.shape
    if len(shape) != 3 or shape[2] != 2 or min(shape) < 2 or target.shape != shape:
        raise ValueError(
            f"problem {name!r}: prescribed has shape {shape} and target "
            f"{target.shape}; both need (rows+1, cols+1, 2)"
        )
    if np.isinf(prescribed).any() or np.isinf(target).any():
        raise ValueError(f"problem {name!r}: a displacement is infinite; use NaN for free ones")
    _require_magnitude(name, prescribed, target)


def require_apart(name: str, prescribed: FloatArray, target: FloatArray) -> None:
    """Refuse targets that are prescribed, or all zero."""
    wanted, fixed = np.isfinite(target), np.isfinite(prescribed)
    if (wanted & fixed).any():
        node = tuple(int(i) for i in np.argwhere(wanted & fixed)[0])
        raise ValueError(
            f"problem {name!r}: (node row, node column, component) {node} is both "
            "prescribed and a target; set its target to NaN"
        )
    if wanted.any() and not np.any(target[wanted]):
        raise ValueError(f"problem {name!r}: all targets are zero, so RRMSE is undefined")


def require_held(name: str, held: BoolArray, present: BoolArray, *, whole: bool) -> None:
    """Refuse a body with a part that is free to move rigidly.

    Parameters
    ----------
    name : str
    held : (rows+1, cols+1, 2) array
        Degrees of freedom with a support or a spring.
    present : (rows, cols) array
        Cells that are there.
    whole : bool
        Whether every cell is, so that there is no part to name.
    """
    for part in parts_of(present):
        if _rigid_rank(held & nodes_of(part)[..., None]) < 3:
            r, c = (int(i) for i in np.argwhere(part)[0])
            where = "" if whole else f" for the part with cell ({r}, {c})"
            raise ValueError(
                f"problem {name!r}: the supports leave a rigid motion free{where}; "
                "prescribe displacements, or add springs, that hold x, y and rotation"
            )


def _require_magnitude(name: str, *displacements: FloatArray) -> None:
    """Refuse displacements whose squares float64 cannot hold."""
    given = np.abs(np.concatenate([each[np.isfinite(each)] for each in displacements]))
    wrong = (given > _LARGEST) | ((given > 0.0) & (given < 1.0 / _LARGEST))
    if wrong.any():
        raise ValueError(
            f"problem {name!r}: a displacement is {given[wrong][0]:g}; 0 or sizes from "
            f"{1.0 / _LARGEST:g} to {_LARGEST:g} cell widths are needed"
        )


def _rigid_rank(fixed: BoolArray) -> int:
    """Number of rigid motions, of three, that the fixed degrees of freedom hold."""
    r, c, d = np.nonzero(fixed)
    modes = np.stack([d == 0, d == 1, np.where(d == 0, r, c)], 1).astype(float)
    return int(np.linalg.matrix_rank(modes)) if len(modes) else 0
