"""Cells that are fit to be built with."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import BoolArray
from metafast.database import CellDatabase


def eligible_cells(
    database: CellDatabase, least_side_solid: float, least_stiffness: float
) -> BoolArray:
    """Cells (n,) with sides solid enough to join, and stiff enough to be what they seem.

    Parameters
    ----------
    database : CellDatabase
    least_side_solid : float
        Least solid share of each of a cell's sides.
    least_stiffness : float
        Least C11, C22 and five times C33, relative to E.

    Raises
    ------
    ValueError
        If no cell is left.
    """
    solid = database.side_solid() >= least_side_solid
    if not solid.any():
        raise ValueError(
            f"no cell has sides of at least {least_side_solid:g} solid; lower least_side_solid"
        )
    moduli = database.properties[:, [0, 2, 3]] * (1.0, 1.0, 5.0)
    solid &= moduli.min(axis=1) >= least_stiffness * database.phases.solid.young
    if not solid.any():
        raise ValueError(
            f"no cell with such sides has C11, C22 and 5 C33 of at least {least_stiffness:g} E; "
            "lower least_stiffness"
        )
    return np.asarray(solid)
