"""Jacobian of the target displacements with respect to the properties of every cell."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import FloatArray
from metafast.macro.fem import MacroModel


def target_jacobian(model: MacroModel, displacement: FloatArray) -> FloatArray:
    """Derivatives of the target displacements by the properties of each cell.

    ``du_t/dC = -lambda_t^T (dK/dC) u`` with ``K lambda_t = e_t``: one adjoint solution per target
    degree of freedom, all from the factor of the last solution.

    Parameters
    ----------
    model : MacroModel
        Just after ``displacement = model.solve(properties)``.
    displacement : (degrees of freedom,) array

    Returns
    -------
    (t, cells, 4) array
        Derivatives by C11, C12, C22, C33; that by C12 changes C12 and C21 together.
    """
    fields = model.adjoints(np.eye(len(model.target)))
    return np.array([-model.stiffness_product(field, displacement) for field in fields])
