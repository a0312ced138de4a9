"""Displacements, side forces and energies of a group of cells, by back-substitution (section 3.2).

With L the factor of a front's pivots x1 and x2 its border, ``x1 = -L11^-T (L21^T x2)``. The jumps
are part of x2: under unit strain s its own jump is ``lengths[s]`` and the others are 0.

Legend (addresses of vectors, see `lanes`)
    x       (unknowns + 3, 3)      unknown, strain; prescribed ones stay zero
    u       (nodes, 2, 3)          total displacement: corner of a pixel, component, strain
    local   (size, 3)              x of one front in its own order
    panels  factors that `kernels.forward` kept, one front after the other
    rho     (phases, elements)     share of each material in each element
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import prange

from metafast._base.jit import jit
from metafast._base.typing import FloatArray, IntArray
from metafast.homogenization.elimination import fronts, numbering
from metafast.homogenization.elimination import tables as column
from metafast.homogenization.kernels.element_sums import energies, side_forces
from metafast.homogenization.kernels.forward import forward, take_results
from metafast.homogenization.kernels.transpose import (
    gather_lanes,
    gather_pixels,
    scatter_lanes,
    scatter_strains,
)
from metafast.homogenization.lanes import (
    LANES,
    add,
    address,
    broadcast,
    fma,
    load,
    mul,
    store,
)


@jit()
def _solve_last(panel, local, pivots, size, q):
    """x of pivot q from all rows below it."""
    a, b, c = broadcast(0.0), broadcast(0.0), broadcast(0.0)
    for i in range(q + 1, size):
        factor = load(panel, i * pivots + q)
        a = fma(factor, load(local, 3 * i), a)
        b = fma(factor, load(local, 3 * i + 1), b)
        c = fma(factor, load(local, 3 * i + 2), c)
    inverse = mul(load(panel, q * pivots + q), broadcast(-1.0))
    store(local, 3 * q, mul(a, inverse))
    store(local, 3 * q + 1, mul(b, inverse))
    store(local, 3 * q + 2, mul(c, inverse))


@jit()
def _solve_pair(panel, local, pivots, size, q):
    """x of pivots q and q + 1 in one pass over the rows below them."""
    a, b, c = broadcast(0.0), broadcast(0.0), broadcast(0.0)
    d, e, f = broadcast(0.0), broadcast(0.0), broadcast(0.0)
    for i in range(q + 2, size):
        x, y, z = load(local, 3 * i), load(local, 3 * i + 1), load(local, 3 * i + 2)
        factor = load(panel, i * pivots + q)
        a, b, c = fma(factor, x, a), fma(factor, y, b), fma(factor, z, c)
        factor = load(panel, i * pivots + q + 1)
        d, e, f = fma(factor, x, d), fma(factor, y, e), fma(factor, z, f)
    row = (q + 1) * pivots + q
    inverse = mul(load(panel, row + 1), broadcast(-1.0))
    d, e, f = mul(d, inverse), mul(e, inverse), mul(f, inverse)
    factor, inverse = load(panel, row), mul(load(panel, q * pivots + q), broadcast(-1.0))
    a, b, c = fma(factor, d, a), fma(factor, e, b), fma(factor, f, c)
    store(local, 3 * q, mul(a, inverse))
    store(local, 3 * q + 1, mul(b, inverse))
    store(local, 3 * q + 2, mul(c, inverse))
    store(local, 3 * q + 3, d)
    store(local, 3 * q + 4, e)
    store(local, 3 * q + 5, f)


@jit()
def back_substitute(panels, x, local, tables, unknowns, lengths):
    """Displacements of the group outside looked-up leaves, from the last front to the first."""
    zero = broadcast(0.0)
    for s in range(3):
        for t in range(3):
            store(x, 3 * (unknowns + s) + t, broadcast(lengths[s]) if s == t else zero)
    records, variables = tables.fronts, tables.variables
    for f in range(records.shape[0] - 1, -1, -1):
        if records[f, column.KIND] == fronts.TABLE:
            continue
        pivots, size = records[f, column.PIVOTS], records[f, column.SIZE]
        system = records[f, column.SYSTEM]
        panel = panels + 8 * LANES * records[f, column.PANEL]
        first = records[f, column.MAPS]
        for i in range(pivots, size):
            for s in range(3):
                store(local, 3 * i + s, load(x, 3 * variables[first + i] + s))
        if pivots % 2:
            _solve_last(panel, local, pivots, size, pivots - 1)
        for q in range(pivots - 2 - pivots % 2, -1, -2):
            _solve_pair(panel, local, pivots, size, q)
        for q in range(pivots):
            place = 3 * variables[first + q]
            if system in (numbering.NORMAL, numbering.ALL):
                store(x, place, load(local, 3 * q))
                store(x, place + 1, load(local, 3 * q + 1))
            if system in (numbering.SHEAR, numbering.ALL):
                store(x, place + 2, load(local, 3 * q + 2))


@jit()
def nodal_displacements(x, u, node_unknowns, seam, lengths):
    """Total displacements at the corners of all pixels, jumps of the seam included."""
    for k in range(len(node_unknowns)):
        for s in range(3):
            jump = broadcast(seam[k, s] * lengths[s])
            store(u, 3 * k + s, add(load(x, 3 * node_unknowns[k] + s), jump))


class Mesh(NamedTuple):
    """Part of a `plan.Plan` that the displacements need; corners and seam are flattened.

    `largest` is the number of rows of the largest front.
    """

    rows: int
    cols: int
    unknowns: int
    node_unknowns: IntArray
    seam: FloatArray
    lengths: FloatArray
    largest: int


class FieldArrays(NamedTuple):
    """Results of `solve_fields`, a row for each cell; a quantity not asked for has no rows.

    Attributes
    ----------
    stiffness : (cells, 3, 3)
        Stiffness of the jumps, not yet the homogenized one.
    displacements : (cells, 3 * corners * 2)
    forces : (cells, (rows + cols + 2) * 2 * 3)
    energies : (cells, phases, 6 * elements)
    """

    stiffness: FloatArray
    displacements: FloatArray
    forces: FloatArray
    energies: FloatArray


def work_vectors(mesh: Mesh, phases: int) -> int:
    """Vectors that one worker of `solve_fields` needs in addition to pool and panels."""
    elements, corners = mesh.rows * mesh.cols, len(mesh.node_unknowns)
    return (
        3 * (mesh.unknowns + 3) + 3 * corners + 3 * mesh.largest + phases * elements
        + 6 * (mesh.rows + mesh.cols + 2) + 6 * elements + 48
    )  # fmt: skip


@jit(parallel=True)
def solve_fields(pixels, densities, stiffness, tables, elimination, mesh, buffers, results):
    """Eliminate, substitute back, and fill the arrays of `results` that have rows.

    `pixels` (cells, elements) uint8 serve leaves that are looked up, and have no column where there
    are none; `densities` (cells, phases * elements); `stiffness` (phases, 8, 8); `buffers` (pools,
    panels, works) with a row for each worker.
    """
    pools, panels, works = buffers
    workers, vector = pools.shape[0], 8 * LANES
    groups = -(-densities.shape[0] // LANES)
    elements = mesh.rows * mesh.cols
    for worker in prange(workers):
        corners, rows = np.empty(8, dtype=np.int64), np.empty(LANES, dtype=np.int64)
        pool, panel, x = address(pools[worker]), address(panels[worker]), address(works[worker])
        u = x + vector * 3 * (mesh.unknowns + 3)
        local = u + vector * 3 * len(mesh.node_unknowns)
        rho = local + vector * 3 * mesh.largest
        forces = rho + vector * densities.shape[1]
        energy = forces + vector * 6 * (mesh.rows + mesh.cols + 2)
        scratch = energy + vector * 6 * elements
        solid = np.empty((pixels.shape[1], LANES // 4), dtype=np.int64)
        for k in range(elimination.zeros):
            store(pool, k, broadcast(0.0))
        for k in range(3 * mesh.unknowns):
            store(x, k, broadcast(0.0))
        for group in range(worker, groups, workers):
            gather_lanes(densities, group, works[worker, (rho - x) // 8 :])
            gather_pixels(pixels, group, solid)
            forward(pool, panel, rho, elements, solid, tables, elimination, rows)
            take_results(pools[worker], tables, group, results.stiffness)
            back_substitute(panel, x, local, tables, mesh.unknowns, mesh.lengths)
            nodal_displacements(x, u, mesh.node_unknowns, mesh.seam, mesh.lengths)
            if results.displacements.shape[0]:
                count = len(mesh.node_unknowns)
                scatter_strains(works[worker, (u - x) // 8 :], count, group, results.displacements)
            if results.forces.shape[0]:
                side_forces(u, rho, stiffness, mesh.rows, mesh.cols, corners, forces)
                count = 6 * (mesh.rows + mesh.cols + 2)
                scatter_lanes(works[worker, (forces - x) // 8 :], count, group, results.forces)
            if results.energies.shape[0]:
                for phase in range(stiffness.shape[0]):
                    energies(u, stiffness[phase], mesh.rows, mesh.cols, corners, scratch, energy)
                    scatter_lanes(
                        works[worker, (energy - x) // 8 :],
                        6 * elements,
                        group,
                        results.energies[:, phase],
                    )
