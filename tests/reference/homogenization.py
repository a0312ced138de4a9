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


def solve_cell(cell, material=None, void=1e-9, other=None):
    """Pixel stiffness (h, w, 3, 3), element dofs, periodic displacements, element matrices.

    Pixels hold `material` times their density, from `void` to 1, or `other` where there is none.
    """
    solid = (material or Material()).stiffness
    soft = void * solid if other is None else other.stiffness
    share = np.asarray(cell, dtype=float)[..., None, None]
    if other is None and not np.isin(cell, (0, 1)).all():
        share = (share - void) / (1.0 - void)  # a density that is already interpolated
    c = share * solid + (1.0 - share) * soft
    h, w = share.shape[:2]
    (ks, fs), (kv, fv) = _element(solid), _element(soft)
    k, f = share * ks + (1.0 - share) * kv, share * fs + (1.0 - share) * fv
    r, col = np.mgrid[0:h, 0:w]
    nodes = np.stack([((r + i) % h) * w + (col + j) % w for i, j in _NODES], -1)
    dofs = np.stack([2 * nodes, 2 * nodes + 1], -1).reshape(h, w, 8)
    flat = dofs.reshape(-1, 8)
    data = k.ravel()
    n = 2 * h * w
    matrix = coo_matrix((data, (np.repeat(flat, 8, 1).ravel(), np.tile(flat, 8).ravel())), (n, n))
    load = np.zeros((n, 3))
    np.add.at(load, flat, f.reshape(-1, 8, 3))
    free = np.arange(2, n)
    u = np.zeros((n, 3))
    u[free] = splu(matrix.tocsc()[2:, 2:], permc_spec="MMD_AT_PLUS_A").solve(-load[free])
    return c, dofs, u, k, f


def homogenize_slowly(cell, material=None, void=1e-9, other=None):
    """Effective stiffness (3, 3) of one cell."""
    c, dofs, u, k, f = solve_cell(cell, material, void, other)
    ue = u[dofs]
    energy = np.einsum("hwia,hwij,hwjb->ab", ue, k, ue)
    cross = np.einsum("hwia,hwib->ab", ue, f)
    return (energy + cross + cross.T + c.sum((0, 1))) / (c.shape[0] * c.shape[1])


def tractions_slowly(cell, material=None, void=1e-9, other=None):
    """Tractions (4, 3, w, 2) on left, right, bottom, top by adding up nodal forces."""
    _, dofs, u, k, f = solve_cell(cell, material, void, other)
    w = len(dofs)
    force = np.einsum("hwij,hwja->hwai", k, u[dofs]) + f.transpose(0, 1, 3, 2)
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


def displacements_slowly(cell, material=None, void=1e-9, other=None):
    """Total displacements (3, h + 1, w + 1, 2), upper left corner at rest, in cell widths."""
    u = solve_cell(cell, material, void, other)[2]
    h, w = np.shape(cell)
    i, j = np.mgrid[0 : h + 1, 0 : w + 1]
    total = u.reshape(h, w, 2, 3)[i % h, j % w].transpose(3, 0, 1, 2)
    total[0, ..., 0] += j
    total[1, ..., 1] -= i
    total[2, ..., 0] -= i
    return (total - total[:, :1, :1]) / w
