"""Growth of a database by perturbing extreme and sparse cells (section 3.2, Fig. 4)."""

from __future__ import annotations

import os
import warnings
from typing import Any

from metafast._base.checks import (
    changed_options,
    require_count,
    require_progress,
)
from metafast._base.files import require_path
from metafast._base.progress import Progress, silent
from metafast.database.growing.options import GrowthOptions
from metafast.database.growing.rounds import Growth
from metafast.database.store import CellDatabase
from metafast.material import Material
from metafast.phases import LEAST_VOID_FIELDS, Phases, require_void


def build_database(
    size: int = 250_000,
    *,
    phases: Phases | Material | None = None,
    options: GrowthOptions | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    client: Any = None,
    progress: Progress = silent,
    **changes: Any,
) -> CellDatabase:
    """Grow a database of mirror-symmetric cells from inverse-homogenized seeds.

    Extreme and sparse cells are drawn, perturbed smoothly, repaired, homogenized and kept where
    the property space is not yet crowded; each brings its transpose, with C11 and C22 swapped.

    Parameters
    ----------
    size : int
        Number of cells.
    phases : Phases or Material, optional
        Solid and void; E = 1, nu = 0.49, plane stress and void at 1e-9 by default.
    options : GrowthOptions, optional
        Number of seeds, rounds, random seed, pixels and manufacturing limits.
    checkpoint : path, optional
        File that keeps the state every few rounds. If it exists, growth continues from it.
    threads : int, optional
        CPU threads; all available by default, or 1 per task with a `client`.
    client : dask.distributed.Client, optional
        Spread seeds and children over the workers of a cluster (extra ``cluster``). The death of
        a worker changes nothing.
    progress : callable, optional
        Called as ``progress(stage, done, total, note)``; while cells grow, the note gives the
        number of voxels of 0.03 E in (C11, C12, C22) that hold a cell.
    **changes
        Fields of `GrowthOptions` that differ from `options`, for instance ``seed=1``.

    Returns
    -------
    CellDatabase

    Raises
    ------
    ValueError
        If an option is out of range or the checkpoint belongs to another build.
    """
    require_progress(progress, noted=True)
    path = None if checkpoint is None else require_path(checkpoint, "checkpoint")
    growth = Growth(
        require_count("size", size, 2),
        changed_options("build_database", GrowthOptions() if options is None else options, changes),
        require_void(phases, LEAST_VOID_FIELDS),
        threads=1 if client is not None and threads is None else threads,
        client=client,
        progress=progress,
    )
    growth.run(path)
    if growth.population.size < size:
        warnings.warn(
            f"growth stopped at {growth.population.size} of {size} cells: the property space is as "
            "full as one cell per voxel allows; ask for fewer cells",
            RuntimeWarning,
            stacklevel=2,
        )
    return growth.database()
