"""Feasibility constraint: all cells inside the property space (section 5.1, Eqs. 11 and 12).

The paper's ``sum_e S(-phi_e) <= 1`` with ``S(x) = (tanh(beta x) + 1)/2`` is flat far outside the
space and would trap an iterate there. Since ``S(x) <= softplus(2 beta x)``, the constraint used
here, ``sum_e softplus(-2 beta phi_e) <= 1``, implies the paper's and has a slope everywhere.
"""

from __future__ import annotations

import numpy as np

from metafast._base.typing import FloatArray
from metafast.properties import PropertySpace


def feasibility_constraint(
    space: PropertySpace, unit: FloatArray, beta: float
) -> tuple[float, FloatArray, FloatArray]:
    """``sum_e softplus(-2 beta phi_e) - 1`` with its derivatives by the unit coordinates.

    Parameters
    ----------
    space : PropertySpace
    unit : (cells, 4) array
        Unit coordinates of the cells' properties.
    beta : float
        Steepness.

    Returns
    -------
    value : float
        Feasible if not positive.
    gradient : (cells, 4) array
    distance : (cells,) array
        Signed distances phi, positive inside the space.
    """
    distance, slope = space.signed_distance_at(unit)
    z = -2.0 * beta * distance
    weight = 0.5 * (1.0 + np.tanh(0.5 * z))
    value = float(np.logaddexp(0.0, z).sum()) - 1.0
    return value, (-2.0 * beta * weight)[:, None] * slope, distance


def paper_constraint(distance: FloatArray, beta: float) -> float:
    """The paper's ``sum_e S(-phi_e) - 1`` (Eqs. 11, 12 times the number of cells)."""
    return float((0.5 * (np.tanh(-beta * distance) + 1.0)).sum()) - 1.0
