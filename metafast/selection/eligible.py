"""Filter of cells by side contact and minimum stiffness."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import BoolArray
from metafast.database import CellDatabase

LEAST_SIDE_SOLID = 0.5  # default for designs from a database


def buildable_cells(
    database: CellDatabase, least_side_solid: float, least_stiffness: float
) -> BoolArray:
    """Find cells with enough side contact and stiffness to build with.

    Sides need solid for neighbours to join, and cells need some stiffness for their periodic
    stiffness to hold in a structure.

    Parameters
    ----------
    database : CellDatabase
    least_side_solid : float
        Least solid fraction of each side of a cell.
    least_stiffness : float
        Least C11, C22 and 5 C33, relative to E.

    Returns
    -------
    (n,) bool array

    Raises
    ------
    ValueError
        If no cell is left.
    """
    buildable = database.side_solid() >= least_side_solid
    if not buildable.any():
        raise ValueError(
            f"no cell has sides of at least {least_side_solid:g} solid; lower least_side_solid"
        )
    moduli = database.properties[:, [0, 2, 3]] * (1.0, 1.0, 5.0)
    buildable &= moduli.min(axis=1) >= least_stiffness * database.phases.solid.young
    if not buildable.any():
        raise ValueError(
            f"no cell with such sides has C11, C22 and 5 C33 of at least {least_stiffness:g} E; "
            "lower least_stiffness"
        )
    return np.asarray(buildable)
