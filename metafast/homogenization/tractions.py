"""Boundary tractions of periodic cells under the three unit strains (section 5.1, Eq. 17)."""

from __future__ import annotations

from typing import Any

import numpy as np

from metafast._base.checks import (
    require_cells,
    require_progress,
    require_threads,
)
from metafast._base.progress import Progress, silent
from metafast._base.typing import FloatArray
from metafast.homogenization.elimination.numbering import Kind
from metafast.homogenization.engine import solve_pixels
from metafast.homogenization.input import require_sides
from metafast.homogenization.parts import parts
from metafast.material import Material
from metafast.phases import LEAST_VOID_FIELDS, Phases, require_phases

SIDES = ("left", "right", "bottom", "top")


def boundary_tractions(
    cells: Any,
    phases: Phases | Material | None = None,
    *,
    threads: int | None = None,
    progress: Progress = silent,
) -> FloatArray:
    """Tractions that periodic cells exert on their sides under the three unit strains.

    The traction at a boundary node is its nodal force per pixel width, with the outward normal:
    ``t = sigma . n``. Left and right (bottom and top) therefore cancel, and the mean over a side
    equals the homogenized stress: on the right side (C11, C13), on the top side (C13, C12) for the
    first unit strain. Where the tractions of two neighbours differ, they do not fit together
    mechanically (section 5.1, Eq. 17).

    Parameters
    ----------
    cells : (n, w, w) array, or (w, w) for one cell
        Binary square cells, row 0 at the top.
    phases, threads
        As in `homogenize`, but void at least 1e-10.
    progress : callable, optional
        Called as ``progress("tractions", cells done, cells in all)``.

    Returns
    -------
    (n, 4, 3, w, 2) array
        Side (left, right, bottom, top), unit strain (11, 22, 12), position, component (x, y).
        Position i is the node at the upper corner of pixel i (left, right sides, from the top) or
        at the left corner of pixel i (bottom, top); node w is node 0 of the next cell.

    Raises
    ------
    ValueError
        If the cells are not square binary pixels or an option is out of range.
    MemoryError
        If not even one group of cells fits into memory.
    """
    require_progress(progress)
    phases = require_phases(phases, LEAST_VOID_FIELDS)
    cells = require_cells(cells, square=True)
    require_sides("cells", *cells.shape[1:])
    threads = require_threads(threads)
    width = cells.shape[1]
    result, done = np.empty((len(cells), 4, 3, width, 2)), 0
    for part in parts(cells, threads):
        for batch, fields in solve_pixels(part.pixels, part.kind, 1, phases, threads, "forces"):
            rows = part.rows[batch]
            result[rows, 0] = _whole_side(fields.left, False, part.kind)
            result[rows, 3] = _whole_side(fields.top, True, part.kind)
            progress("tractions", done + batch.stop, len(cells))
        done += len(part.rows)
    result[:, 1], result[:, 2] = -result[:, 0], -result[:, 3]
    return result


def _whole_side(forces: FloatArray, along_x: bool, kind: Kind) -> FloatArray:
    """Tractions (n, 3, w, 2) of a whole side from the nodal forces (n, nodes, 2, 3) of a part.

    The mirror flips the component along the side under normal strains, the one across it under
    shear.
    """
    forces = forces.transpose(0, 3, 1, 2)
    if kind == "periodic":
        result = forces[:, :, :-1].copy()
        result[:, :, 0] += forces[:, :, -1]
        return np.asarray(result)
    half = forces.shape[2] - 1
    sign = np.ones((3, 1, 2))
    along = 0 if along_x else 1
    sign[:2, :, along], sign[2, :, 1 - along] = -1.0, -1.0
    result = np.zeros((len(forces), 3, 2 * half, 2))
    result[:, :, : half + 1] += forces
    result[:, :, (-np.arange(half + 1)) % (2 * half)] += sign * forces
    return result
