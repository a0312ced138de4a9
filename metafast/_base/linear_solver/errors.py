"""Errors for matrices that cannot be factorised, the same for every direct solver."""

from __future__ import annotations

import numpy as np


def not_positive_definite(row: int | None) -> np.linalg.LinAlgError:
    """Error for a matrix whose factorisation failed at `row`, None where that is unknown."""
    where = "" if row is None or row < 0 else f" (row {row} has a zero or negative pivot)"
    return np.linalg.LinAlgError(
        f"the matrix is not positive definite{where}: a part of the body is not held against "
        "rigid motion, or a stiffness is not positive; add supports to that part or remove it"
    )


def singular() -> np.linalg.LinAlgError:
    """Error for an indefinite matrix with a zero pivot."""
    return np.linalg.LinAlgError(
        "the matrix is singular: a part of the body is not held against rigid motion, or the body "
        "is just losing its stability; add supports, or move the load a little"
    )
