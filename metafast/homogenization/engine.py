"""Batched runs of the compiled kernels: plans, tables and buffers in, arrays by cell out.

The package has two multifrontal factorisations, and they share nothing but the idea. Here all cells
of a size have one sparsity pattern: one plan serves all, every cell takes one lane of a vector
through the same fronts, threads work on different groups of cells, and no factor outlives its
group; for the stiffness alone none is stored. An assembled body (`metafast.structure`, in C++) is
one matrix with a pattern of its own: its nested dissection follows the solid, many threads share
the work on its fronts, and its factor is kept for many right-hand sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from metafast._base.jit import numba_threads
from metafast._base.typing import ByteArray, FloatArray
from metafast.homogenization.batches import affordable_workers, batches, refined
from metafast.homogenization.elimination.fronts import Lookup
from metafast.homogenization.elimination.leaves import LOWER, class_matrices
from metafast.homogenization.elimination.numbering import Kind
from metafast.homogenization.elimination.plan import Plan, elimination_plan
from metafast.homogenization.kernels.backward import FieldArrays, Mesh, solve_fields, work_vectors
from metafast.homogenization.kernels.forward import (
    Elimination,
    effective_stiffness,
    eliminate_address,
)
from metafast.homogenization.kernels.leaf_tables import pattern_tables
from metafast.homogenization.lanes import aligned_empty
from metafast.phases import Phases

Quantity = Literal["displacements", "forces", "energies"]


class Fields(NamedTuple):
    """Results for cells of rows x cols elements under the three unit strains.

    Attributes
    ----------
    stiffness : (n, 3, 3)
    displacements : (n, 3, rows + 1, cols + 1, 2)
        Total, in elements; like the next two empty unless it is the quantity asked for.
    left, top : (n, rows + 1 or cols + 1, 2, 3)
        Nodal forces of the elements along these sides.
    energies : (n, phases, 6, rows, cols)
        ``u_k^T k u_l`` of each element for 11, 22, 12, 11-22, 11-12, 22-12.
    """

    stiffness: FloatArray
    displacements: FloatArray
    left: FloatArray
    top: FloatArray
    energies: FloatArray


class _Setup(NamedTuple):
    """Everything that the cells of one size and kind have in common.

    `table` holds the complements of the leaves that are looked up, `matrices` (phases, 8, 8) the
    element stiffness that densities multiply in the others.
    """

    plan: Plan
    kind: Kind
    table: FloatArray
    matrices: FloatArray


def stiffness(
    pixels: ByteArray, kind: Kind, refine: int, phases: Phases, threads: int,
    done: Callable[[int], None] | None = None,
) -> FloatArray:  # fmt: skip
    """Homogenized stiffness (n, 3, 3) of binary pixels (n, rows, cols), cells or quarters of cells.

    Each pixel is split into refine x refine elements; `done` is called after every batch with the
    number of cells that are finished.
    """
    shape = pixels.shape[1] * refine, pixels.shape[2] * refine
    plan = elimination_plan(*shape, kind, "all")
    table = _leaf_table(*shape, kind, "all", phases)
    elimination = Elimination(table, np.empty((0, 0)), plan.zeros, False, eliminate_address())
    result = np.zeros((len(pixels), 3, 3))
    workers = affordable_workers(threads, len(pixels), plan.pool_size + plan.panel_size)
    pools = aligned_empty(workers, plan.pool_size)
    panels = aligned_empty(workers, plan.panel_size)
    for batch in batches(len(pixels), plan, workers):
        elements = refined(pixels[batch], refine)
        with numba_threads(workers):
            effective_stiffness(elements, plan.tables, elimination, pools, panels, result[batch])
        if done is not None:
            done(batch.stop)
    return _scaled(result, plan)


def solve_pixels(
    pixels: ByteArray, kind: Kind, refine: int, phases: Phases, threads: int, quantity: Quantity
) -> Iterator[tuple[slice, Fields]]:
    """Solve binary pixels (n, rows, cols), refine x refine elements each, batch by batch.

    For the side forces alone the leaves away from these sides are looked up.
    """
    lookup: Lookup = "inner" if quantity == "forces" else "none"
    shape = pixels.shape[1] * refine, pixels.shape[2] * refine
    setup = _Setup(
        elimination_plan(*shape, kind, lookup), kind, _leaf_table(*shape, kind, lookup, phases),
        phases.matrices,
    )  # fmt: skip

    def elements(batch: slice) -> tuple[ByteArray, FloatArray]:
        binary = refined(pixels[batch], refine)
        return binary, phases.shares(binary)

    yield from _solve(setup, len(pixels), elements, threads, quantity)


def solve_densities(
    densities: FloatArray, element: FloatArray, kind: Kind, threads: int, quantity: Quantity
) -> Iterator[tuple[slice, Fields]]:
    """Solve pixels (n, rows, cols) of any density times the stiffness `element` (8, 8)."""
    plan = elimination_plan(densities.shape[1], densities.shape[2], kind, "none")

    def elements(batch: slice) -> tuple[ByteArray, FloatArray]:
        none = np.empty((batch.stop - batch.start, 0), dtype=np.uint8)
        return none, refined(densities[batch], 1)

    setup = _Setup(plan, kind, np.empty(0), element[None])
    yield from _solve(setup, len(densities), elements, threads, quantity)


def _solve(
    setup: _Setup, cells: int, elements: Callable[[slice], tuple[ByteArray, FloatArray]],
    threads: int, quantity: Quantity,
) -> Iterator[tuple[slice, Fields]]:  # fmt: skip
    """Run `solve_fields` batch by batch; `elements` gives the pixels and the densities of one."""
    plan, kind, table, matrices = setup
    rows, cols = plan.shape
    phases = len(matrices)
    ke = np.stack([class_matrices(k, kind == "periodic") for k in matrices])
    entries = np.ascontiguousarray(ke[:, :, LOWER[0], LOWER[1]].reshape(phases, -1))
    elimination = Elimination(table, entries, plan.zeros, True, eliminate_address())
    mesh = Mesh(
        rows, cols, plan.unknowns, plan.node_unknowns.ravel(), plan.seam.reshape(-1, 3),
        plan.lengths, plan.largest_front,
    )  # fmt: skip
    sizes = (plan.pool_size, plan.panels_size, work_vectors(mesh, phases))
    workers = affordable_workers(threads, cells, sum(sizes))
    buffers = tuple(aligned_empty(workers, size) for size in sizes)
    for batch in batches(cells, plan, workers):
        pixels, densities = elements(batch)
        arrays = _field_arrays(batch.stop - batch.start, rows, cols, phases, quantity)
        with numba_threads(workers):
            solve_fields(
                pixels, densities, matrices, plan.tables, elimination, mesh, buffers, arrays
            )
        forces = arrays.forces.reshape(-1, rows + cols + 2, 2, 3)
        fields = Fields(
            _scaled(arrays.stiffness, plan),
            arrays.displacements.reshape(-1, 3, rows + 1, cols + 1, 2),
            forces[:, : rows + 1],
            forces[:, rows + 1 :],
            arrays.energies.reshape(-1, phases, 6, rows, cols),
        )
        yield batch, fields


def _field_arrays(cells: int, rows: int, cols: int, phases: int, quantity: Quantity) -> FieldArrays:
    """Room for the stiffness and the quantity asked for; the others have no rows."""

    def empty(name: Quantity, *shape: int) -> FloatArray:
        return np.empty((cells if quantity == name else 0, *shape))

    return FieldArrays(
        np.zeros((cells, 3, 3)),
        empty("displacements", 6 * (rows + 1) * (cols + 1)),
        empty("forces", 6 * (rows + cols + 2)),
        empty("energies", phases, 6 * rows * cols),
    )


@lru_cache(maxsize=8)
def _leaf_table(rows: int, cols: int, kind: Kind, lookup: Lookup, phases: Phases) -> FloatArray:
    """Complements of the plan's looked-up leaves for these phases; empty if it has none."""
    plan = elimination_plan(rows, cols, kind, lookup)
    if not plan.leaf_kinds:
        return np.empty(0)
    solid, void = (class_matrices(k, kind == "periodic") for k in phases.stiffness)
    return pattern_tables(plan.leaf_kinds, solid, void)


def _scaled(jumps: FloatArray, plan: Plan) -> FloatArray:
    """Homogenized stiffness from the stiffness of the jumps, in place."""
    if not np.isfinite(jumps).all():
        raise ValueError(
            "a cell is singular in float64: parts of one material float in another that is too "
            "soft; raise the stiffness of void or choose materials that differ less"
        )
    rows, cols = plan.shape
    jumps *= np.outer(plan.lengths, plan.lengths) / (rows * cols)
    return jumps
