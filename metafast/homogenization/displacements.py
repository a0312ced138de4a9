"""Displacements of periodic cells under the three unit strains (section 3.2)."""

from __future__ import annotations

from typing import Any

import numpy as np

from metafast._base.checks import (
    require_cells,
    require_progress,
    require_threads,
)
from metafast._base.jit import numba_threads
from metafast._base.progress import Progress, silent
from metafast._base.typing import FloatArray
from metafast.homogenization.engine import solve_pixels
from metafast.homogenization.input import require_refine
from metafast.homogenization.mirror import unfold_displacements
from metafast.homogenization.parts import double_thin_cells, parts
from metafast.material import Material
from metafast.phases import LEAST_VOID_FIELDS, Phases, require_phases


def displacement_fields(
    cells: Any,
    phases: Phases | Material | None = None,
    *,
    refine: int = 1,
    threads: int | None = None,
    progress: Progress = silent,
) -> FloatArray:
    """Displacements at the corners of all pixels under the three unit strains.

    They are total: the upper left corner of the cell stays in place, and opposite sides differ by
    the displacement that the strain asks for, e11 to the right, e22 upward, and g12 as
    ``u_x = g12 y``.

    Parameters
    ----------
    cells : (n, h, w) array, or (h, w) for one cell
        Binary pixels, 1 = solid, row 0 at the top.
    phases : Phases or Material, optional
        As in `homogenize`, but void at least 1e-10: solid parts that float in void are placed only
        as well as rounding over the stiffness of void allows, 2e-6 cell widths at 1e-9.
    refine, threads
        As in `homogenize`.
    progress : callable, optional
        Called as ``progress("displacements", cells done, cells in all)``.

    Returns
    -------
    (n, 3, h*refine + 1, w*refine + 1, 2) array
        Unit strain (11, 22, 12), corner from the upper left, component (x, y); in cell widths.

    Raises
    ------
    ValueError
        If the cells are not a batch of binary pixels or an option is out of range.
    MemoryError
        If not even one group of cells fits into memory.
    """
    require_progress(progress)
    phases = require_phases(phases, LEAST_VOID_FIELDS)
    cells = require_cells(cells)
    refine = require_refine(cells.shape, refine)
    rows, cols = cells.shape[1] * refine, cells.shape[2] * refine
    cells = double_thin_cells(cells)
    threads = require_threads(threads)
    n, h, w = len(cells), cells.shape[1] * refine, cells.shape[2] * refine
    result, done = np.empty((n, 3, h + 1, w + 1, 2)), 0
    for part in parts(cells, threads):
        solved = solve_pixels(part.pixels, part.kind, refine, phases, threads, "displacements")
        for batch, fields in solved:
            with numba_threads(threads):
                unfold_displacements(fields.displacements, part.rows[batch], 1.0 / cols, result)
            progress("displacements", done + batch.stop, n)
        done += len(part.rows)
    # of doubled thin cells only the first period is returned
    return np.ascontiguousarray(result[:, :, : rows + 1, : cols + 1])
