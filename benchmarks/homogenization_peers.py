"""Sparse direct solvers for the same equations, one cell at a time: peers of our homogenization.

The peers share our preparation outside the elimination: the sparsity pattern and all indices are
found once, the quarter of mirror-symmetric cells is solved as two systems, and PARDISO analyses
once.
"""

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import splu

from metafast import Material, q4
from metafast.homogenization.elimination.dissection import dissect
from metafast.homogenization.elimination.leaves import class_matrices
from metafast.homogenization.elimination.numbering import ALL, NORMAL, SHEAR, number_grid

VOID = 1e-9


class SparseSystem:
    """One boundary-value problem on a fixed grid; `fill` gives its matrices for one cell."""

    def __init__(self, rows, cols, kind, system, material):
        grid = number_grid(rows, cols, kind, dissect(rows, cols, kind == "periodic"))
        ids = grid.variables[system]
        free = np.unique(ids[(ids >= 0) & (ids < grid.unknowns)])
        jumps = np.unique(ids[ids >= grid.unknowns])
        self.strains = jumps - grid.unknowns
        place = np.full(grid.unknowns + 4, -1)
        place[free], place[jumps] = np.arange(len(free)), len(free) + np.arange(len(jumps))
        local = place[ids]  # the last entry answers for absent ones
        matrices = class_matrices(q4.stiffness(material.stiffness), kind == "periodic")
        e, a, b = np.nonzero((local[:, :, None] >= 0) & (local[:, None] >= 0))
        size = len(free) + len(jumps)
        key = local[e, a] * size + local[e, b]
        distinct, self.target = np.unique(key, return_inverse=True)
        self.element, self.value = e, matrices[grid.classes[e], a, b]
        row, column = distinct // size, distinct % size
        inside = (row < len(free)) & (column < len(free))
        upper = inside & (column >= row)
        self.parts = {name: (mask, row[mask], column[mask]) for name, mask in
                      (("full", inside), ("upper", upper))}  # fmt: skip
        coupling = (row < len(free)) & (column >= len(free))
        corner = (row >= len(free)) & (column >= len(free))
        self.coupling = coupling, row[coupling], column[coupling] - len(free)
        self.corner = corner, row[corner] - len(free), column[corner] - len(free)
        self.free, self.jumps = len(free), len(jumps)
        lengths = np.array([cols, rows, rows], float)[self.strains]
        self.scale = np.outer(lengths, lengths) / (rows * cols)

    def fill(self, pixels, part):
        """Sparse matrix of the displacements, load and stiffness of the jumps."""
        density = np.where(pixels.ravel(), 1.0, VOID)
        data = np.bincount(self.target, density[self.element] * self.value)
        mask, row, column = self.parts[part]
        k = csr_matrix((data[mask], (row, column)), (self.free, self.free))
        load = np.zeros((self.free, self.jumps))
        load[self.coupling[1], self.coupling[2]] = data[self.coupling[0]]
        corner = np.zeros((self.jumps, self.jumps))
        corner[self.corner[1], self.corner[2]] = data[self.corner[0]]
        return k, load, corner


def _systems(size, kind, material):
    if kind == "quarter":
        half = size // 2
        return [SparseSystem(half, half, kind, s, material) for s in (NORMAL, SHEAR)]
    return [SparseSystem(size, size, kind, ALL, material)]


def _homogenizer(size, kind, part, solver, material):
    systems = [(system, solver()) for system in _systems(size, kind, material or Material())]
    half = size // 2 if kind == "quarter" else size

    def homogenize(cell):
        c = np.zeros((3, 3))
        for system, solve in systems:
            k, load, corner = system.fill(cell[:half, :half], part)
            c[np.ix_(system.strains, system.strains)] = system.scale * (
                corner - load.T @ solve(k, load)
            )
        return c

    return homogenize


def scipy_lu(size, kind, material=None):
    """SciPy's SuperLU with a symmetric ordering."""

    def solver():
        options = {"SymmetricMode": True}
        return lambda k, load: splu(
            k.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options
        ).solve(load)

    return _homogenizer(size, kind, "full", solver, material)


def pardiso(size, kind, material=None):
    """MKL PARDISO for symmetric positive definite matrices, analysed once, one thread."""
    from pypardiso import PyPardisoSolver

    def solver():
        peer = PyPardisoSolver(mtype=2)
        peer.set_iparm(8, 0)  # no iterative refinement
        first = [True]

        def solve(k, load):
            k.sort_indices()
            peer.set_phase(12 if first[0] else 22)
            first[0] = False
            peer._call_pardiso(k, load)
            peer.set_phase(33)
            return peer._call_pardiso(k, np.asfortranarray(load))

        return solve

    return _homogenizer(size, kind, "upper", solver, material)


def scikit_fem(size, material=None):
    """scikit-fem's assembly of the whole periodic cell, SciPy's SuperLU."""
    import skfem
    from skfem.helpers import ddot, sym_grad

    c = (material or Material()).stiffness
    line = np.arange(size + 1.0)
    mesh = skfem.MeshQuad.init_tensor(line, line)
    basis = skfem.Basis(mesh, skfem.ElementVector(skfem.ElementQuad1()), intorder=2)
    centre = mesh.p[:, mesh.t].mean(axis=1)
    pixel = (size - 1 - centre[1].astype(int)), centre[0].astype(int)

    @skfem.BilinearForm
    def stiffness(u, v, w):
        e = sym_grad(u)
        stress = np.zeros_like(e)
        stress[0, 0] = c[0, 0] * e[0, 0] + c[0, 1] * e[1, 1]
        stress[1, 1] = c[1, 1] * e[1, 1] + c[0, 1] * e[0, 0]
        stress[0, 1] = stress[1, 0] = 2 * c[2, 2] * e[0, 1]
        return w.rho * ddot(stress, sym_grad(v))

    x, y = mesh.p.astype(int)
    master = 2 * ((y % size) * size + x % size)
    dofs = basis.nodal_dofs
    count = dofs.size
    columns = np.empty(count, dtype=int)
    columns[dofs[0]], columns[dofs[1]] = master, master + 1
    periodic = csr_matrix((np.ones(count), (np.arange(count), columns)), (count, 2 * size**2))
    affine = np.zeros((count, 3))
    affine[dofs[0], 0], affine[dofs[1], 1], affine[dofs[0], 2] = x, y, y

    def homogenize(cell):
        rho = np.where(cell[pixel], 1.0, VOID)[:, None] * np.ones(basis.X.shape[1])
        k = stiffness.assemble(basis, rho=rho)
        reduced = (periodic.T @ k @ periodic).tocsc()[2:, 2:]
        load = (periodic.T @ (k @ affine))[2:]
        u = np.zeros((2 * size**2, 3))
        u[2:] = -splu(reduced, permc_spec="MMD_AT_PLUS_A").solve(load)
        total = affine + periodic @ u
        return total.T @ (k @ total) / size**2

    return homogenize
