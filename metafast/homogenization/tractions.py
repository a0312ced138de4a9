"""Boundary tractions of periodic cells, by back-substitution (section 5.1, Eq. 17)."""

from __future__ import annotations

from typing import Any

import numpy as np

from metafast import q4
from metafast._checks import require_cells, require_threads
from metafast._jit import numba_threads
from metafast._typing import FloatArray, IntArray
from metafast.homogenization.fields import displacement_fields
from metafast.homogenization.plan import Plan, System, elimination_plan
from metafast.homogenization.systems import (
    checked_input,
    density_batches,
    element_matrix,
    solved_blocks,
)
from metafast.material import Material

SIDES = ("left", "right", "bottom", "top")
_BATCH = 600_000  # pixels: a displacement field takes 120 kB per whole 50x50 cell


def boundary_tractions(
    cells: Any,
    material: Material | None = None,
    *,
    void_stiffness: float = 1e-9,
    threads: int | None = None,
) -> FloatArray:
    """Tractions that periodic cells exert on their sides under the three unit strains.

    The traction at a boundary node is its nodal force per pixel width, with the outward normal:
    ``t = sigma . n``. Left and right (bottom and top) therefore cancel, and the mean over a side
    equals the homogenized stress: on the right side (C11, C13), on the top side (C13, C22) for the
    first unit strain. They measure the mechanical mismatch of neighbours (section 5.1, Eq. 17).

    Parameters
    ----------
    cells : (n, w, w) array, or (w, w) for one cell
        Binary square cells, row 0 at the top.
    material, void_stiffness, threads
        As in `homogenize`.

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
    """
    cells, material, void_stiffness = checked_input(cells, material, void_stiffness)
    cells = require_cells(cells, square=True)
    threads = require_threads(threads)
    width = cells.shape[1]
    if width < 2:
        raise ValueError("cells are 1x1 pixels; tractions need at least 2x2")
    result = np.zeros((len(cells), 4, 3, width, 2))
    ke = element_matrix(material)
    for members, system, block in solved_blocks(cells):
        plan = elimination_plan(*block, system)
        strains = np.array(plan.strains)[None]
        for part, density in density_batches(cells, members, block, void_stiffness, _BATCH):
            fields = np.empty((len(density), len(plan.strains), plan.unknowns))
            with numba_threads(threads) as workers:
                displacement_fields(
                    density, ke, plan.tables, plan.schur_size, plan.front_size, workers, fields
                )
            left, top = _side_forces(fields, density, material, plan, block, system)
            rows = members[part][:, None]
            result[rows, 0, strains], result[rows, 3, strains] = left, top
    result[:, 1], result[:, 2] = -result[:, 0], -result[:, 3]
    return result


def _side_forces(
    fields: FloatArray,
    density: FloatArray,
    material: Material,
    plan: Plan,
    block: tuple[int, int],
    system: System,
) -> tuple[FloatArray, FloatArray]:
    """Nodal forces (n, strains, w, 2) of the left and the top side of the whole cell."""
    rows, cols = block
    c = material.stiffness
    k, f = q4.stiffness(c), q4.load(c)[:, list(plan.strains)].T
    padded = np.concatenate([fields, np.zeros_like(fields[..., :1])], axis=2)

    def forces(elements: IntArray, nodes: tuple[int, int]) -> list[FloatArray]:
        u = padded[:, :, plan.element_dofs[elements]]
        force = (u @ k + f[:, None, :]) * density[:, None, elements, None]
        return [force[..., 2 * node : 2 * node + 2] for node in nodes]

    result = []
    left = forces(np.arange(rows) * cols, (3, 0))  # upper, lower node of the left column
    top = forces(np.arange(cols), (3, 2))  # left, right node of the top row
    for axis, (first, second) in enumerate((left, top)):
        n, s, length, _ = first.shape
        if system == "periodic":
            result.append(first + np.roll(second, 1, axis=2))
            continue
        # nodes 0..length of the quarter's side, then their mirror images; the mirror flips the
        # component across the mirrored axis under normal strains and the other one under shear
        half = np.zeros((n, s, length + 1, 2))
        half[:, :, :-1] += first
        half[:, :, 1:] += second
        sign = np.ones(2)
        sign[(1 - axis) if system == "normal" else axis] = -1.0
        whole = np.zeros((n, s, 2 * length, 2))
        whole[:, :, : length + 1] += half
        whole[:, :, (-np.arange(length + 1)) % (2 * length)] += sign * half
        result.append(whole)
    return result[0], result[1]
