"""Filter of cells by side contact, stiffness and mesh error."""

from __future__ import annotations

import numpy as np

from metafast._base.progress import Progress, silent
from metafast._base.typing import BoolArray
from metafast.database import CellDatabase, mesh_errors

LEAST_SIDE_SOLID = 0.5  # default for designs from a database


def buildable_cells(
    database: CellDatabase,
    least_side_solid: float,
    least_stiffness: float,
    largest_mesh_error: float | None = None,
    *,
    threads: int | None = None,
    progress: Progress = silent,
) -> BoolArray:
    """Find cells with enough side contact and stiffness to build with, known well enough.

    Sides need solid for neighbours to join, cells need some stiffness for their periodic stiffness
    to hold in a structure, and a structure is known no better than its cells.

    Parameters
    ----------
    database : CellDatabase
    least_side_solid : float
        Least solid fraction of each side of a cell.
    least_stiffness : float
        Least C11, C22 and 5 C33, relative to E.
    largest_mesh_error : float, optional
        Largest share by which one element per pixel may overstate their stiffness
        (`metafast.database.mesh_errors`); any by default.
    threads : int, optional
        CPU threads; all available by default.
    progress : callable, optional
        Called as ``progress("mesh errors", done, total)`` where they are not known.

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
    if largest_mesh_error is not None:
        rows = np.flatnonzero(buildable)
        errors = mesh_errors(database, rows, threads=threads, progress=progress)
        buildable[rows] = errors <= largest_mesh_error
        if not buildable.any():
            raise ValueError(
                f"one element per pixel overstates the stiffness of every such cell by more than "
                f"{largest_mesh_error:g}, at least {errors.min():.3f}; raise mesh_error"
            )
    return np.asarray(buildable)
