"""Runs the kernels over batches: plans, tables and buffers go in, arrays by cell come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from metafast._base.jit import numba_threads, usable_threads
from metafast._base.memory import available_memory
from metafast._base.typing import AnyArray, ByteArray, FloatArray
from metafast.homogenization.elimination.fronts import Lookup
from metafast.homogenization.elimination.leaves import LOWER, class_matrices
from metafast.homogenization.elimination.numbering import Kind
from metafast.homogenization.elimination.plan import SIZE, Plan, elimination_plan
from metafast.homogenization.kernels.backward import Mesh, Wanted, solve_fields, work_vectors
from metafast.homogenization.kernels.forward import effective_stiffness
from metafast.homogenization.kernels.leaf_tables import pattern_tables
from metafast.homogenization.lanes import LANES, aligned_empty
from metafast.phases import Phases

_BATCH_WORK = 7.5e9  # multiplications between two looks for Ctrl-C, half a second
_ALWAYS_TRIED = 2**28  # bytes below which free memory is not believed to be the limit


def _parts(cells: int, plan: Plan, workers: int) -> Iterator[slice]:
    """Batches that all workers share evenly; Ctrl-C is looked for between them."""
    groups = max(1, int(_BATCH_WORK / (plan.multiplications + 1) / LANES / workers))
    step = groups * LANES * workers
    for start in range(0, cells, step):
        yield slice(start, min(start + step, cells))


def _affordable(threads: int, cells: int, vectors: int) -> int:
    """Workers that have a group each and whose buffers fit into memory."""
    workers = min(usable_threads(threads), -(-cells // LANES))
    free, needed = available_memory(), 8 * LANES * vectors
    if free is not None and needed > max(free, _ALWAYS_TRIED):
        raise MemoryError(
            f"one group of {LANES} cells needs {needed / 2**30:.1f} GiB, but {free / 2**30:.1f} "
            "GiB are free; use smaller cells or a smaller refine, or free memory"
        )
    return workers if free is None else max(1, min(workers, int(free // (needed + 1))))


def _scaled(stiffness: FloatArray, plan: Plan) -> FloatArray:
    """Homogenized stiffness from that of the jumps, in place."""
    if not np.isfinite(stiffness).all():
        raise ValueError(
            "a cell is singular in float64: parts of one material float in another that is too "
            "soft; raise the stiffness of void or choose materials that differ less"
        )
    rows, cols = plan.shape
    stiffness *= np.outer(plan.lengths, plan.lengths) / (rows * cols)
    return stiffness


@lru_cache(maxsize=8)
def _tables(rows: int, cols: int, kind: Kind, lookup: Lookup, phases: Phases) -> FloatArray:
    plan = elimination_plan(rows, cols, kind, lookup)
    if not plan.leaf_kinds:
        return np.empty(0)
    solid, void = (class_matrices(k, kind == "periodic") for k in phases.stiffness)
    return pattern_tables(plan.leaf_kinds, solid, void)


def effective(
    pixels: ByteArray, kind: Kind, refine: int, phases: Phases, threads: int,
    done: Callable[[int], None],
) -> FloatArray:  # fmt: skip
    """Homogenized stiffness (n, 3, 3) of blocks of binary pixels (n, rows, cols).

    Each pixel is split into refine x refine elements; `done` is told how many cells are finished
    after every batch.
    """
    block = pixels.shape[1] * refine, pixels.shape[2] * refine
    plan = elimination_plan(*block, kind, "all")
    table = _tables(*block, kind, "all", phases)
    result = np.zeros((len(pixels), 3, 3))
    workers = _affordable(threads, len(pixels), plan.pool_size + plan.panel_size)
    pools = aligned_empty(workers, plan.pool_size)
    panels = aligned_empty(workers, plan.panel_size)
    for part in _parts(len(pixels), plan, workers):
        elements = _elements(pixels[part], refine)
        with numba_threads(workers):
            effective_stiffness(
                elements, table, plan.tables, pools, panels, plan.zeros, result[part]
            )
        done(part.stop)
    return _scaled(result, plan)


Want = Literal["displacements", "forces", "energies"]


class Fields(NamedTuple):
    """Results for blocks of rows x cols pixels under the three unit strains.

    Attributes
    ----------
    stiffness : (n, 3, 3)
    displacements : (n, 3, rows + 1, cols + 1, 2)
        Total, in pixels; empty if not wanted, like the next two.
    left, top : (n, rows + 1 or cols + 1, 2, 3)
        Nodal forces of the pixels along these sides.
    energies : (n, phases, 6, rows, cols)
        ``u_k^T k u_l`` of each pixel for 11, 22, 12, 11-22, 11-12, 22-12.
    """

    stiffness: FloatArray
    displacements: FloatArray
    left: FloatArray
    top: FloatArray
    energies: FloatArray


def _elements(pixels: AnyArray, refine: int) -> AnyArray:
    """Elements (n, rows * refine * cols * refine) of pixels (n, rows, cols), a new array."""
    if refine > 1:
        pixels = pixels.repeat(refine, axis=1).repeat(refine, axis=2)
    return np.array(pixels.reshape(len(pixels), -1))


def solve_pixels(
    pixels: ByteArray, kind: Kind, refine: int, phases: Phases, threads: int, wanted: Want
) -> Iterator[tuple[slice, Fields]]:
    """Solve blocks of binary pixels (n, rows, cols), refine x refine elements each.

    For the side forces alone the inside of the block is looked up.
    """
    lookup: Lookup = "inner" if wanted == "forces" else "none"
    block = pixels.shape[1] * refine, pixels.shape[2] * refine
    table = _tables(*block, kind, lookup, phases)

    def elements(part: slice) -> tuple[ByteArray, FloatArray]:
        binary = _elements(pixels[part], refine)
        return binary, phases.shares(binary)

    yield from _solve(
        len(pixels), elements, table, phases.matrices, kind, block, threads, wanted, lookup
    )


def solve_densities(
    densities: FloatArray, stiffness: FloatArray, kind: Kind, threads: int, wanted: Want
) -> Iterator[tuple[slice, Fields]]:
    """Solve blocks of pixels (n, rows, cols) of any density times `stiffness` (8, 8)."""

    def elements(part: slice) -> tuple[ByteArray, FloatArray]:
        count = part.stop - part.start
        return np.empty((count, 0), dtype=np.uint8), _elements(densities[part], 1)

    block = densities.shape[1], densities.shape[2]
    yield from _solve(
        len(densities), elements, np.empty(0), stiffness[None], kind, block, threads, wanted,
        "none",
    )  # fmt: skip


def _solve(
    cells: int, elements: Callable[[slice], tuple[ByteArray, FloatArray]], table: FloatArray,
    stiffness: FloatArray, kind: Kind, block: tuple[int, int], threads: int, wanted: Want,
    lookup: Lookup,
) -> Iterator[tuple[slice, Fields]]:  # fmt: skip
    """Run `solve_fields` over batches; `elements` gives the pixels and densities of one."""
    rows, cols = block
    plan = elimination_plan(*block, kind, lookup)
    phases = len(stiffness)
    ke = np.stack([class_matrices(k, kind == "periodic") for k in stiffness])
    entries = np.ascontiguousarray(ke[:, :, LOWER[0], LOWER[1]].reshape(phases, -1))
    mesh = Mesh(
        rows, cols, plan.unknowns, plan.node_unknowns.ravel(), plan.seam.reshape(-1, 3),
        plan.lengths, int(plan.tables.fronts[:, SIZE].max()),
    )  # fmt: skip
    corners, sides = 6 * (rows + 1) * (cols + 1), 6 * (rows + cols + 2)
    sizes = (plan.pool_size, plan.panels_size, work_vectors(mesh, phases))
    workers = _affordable(threads, cells, sum(sizes))
    buffers = tuple(aligned_empty(workers, size) for size in sizes)
    for part in _parts(cells, plan, workers):
        n = part.stop - part.start
        pixels, densities = elements(part)
        results = Wanted(
            np.zeros((n, 3, 3)),
            np.empty((n if wanted == "displacements" else 0, corners)),
            np.empty((n if wanted == "forces" else 0, sides)),
            np.empty((n if wanted == "energies" else 0, phases, 6 * rows * cols)),
        )
        with numba_threads(workers):
            solve_fields(
                pixels, table, densities, entries, stiffness, plan.tables, mesh, buffers,
                plan.zeros, results,
            )  # fmt: skip
        forces = results.forces.reshape(-1, rows + cols + 2, 2, 3)
        fields = Fields(
            _scaled(results.stiffness, plan),
            results.displacements.reshape(-1, 3, rows + 1, cols + 1, 2),
            forces[:, : rows + 1],
            forces[:, rows + 1 :],
            results.energies.reshape(-1, phases, 6, rows, cols),
        )
        yield part, fields
