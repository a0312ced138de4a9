"""Side forces and strain energies from the displacements of a group of cells.

Legend (addresses of vectors, see `lanes`)
    u       (corners, 2, 3)      total displacement: corner of a pixel, component, strain
    rho     (phases, elements)   share of each material in each element
"""

from __future__ import annotations

from metafast._base.jit import jit
from metafast.homogenization.lanes import broadcast, fma, load, store

# products of two unit strains' fields: 11, 22, 12, 11-22, 11-12, 22-12
PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))


@jit()
def element_corners(r, c, cols, corners):
    """Places in u, before the strain, of an element's eight displacements."""
    upper = 2 * (r * (cols + 1) + c)
    lower = upper + 2 * (cols + 1)
    for d in range(2):
        corners[d], corners[2 + d] = lower + d, lower + 2 + d
        corners[4 + d], corners[6 + d] = upper + 2 + d, upper + d


@jit()
def side_forces(u, rho, stiffness, rows, cols, corners, forces):
    """Nodal forces of the left column of pixels on the left side and of the top row on the top.

    `forces`: vectors (rows + 1, 2, 3) of the left side from the top, then (cols + 1, 2, 3) of the
    top from the left; `stiffness` (phases, 8, 8).
    """
    for k in range(6 * (rows + cols + 2)):
        store(forces, k, broadcast(0.0))
    for side in range(2):
        start = 6 * (rows + 1) * side
        for place in range(cols if side else rows):
            r, c = (0, place) if side else (place, 0)
            element_corners(r, c, cols, corners)
            for end in range(2):
                node = (3, 2)[end] if side else (3, 0)[end]
                for d in range(2):
                    target = start + 6 * (place + end) + 3 * d
                    for s in range(3):
                        total = load(forces, target + s)
                        for phase in range(stiffness.shape[0]):
                            share = load(rho, phase * rows * cols + r * cols + c)
                            force = broadcast(0.0)
                            for j in range(8):
                                k = broadcast(stiffness[phase, 2 * node + d, j])
                                force = fma(k, load(u, 3 * corners[j] + s), force)
                            total = fma(share, force, total)
                        store(forces, target + s, total)


@jit()
def energies(u, stiffness, rows, cols, corners, work, out):
    """``u_k^T k u_l`` of every pixel, vectors (6, elements) in the order of PAIRS.

    `work` holds 48 vectors: u and k u of one element.
    """
    for r in range(rows):
        for c in range(cols):
            element_corners(r, c, cols, corners)
            for j in range(8):
                for s in range(3):
                    store(work, 3 * j + s, load(u, 3 * corners[j] + s))
            for i in range(8):
                a, b, d = broadcast(0.0), broadcast(0.0), broadcast(0.0)
                for j in range(8):
                    k = broadcast(stiffness[i, j])
                    a = fma(k, load(work, 3 * j), a)
                    b = fma(k, load(work, 3 * j + 1), b)
                    d = fma(k, load(work, 3 * j + 2), d)
                store(work, 24 + 3 * i, a)
                store(work, 24 + 3 * i + 1, b)
                store(work, 24 + 3 * i + 2, d)
            for pair in range(6):
                s, t = PAIRS[pair]
                total = broadcast(0.0)
                for j in range(8):
                    total = fma(load(work, 3 * j + s), load(work, 24 + 3 * j + t), total)
                store(out, pair * rows * cols + r * cols + c, total)
