"""Engineering constants of stiffness matrices: E1, E2, nu12, nu21 and G12."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from metafast._base.checks import require_array
from metafast._base.typing import FloatArray

_SYMMETRIC = 1e-8  # largest relative deviation from symmetry


class EngineeringConstants(NamedTuple):
    """Constants that a test of a plate of cells measures, from the compliance S, inverse of C.

    Attributes
    ----------
    E1, E2 : (n,) arrays
        Young's moduli along 1 and 2, 1/S11 and 1/S22, in the units of C.
    nu12, nu21 : (n,) arrays
        Poisson's ratios: contraction along 2 under tension along 1, -S12/S11, and -S12/S22.
    G12 : (n,) array
        Shear modulus, 1/S33, in the units of C.
    """

    E1: FloatArray
    E2: FloatArray
    nu12: FloatArray
    nu21: FloatArray
    G12: FloatArray


def engineering_constants(C: Any) -> EngineeringConstants:
    """Engineering constants of stiffnesses.

    Under plane strain they are those of the plane: E/(1 - nu^2) and nu/(1 - nu) for an isotropic
    solid. Stretching may shear the cell too (C13, C23); shear is then free.

    Parameters
    ----------
    C : (n, 3, 3) or (n, 4) array, or one of them
        Stiffness matrices in Voigt order (11, 22, 12) with engineering shear, as `homogenize`
        returns them, or C11, C12, C22, C33.

    Returns
    -------
    EngineeringConstants
        Arrays (n,), also for one stiffness.

    Raises
    ------
    ValueError
        If a matrix is not symmetric and positive definite.
    """
    values = require_array("C", C)
    if values.shape[-1:] == (4,) and values.ndim in (1, 2):
        values = _matrices(np.atleast_2d(values))
    if values.ndim == 2:
        values = values[None]
    if values.ndim != 3 or values.shape[1:] != (3, 3):
        raise ValueError(
            f"C has shape {np.shape(C)}; (n, 3, 3) is needed, or (n, 4), columns C11, C12, C22, C33"
        )
    _require_stable(values)
    s: FloatArray = np.asarray(np.linalg.inv(values), dtype=np.float64)
    s11, s22, s33, s12 = s[:, 0, 0], s[:, 1, 1], s[:, 2, 2], s[:, 0, 1]
    found = (1.0 / s11, 1.0 / s22, -s12 / s11, -s12 / s22, 1.0 / s33)
    return EngineeringConstants(*map(np.asarray, found))


def _matrices(properties: FloatArray) -> FloatArray:
    """Matrices (n, 3, 3) of C11, C12, C22, C33 (n, 4)."""
    matrices = np.zeros((len(properties), 3, 3))
    c11, c12, c22, c33 = properties.T
    matrices[:, 0, 0], matrices[:, 1, 1], matrices[:, 2, 2] = c11, c22, c33
    matrices[:, 0, 1] = matrices[:, 1, 0] = c12
    return matrices


def _require_stable(matrices: FloatArray) -> None:
    """Refuse matrices that are no stiffness."""
    finite = np.asarray(np.isfinite(matrices).all(axis=(1, 2)))
    safe = np.where(finite[:, None, None], matrices, np.eye(3))
    gap = abs(safe - safe.swapaxes(1, 2)).max(axis=(1, 2))
    root = np.sqrt(abs(safe[:, [0, 1, 2], [0, 1, 2]]))
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = safe / (root[:, :, None] * root[:, None])  # softness in one direction is no fault
    scaled = np.where(np.isfinite(scaled), scaled, 0.0)
    symmetric = gap <= _SYMMETRIC * abs(safe).max(axis=(1, 2))
    wrong = np.flatnonzero(~(finite & symmetric & (np.linalg.eigvalsh(scaled)[:, 0] > 0)))
    if len(wrong):
        row = int(wrong[0])
        raise ValueError(
            f"C[{row}] = {matrices[row].tolist()} is no stiffness; a symmetric, positive definite "
            "matrix is needed"
        )
