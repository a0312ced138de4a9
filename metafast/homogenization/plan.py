"""Static elimination plans: nested dissection of a pixel grid, the same for every cell.

All cells of one size share one sparsity pattern, so the order of elimination and every index is
found once. A plan is a postorder list of *fronts*, dense lower triangles of

    pivots (padded to 4) | boundary | unit strains (kept to the root) | padding to 4

A leaf front holds a small block of elements; every other front merges two children. The unknowns
of a block are eliminated in the smallest block that has all their elements. The unit strains ride
along as border rows with the element matrix ``rho * [[K, F], [F^T, C0]]``, so the Schur complement
that is left at the root is the homogenized stiffness times the area (section 3.2).

Node (i, j) is i pixels below the top and j pixels from the left; its unknowns are u_x, u_y.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from metafast._typing import IntArray
from metafast.q4 import NODE_OFFSETS

System = Literal["normal", "shear", "periodic"]

LANES = 8  # cells that are eliminated together
TILE = 4
ENTRIES = 66  # lower triangle of the 11x11 element matrix
_LEAF_ELEMENTS = 12
_STRAINS: dict[str, tuple[int, ...]] = {"normal": (0, 1), "shear": (2,), "periodic": (0, 1, 2)}


class Tables(NamedTuple):
    """Index tables that the kernels read: f fronts, offsets in groups of lanes.

    Attributes
    ----------
    pivots, size, boundary : (f,)
        Padded pivots, padded size and true boundary of each front.
    variables, variables_start : unknowns of each front by padded position, -1 for padding
    elements, destinations, elements_start : elements of each front and the offset in the front of
        each of their 66 entries, -1 where there is none
    children : (f, 2), -1 where absent
    maps, maps_start : parent's position of each boundary variable of a front
    schur_start : (f,) where the Schur complement (packed by rows) stands in the pool
    front_start : (f,) offset of each front when all are kept for back-substitution
    """

    pivots: IntArray
    size: IntArray
    boundary: IntArray
    variables: IntArray
    variables_start: IntArray
    elements: IntArray
    destinations: IntArray
    elements_start: IntArray
    children: IntArray
    maps: IntArray
    maps_start: IntArray
    schur_start: IntArray
    front_start: IntArray


@dataclass(frozen=True, eq=False)
class Plan:
    """One elimination.

    Attributes
    ----------
    strains : tuple of int
        Unit strains (0: 11, 1: 22, 2: 12) that the system carries.
    element_dofs : (elements, 8)
        Unknowns of each element, -1 where the displacement is prescribed to zero.
    unknowns : int
        Number of displacement unknowns; unit strain s is unknown ``unknowns + s``.
    tables : Tables
    schur_size, front_size, largest : int
        Groups of lanes that the pool, all fronts together, and the largest front need.
    """

    strains: tuple[int, ...]
    element_dofs: IntArray
    unknowns: int
    tables: Tables
    schur_size: int
    front_size: int
    largest: int


def _element_unknowns(rows: int, cols: int, system: System) -> tuple[IntArray, int]:
    """Unknowns (rows*cols, 8) of the pixels, -1 where zero is prescribed, and their number."""
    r, c = np.mgrid[0:rows, 0:cols]
    if system == "periodic":
        shape = (rows, cols)
        free = np.ones((rows, cols, 2), dtype=bool)
        free[0, 0] = False
    else:
        shape = (rows + 1, cols + 1)
        free = np.ones((rows + 1, cols + 1, 2), dtype=bool)
        across = 0 if system == "normal" else 1
        free[:, [0, -1], across] = False
        free[[0, -1], :, 1 - across] = False
    number = np.full(free.shape, -1)
    number[free] = np.arange(free.sum())
    dofs = np.empty((rows, cols, 8), dtype=np.int64)
    for k, (x, y) in enumerate(NODE_OFFSETS):
        dofs[..., 2 * k : 2 * k + 2] = number[(r + 1 - y) % shape[0], (c + x) % shape[1]]
    return dofs.reshape(-1, 8), int(free.sum())


def _dissect(r0: int, r1: int, c0: int, c1: int) -> list[tuple[int, int, int, int, int, int]]:
    """Blocks (r0, r1, c0, c1, first child, second child) in postorder; -1 for a leaf."""
    height, width = r1 - r0, c1 - c0
    if height * width <= _LEAF_ELEMENTS:
        return [(r0, r1, c0, c1, -1, -1)]
    if height >= width:
        middle = r0 + height // 2
        parts = _dissect(r0, middle, c0, c1), _dissect(middle, r1, c0, c1)
    else:
        middle = c0 + width // 2
        parts = _dissect(r0, r1, c0, middle), _dissect(r0, r1, middle, c1)
    first, second = parts
    shift = len(first)
    moved = [
        (*b[:4], b[4] + shift if b[4] >= 0 else -1, b[5] + shift if b[5] >= 0 else -1)
        for b in second
    ]
    return [*first, *moved, (r0, r1, c0, c1, shift - 1, shift + len(moved) - 1)]


def _up(count: int) -> int:
    return -(-count // TILE) * TILE


@lru_cache(maxsize=16)
def elimination_plan(rows: int, cols: int, system: System) -> Plan:
    """Plan for a block of rows x cols pixels.

    Parameters
    ----------
    rows, cols : int
        Pixels of the whole cell ("periodic") or of its upper left quarter ("normal", "shear").
    system : {"normal", "shear", "periodic"}
        The quarter under normal strains (u_x = 0 on its vertical, u_y = 0 on its horizontal
        edges), the quarter under shear (the other way round), or the periodic cell.
    """
    element_dofs, unknowns = _element_unknowns(rows, cols, system)
    strains = _STRAINS[system]
    remaining = np.zeros(unknowns, dtype=np.int64)
    np.add.at(remaining, element_dofs[element_dofs >= 0], 1)

    rank = np.full(unknowns + len(strains), np.iinfo(np.int64).max)
    rank[unknowns:] -= np.arange(len(strains), 0, -1)
    eliminated = 0
    fronts: list[tuple[list[int], list[int], list[int], tuple[int, int]]] = []
    seen: list[dict[int, int]] = []  # elements counted so far for each open unknown of a block
    for r0, r1, c0, c1, first, second in _dissect(0, rows, 0, cols):
        count: dict[int, int] = {}
        elements: list[int] = []
        if first < 0:
            elements = [r * cols + c for r in range(r0, r1) for c in range(c0, c1)]
            for dof in element_dofs[elements].ravel().tolist():
                if dof >= 0:
                    count[dof] = count.get(dof, 0) + 1
        else:
            for child in (first, second):
                for dof, times in seen[child].items():
                    count[dof] = count.get(dof, 0) + times
        done = sorted(dof for dof, times in count.items() if times == remaining[dof])
        rank[done] = eliminated + np.arange(len(done))
        eliminated += len(done)
        seen.append({dof: times for dof, times in count.items() if times < remaining[dof]})
        fronts.append((done, list(seen[-1]), elements, (first, second)))

    return _tables(fronts, rank, element_dofs, unknowns, strains)


def _tables(
    fronts: list[tuple[list[int], list[int], list[int], tuple[int, int]]],
    rank: IntArray,
    element_dofs: IntArray,
    unknowns: int,
    strains: tuple[int, ...],
) -> Plan:
    strain_ids = list(range(unknowns, unknowns + len(strains)))
    strain_columns = np.full(3, -1)
    strain_columns[list(strains)] = strain_ids
    lower = np.tril_indices(11)
    position = np.full(unknowns + len(strains) + 1, -1)  # the last entry answers for "-1"

    pivots, size, boundary, children = [], [], [], []
    variables: list[IntArray] = []
    elements: list[IntArray] = []
    destinations: list[IntArray] = []
    borders: list[list[int]] = []
    maps: list[IntArray] = [np.empty(0, dtype=np.int64)] * len(fronts)
    for done, open_, members, kids in fronts:
        border = sorted(open_, key=lambda dof: int(rank[dof])) + strain_ids
        padded = _up(len(done))
        total = _up(padded + len(border))
        names = np.full(total, -1)
        names[: len(done)] = done
        names[padded : padded + len(border)] = border
        position[:] = -1
        position[names[names >= 0]] = np.flatnonzero(names >= 0)
        for kid in kids:
            if kid >= 0:
                maps[kid] = position[borders[kid]]
        ids = np.concatenate(
            [element_dofs[members], np.tile(strain_columns, (len(members), 1))], axis=1
        )
        where = np.where(ids >= 0, position[ids], -1)
        row, column = where[:, lower[0]], where[:, lower[1]]
        inside = (row >= 0) & (column >= 0)
        offset = np.maximum(row, column) * total + np.minimum(row, column)
        destinations.append(np.where(inside, offset, -1).ravel())
        elements.append(np.asarray(members, dtype=np.int64))
        pivots.append(padded)
        size.append(total)
        boundary.append(len(border))
        variables.append(names)
        borders.append(border)
        children.append(kids)

    schur_start, schur_size = _stack(boundary, children)
    areas = np.array(size) ** 2
    tables = Tables(
        pivots=np.array(pivots),
        size=np.array(size),
        boundary=np.array(boundary),
        variables=np.concatenate(variables),
        variables_start=np.cumsum([0, *size]),
        elements=np.concatenate(elements),
        destinations=np.concatenate(destinations),
        elements_start=np.cumsum([0, *map(len, elements)]),
        children=np.array(children),
        maps=np.concatenate(maps),
        maps_start=np.cumsum([0, *map(len, maps)]),
        schur_start=schur_start,
        front_start=np.cumsum(areas) - areas,
    )
    return Plan(
        strains, element_dofs, unknowns, tables, schur_size, int(areas.sum()), int(areas.max())
    )


def _stack(boundary: list[int], children: list[tuple[int, int]]) -> tuple[IntArray, int]:
    """Places of the packed Schur complements on a stack: children are popped by their parent.

    A parent writes its own complement only after its front is assembled, so it may overwrite them.
    """
    start = np.zeros(len(boundary), dtype=np.int64)
    top = peak = 0
    for f, (border, kids) in enumerate(zip(boundary, children, strict=True)):
        if kids[0] >= 0:
            top = int(start[kids[0]])
        start[f] = top
        top += border * (border + 1) // 2
        peak = max(peak, top)
    return start, peak
