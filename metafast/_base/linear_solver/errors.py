"""Error for matrices that are not positive definite, the same for every direct solver."""

from __future__ import annotations

import numpy as np


def not_positive_definite(row: int | None) -> np.linalg.LinAlgError:
    """Error for a matrix whose factorisation failed at `row`, None where that is unknown."""
    where = "" if row is None or row < 0 else f" (row {row} has a zero or negative pivot)"
    return np.linalg.LinAlgError(
        f"the matrix is not positive definite{where}: a part of the body is not held against "
        "rigid motion, or a stiffness is not positive; add supports to that part or remove it"
    )
