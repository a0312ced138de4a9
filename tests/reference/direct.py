"""General direct solvers of a pixel body: assembled elements, PARDISO and SuperLU.

The twin of `metafast.structure.multifrontal` and of its elimination order. Elements are summed into
a sparse matrix, copies of nodes counted pixel by pixel; the supports and the numbers of the
unknowns are those of `metafast.structure.body`.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from metafast import q4
from metafast._base.linear_solver import SymmetricFactor
from metafast.structure.body import prepare
from metafast.structure.nodes import corner_contacts

SPD = 2  # PARDISO's matrix type: real, symmetric, positive definite


def element_nodes(system):
    """Rows, columns and copies (m, 4) of the nodes of each solid pixel, in q4's order."""
    r, c = np.nonzero(system.code[:-1, :-1] & 8)
    i = np.stack([r + 1 - y for _, y in q4.NODE_OFFSETS], axis=1)
    j = np.stack([c + x for x, _ in q4.NODE_OFFSETS], axis=1)
    below = np.array([y == 1 for _, y in q4.NODE_OFFSETS])  # the pixel lies below its upper nodes
    return i, j, corner_contacts(system.code)[i, j] & below


def element_unknowns(system):
    """Numbers (m, 8) of the unknowns of each solid pixel, -1 where prescribed."""
    i, j, second = element_nodes(system)
    first = system.dof[i, j].astype(np.int64)
    free = first >= 0
    shift = free.sum(axis=2) * second  # the second copy follows the first
    return np.where(free, first + shift[..., None], -1).reshape(-1, 8)


def assemble_upper(system, material):
    """Upper triangle (n, n) of the stiffness, CSR with sorted int32 columns."""
    numbers, element = element_unknowns(system), q4.material_stiffness(material)
    rows, cols = np.repeat(numbers, 8, axis=1).ravel(), np.tile(numbers, (1, 8)).ravel()
    used = (rows >= 0) & (cols >= rows)
    data = np.tile(element.ravel(), len(numbers))[used]
    size = (system.unknowns, system.unknowns)
    index = rows[used].astype(np.int32), cols[used].astype(np.int32)
    upper = sp.csr_array(sp.coo_array((data, index), size))
    # shear couplings of neighbouring pixels cancel; rounding must not fill the matrix
    upper.data[np.abs(upper.data) < 1e-14 * np.abs(element).max()] = 0.0
    upper.eliminate_zeros()
    upper.sort_indices()
    return upper


def full_of(upper):
    """The symmetric matrix of an upper triangle."""
    return sp.csc_array(upper + sp.triu(upper, 1).T)


def solve_structure(pixels, problem, material, refine=1, *, solver="superlu"):
    """Displacement of the pixel nodes and energy, by a general solver and the order it chooses."""
    body = prepare(pixels, [problem], material, refine)
    system, prescribed = body.system, body.fields[0]
    i, j, _ = element_nodes(system)
    numbers, element = element_unknowns(system), q4.material_stiffness(material)
    u = np.where(numbers < 0, prescribed[i, j].reshape(-1, 8), 0.0)
    load = np.zeros(system.unknowns)
    np.add.at(load, numbers[numbers >= 0], -(u @ element)[numbers >= 0])
    with SymmetricFactor(assemble_upper(system, material), backend=solver) as factor:
        solution = factor.solve(load)
    u[numbers >= 0] = solution[numbers[numbers >= 0]]
    energy = 0.5 * float(np.einsum("ei,ij,ej->", u, element, u))
    return _mean_of_copies(system, u.reshape(-1, 4, 2)), energy


def _mean_of_copies(system, u):
    """Displacement of the nodes from that of the elements' corners; NaN in void."""
    field, i_j_copy = np.full((*system.code.shape, 2, 2), np.nan), element_nodes(system)
    field[i_j_copy[0], i_j_copy[1], i_j_copy[2].astype(int)] = u
    contacts = corner_contacts(system.code)
    field[~contacts, 1] = field[~contacts, 0]
    return field.mean(axis=2)


def pardiso(upper, rhs, order):
    """Solution by PARDISO, called through pypardiso, with a given elimination order."""
    from pypardiso import PyPardisoSolver

    solver = PyPardisoSolver(mtype=SPD)
    solver.set_iparm(1, 1)  # own parameters
    solver.set_iparm(5, 1)  # own order
    solver.perm = np.asarray(order, np.int32) + 1
    matrix = sp.csr_matrix(upper)
    solver.factorize(matrix)
    solution = solver.solve(matrix, rhs)
    solver.free_memory()
    return solution


def superlu(upper, rhs):
    """Solution by scipy's splu with its default order."""
    return splu(full_of(upper)).solve(rhs)


def dissection_order(system, leaf):
    """Order of elimination by nested dissection, in plain recursion."""
    free = (system.dof >= 0).sum(axis=2)
    weight = free * np.where(corner_contacts(system.code), 2, 1)

    def lightest(weights):
        middle = len(weights) // 2
        reach = int(len(weights) * 0.2)
        lines = [middle] + [middle + s * d for d in range(1, reach + 1) for s in (-1, 1)]
        return min(lines, key=lambda line: weights[line])

    def unknowns(i0, i1, j0, j1):
        found = []
        for i in range(i0, i1):
            for j in range(j0, j1):
                first = system.dof[i, j][system.dof[i, j] >= 0].tolist()
                for copy in range(weight[i, j] // max(free[i, j], 1)):
                    found += [k + copy * len(first) for k in first]
        return found

    def order(i0, i1, j0, j1):
        height, width = i1 - i0, j1 - j0
        if height * width <= leaf:
            return unknowns(i0, i1, j0, j1)
        if height >= width:
            i = i0 + lightest(weight[i0:i1, j0:j1].sum(axis=1))
            halves = (i0, i, j0, j1), (i + 1, i1, j0, j1)
            return order(*halves[0]) + order(*halves[1]) + unknowns(i, i + 1, j0, j1)
        j = j0 + lightest(weight[i0:i1, j0:j1].sum(axis=0))
        halves = (i0, i1, j0, j), (i0, i1, j + 1, j1)
        return order(*halves[0]) + order(*halves[1]) + unknowns(i0, i1, j, j + 1)

    return np.array(order(0, free.shape[0], 0, free.shape[1]), np.int32)
