"""Plain slow twin of metafast.homogenization: scipy sparse, one cell at a time."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu

from metafast import Material

# nodes of an element counterclockwise from the lower left, as (rows down, columns right)
_NODES = ((1, 0), (1, 1), (0, 1), (0, 0))


def _element(c):
    """Stiffness (8, 8), load (8, 3) of the unit square by 2x2 Gauss points, written out."""
    k, f = np.zeros((8, 8)), np.zeros((8, 3))
    for s in (-1, 1):
        for t in (-1, 1):
            a, b = s / np.sqrt(3), t / np.sqrt(3)
            dx = np.array([-(1 - b), 1 - b, 1 + b, -(1 + b)]) / 2
            dy = np.array([-(1 - a), -(1 + a), 1 + a, 1 - a]) / 2
            m = np.zeros((3, 8))
            m[0, ::2], m[1, 1::2], m[2, ::2], m[2, 1::2] = dx, dy, dy, dx
            k += m.T @ c @ m / 4
            f += m.T @ c / 4
    return k, f


def solve_cell(cell, material=None, void=1e-9):
    """Densities (h, w), element dofs (h, w, 8), total nodal displacement of each strain."""
    c = (material or Material()).stiffness
    k, f = _element(c)
    rho = np.where(np.asarray(cell) > 0, 1.0, void)
    h, w = rho.shape
    r, col = np.mgrid[0:h, 0:w]
    nodes = np.stack([((r + i) % h) * w + (col + j) % w for i, j in _NODES], -1)
    dofs = np.stack([2 * nodes, 2 * nodes + 1], -1).reshape(h, w, 8)
    flat = dofs.reshape(-1, 8)
    data = (rho.reshape(-1, 1, 1) * k).ravel()
    n = 2 * h * w
    matrix = coo_matrix((data, (np.repeat(flat, 8, 1).ravel(), np.tile(flat, 8).ravel())), (n, n))
    load = np.zeros((n, 3))
    np.add.at(load, flat, rho.reshape(-1, 1, 1) * f)
    free = np.arange(2, n)
    u = np.zeros((n, 3))
    u[free] = splu(matrix.tocsc()[2:, 2:], permc_spec="MMD_AT_PLUS_A").solve(-load[free])
    return rho, dofs, u, c, k, f


def homogenize_slowly(cell, material=None, void=1e-9):
    """Effective stiffness (3, 3) of one cell."""
    rho, dofs, u, c, k, f = solve_cell(cell, material, void)
    ue = u[dofs]
    energy = np.einsum("hwia,ij,hwjb->hwab", ue, k, ue)
    cross = np.einsum("hwia,ib->hwab", ue, f)
    total = energy + cross + cross.swapaxes(2, 3) + c
    return np.einsum("hw,hwab->ab", rho, total) / rho.size


def tractions_slowly(cell, material=None, void=1e-9):
    """Tractions (4, 3, w, 2) on left, right, bottom, top by adding up nodal forces."""
    rho, dofs, u, _, k, f = solve_cell(cell, material, void)
    w = rho.shape[0]
    force = np.einsum("hw,ij,hwja->hwai", rho, k, u[dofs]) + np.einsum("hw,ia->hwai", rho, f)
    result = np.zeros((4, 3, w, 2))
    for i in range(w):
        for strain in range(3):
            for node, (down, right) in enumerate(_NODES):
                pair = slice(2 * node, 2 * node + 2)
                if right == 0:
                    result[0, strain, (i + down) % w] += force[i, 0, strain, pair]
                if right == 1:
                    result[1, strain, (i + down) % w] += force[i, -1, strain, pair]
                if down == 1:
                    result[2, strain, (i + right) % w] += force[-1, i, strain, pair]
                if down == 0:
                    result[3, strain, (i + right) % w] += force[0, i, strain, pair]
    return result
