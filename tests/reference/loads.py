"""Plain twin of loads and springs on pixels: a sparse matrix, dense springs, scipy's solver."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from reference.structure import joined_nodes
from scipy.sparse.linalg import spsolve

from metafast import q4


def solve(solid, problem, material, prescribed):
    """Displacement (ny+1, nx+1, 2) of the pixel nodes, small displacements; NaN in void.

    `solid` has no floating parts and `prescribed` (ny+1, nx+1, 2) is NaN where free.
    """
    side = solid.shape[0] // problem.rows
    number, places = joined_nodes({tuple(int(k) for k in pixel) for pixel in np.argwhere(solid)})
    element = q4.material_stiffness(material)
    size = 2 * len(places)
    stiffness = sp.lil_matrix((size, size))
    for numbers in number.values():
        dofs = [2 * k + d for k in numbers for d in (0, 1)]
        stiffness[np.ix_(dofs, dofs)] += element
    copies = {place: places.count(place) for place in places}
    force = np.zeros(size)
    at = np.array(places)

    def weights(r, c):
        """Row of the fit a + b x + c y at a macro node on all numbered nodes."""
        row = np.zeros(len(places))
        down, right = at[:, 0] - r * side, at[:, 1] - c * side
        near = sorted(
            {
                p
                for p, ok in zip(places, np.maximum(abs(down), abs(right)) <= side / 2, strict=True)
                if ok
            }
        )
        table = np.array([[1.0, j - c * side, i - r * side] for i, j in near])
        first = dict(zip(near, np.linalg.pinv(table)[0], strict=True))
        for k, place in enumerate(places):
            row[k] = first.get(place, 0.0) / copies[place]
        return row

    dense = np.zeros((size, size))
    for array, is_spring in ((problem.forces, False), (problem.springs, True)):
        if array is None:
            continue
        for r, c, d in np.argwhere(array != 0.0):
            whole = np.zeros(size)
            whole[d::2] = weights(r, c)
            if is_spring:
                dense += array[r, c, d] * np.outer(whole, whole)
            else:
                force += array[r, c, d] * whole
    if problem.tractions is not None:
        for r, c, k, d in np.argwhere(problem.tractions != 0.0):
            rows, cols = range(r * side, (r + 1) * side), range(c * side, (c + 1) * side)
            line = {
                0: [(i, c * side) for i in rows],
                1: [(i, (c + 1) * side - 1) for i in rows],
                2: [(r * side, j) for j in cols],
                3: [((r + 1) * side - 1, j) for j in cols],
            }[int(k)]
            line = [pixel for pixel in line if pixel in number]
            # corners counterclockwise from the lower left
            ends = {0: (0, 3), 1: (1, 2), 2: (2, 3), 3: (0, 1)}[int(k)]
            for pixel in line:
                for end in ends:
                    numbers = number[pixel][end]
                    force[2 * numbers + d] += problem.tractions[r, c, k, d] / len(line) / 2
    total = sp.csc_matrix(stiffness.tocsc() + sp.csc_matrix(dense))
    values = np.array([prescribed[place] for place in places]).ravel()
    fixed, u = np.isfinite(values), np.where(np.isfinite(values), values, 0.0)
    right = force - total @ u
    u[~fixed] = spsolve(total[~fixed][:, ~fixed], right[~fixed])
    field = np.full((solid.shape[0] + 1, solid.shape[1] + 1, 2), np.nan)
    for place in copies:
        field[place] = np.mean(
            [u[2 * k : 2 * k + 2] for k, other in enumerate(places) if other == place], axis=0
        )
    return field
