"""Effective stiffness and boundary tractions of batches of pixel cells (section 3.2).

One bilinear Q4 element per pixel, periodic boundary conditions, three unit strains. Cells that are
mirror-symmetric about both axes are solved on their upper left quarter, the others whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from metafast import q4
from metafast._checks import require_cells, require_count, require_number, require_threads
from metafast._jit import numba_threads
from metafast._typing import BoolArray, ByteArray, FloatArray, IntArray
from metafast.homogenization.plan import Plan, System, elimination_plan
from metafast.material import Material

SIDES = ("left", "right", "bottom", "top")
_BATCH = 2048  # cells between two looks at Ctrl-C; fields need 120 kB a cell, so fewer of them
_FIELD_BATCH = 256


def is_mirror_symmetric(cells: Any) -> BoolArray:
    """Whether each cell (n, h, w) is its own mirror image about both axes, shape (n,)."""
    cells = np.asarray(cells)
    vertical = (cells == cells[:, ::-1]).all((1, 2))
    return np.asarray(vertical & (cells == cells[:, :, ::-1]).all((1, 2)))


def homogenize(
    cells: Any,
    material: Material | None = None,
    *,
    void_stiffness: float = 1e-9,
    refine: int = 1,
    threads: int | None = None,
) -> FloatArray:
    """Effective stiffness of periodic cells.

    Parameters
    ----------
    cells : (n, h, w) array, or (h, w) for one cell
        Binary pixels, 1 = solid, row 0 at the top.
    material : Material, optional
        Base material of the solid; E = 1, nu = 0.49, plane stress by default.
    void_stiffness : float
        Young's modulus of void relative to the solid, in (0, 1].
    refine : int
        Elements per pixel side. One is stiff: C11 by 0.3-2 %, C33 by 1.4-9 %, against two.
    threads : int, optional
        Threads; all available by default. The result does not depend on it.

    Returns
    -------
    (n, 3, 3) array
        Stiffness in Voigt order (11, 22, 12) with engineering shear, in the units of E.

    Raises
    ------
    ValueError
        If the cells are not a batch of binary pixels or an option is out of range.
    """
    cells, material, void_stiffness = _checked(cells, material, void_stiffness)
    cells = _two_wide(_refined(cells, refine))
    threads = require_threads(threads)
    result = np.zeros((len(cells), 3, 3))
    for members, system, quarter in _groups(cells):
        plan = elimination_plan(*quarter, system)
        block = np.zeros((len(members), len(plan.strains), len(plan.strains)))
        for part, density in _batches(cells, members, quarter, void_stiffness, _BATCH):
            _run(_effective_kernel, density, material, plan, threads, block[part])
        strains = np.array(plan.strains)
        result[np.ix_(members, strains, strains)] = block / (quarter[0] * quarter[1])
    return result


def properties_of(stiffness: FloatArray) -> FloatArray:
    """Property vectors (n, 4) = (C11, C12, C22, C33) of stiffness matrices (n, 3, 3)."""
    c = np.asarray(stiffness)
    return np.stack([c[:, 0, 0], c[:, 0, 1], c[:, 1, 1], c[:, 2, 2]], axis=1)


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
    cells, material, void_stiffness = _checked(cells, material, void_stiffness)
    cells = require_cells(cells, square=True)
    threads = require_threads(threads)
    width = cells.shape[1]
    if width < 2:
        raise ValueError("cells are 1x1 pixels; tractions need at least 2x2")
    result = np.zeros((len(cells), 4, 3, width, 2))
    for members, system, quarter in _groups(cells):
        plan = elimination_plan(*quarter, system)
        for part, density in _batches(cells, members, quarter, void_stiffness, _FIELD_BATCH):
            fields = np.empty((len(density), len(plan.strains), plan.unknowns))
            _run(_field_kernel, density, material, plan, threads, fields)
            left, top = _side_forces(fields, density, material, plan, quarter, system)
            at = members[part][:, None], np.array(plan.strains)[None]
            result[(at[0], 0, at[1])] = left
            result[(at[0], 3, at[1])] = top
    result[:, 1], result[:, 2] = -result[:, 0], -result[:, 3]
    return result


def _checked(
    cells: Any, material: Material | None, void_stiffness: float
) -> tuple[ByteArray, Material, float]:
    if material is not None and not isinstance(material, Material):
        raise ValueError(f"material is {material!r}; a metafast.Material is needed")
    void = require_number("void_stiffness", void_stiffness, above=0.0, below=1.0 + 1e-12)
    return require_cells(cells), material or Material(), void


def _refined(cells: ByteArray, refine: int) -> ByteArray:
    refine = require_count("refine", refine)
    return cells.repeat(refine, axis=1).repeat(refine, axis=2) if refine > 1 else cells


def _two_wide(cells: ByteArray) -> ByteArray:
    """Two periods of cells one pixel wide, whose elements would meet themselves: the same C."""
    _, h, w = cells.shape
    return np.tile(cells, (1, 2 if h == 1 else 1, 2 if w == 1 else 1))


def _groups(cells: ByteArray) -> Iterator[tuple[IntArray, System, tuple[int, int]]]:
    """Members of each kind of cell with the systems that solve them and the solved block's size."""
    _, h, w = cells.shape
    symmetric = is_mirror_symmetric(cells)
    if h % 2 or w % 2:
        symmetric[:] = False
    quarters, whole = np.flatnonzero(symmetric), np.flatnonzero(~symmetric)
    if len(quarters):
        yield quarters, "normal", (h // 2, w // 2)
        yield quarters, "shear", (h // 2, w // 2)
    if len(whole):
        yield whole, "periodic", (h, w)


def _batches(
    cells: ByteArray, members: IntArray, block: tuple[int, int], void: float, size: int
) -> Iterator[tuple[slice, FloatArray]]:
    for start in range(0, len(members), size):
        part = slice(start, min(start + size, len(members)))
        pixels = cells[members[part], : block[0], : block[1]].reshape(-1, block[0] * block[1])
        yield part, np.where(pixels != 0, 1.0, void)


Kernel = Callable[[FloatArray, FloatArray, Plan, int, FloatArray], None]


def _run(
    kernel: Kernel,
    density: FloatArray,
    material: Material,
    plan: Plan,
    threads: int,
    out: FloatArray,
) -> None:
    c = material.stiffness
    full = np.block([[q4.stiffness(c), q4.load(c)], [q4.load(c).T, c]])
    with numba_threads(threads) as workers:
        kernel(density, full[np.tril_indices(11)], plan, workers, out)


def _index_tables(plan: Plan) -> tuple[IntArray, ...]:
    return (
        plan.pivots,
        plan.size,
        plan.variables,
        plan.variables_start,
        plan.elements,
        plan.destinations,
        plan.elements_start,
        plan.children,
        plan.maps,
        plan.maps_start,
        plan.schur_start,
    )


def _effective_kernel(
    density: FloatArray, ke: FloatArray, plan: Plan, workers: int, out: FloatArray
) -> None:
    from metafast.homogenization.kernels import effective_stiffness

    effective_stiffness(
        density, ke, _index_tables(plan), plan.boundary, plan.schur_size, plan.largest, workers, out
    )


def _field_kernel(
    density: FloatArray, ke: FloatArray, plan: Plan, workers: int, out: FloatArray
) -> None:
    from metafast.homogenization.fields import displacement_fields

    displacement_fields(
        density,
        ke,
        _index_tables(plan),
        plan.boundary,
        plan.schur_size,
        plan.front_start,
        plan.front_size,
        plan.unknowns,
        workers,
        out,
    )


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
