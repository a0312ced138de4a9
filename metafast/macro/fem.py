"""Macro finite elements: one effective stiffness per Q4 element (section 5.1, Eqs. 8-10).

Every cell is one Q4 element, or ``mesh`` x ``mesh`` of them; absent cells have none. Nodes are
numbered row by row from the top left; unknowns are (u_x, u_y) of the nodes that belong to an
element and that no support prescribes. In two dimensions
the stiffness of a square element does not depend on its size, so lengths stay in cell widths.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from metafast import q4
from metafast._base.checks import require_count
from metafast._base.linear_solver import SymmetricFactor
from metafast._base.memory import require_memory
from metafast._base.typing import BoolArray, FloatArray, IntArray, Kinematics
from metafast.macro.refined import refined_forces, refined_springs, refined_values
from metafast.problems import Problem

_BYTES = 3000  # per element while the model is set up


class MacroModel:
    """Finite element model of a problem for any property field, at small displacements.

    Parameters
    ----------
    problem : Problem
    mesh : int
        Elements per cell side.

    Attributes
    ----------
    target : (t,) int array
        Degrees of freedom of interest.
    target_values : (t,) array
        Target displacement of those degrees of freedom.
    share : float
        Share of the load: of the prescribed and the target displacements, and of the forces.
    """

    kinematics: Kinematics = "linear"

    def __init__(self, problem: Problem, mesh: int = 1) -> None:
        self.problem = problem
        self.mesh = require_count("mesh", mesh)
        rows, cols = problem.rows * mesh, problem.cols * mesh
        require_memory(
            _BYTES * rows * cols,
            f"the macro model of {rows:,} x {cols:,} elements",
            "choose a coarser mesh or fewer rows and columns",
        )
        self._shape = rows + 1, cols + 1
        self.basis = q4.stiffness_basis()
        self._used = _present_elements(problem.present, mesh)
        self.element_dofs = _element_dofs(rows, cols)[self._used]
        prescribed = refined_values(problem.prescribed, mesh).ravel()
        self._fixed = np.isfinite(prescribed)
        self._prescribed = np.where(self._fixed, prescribed, 0.0)
        outside = np.ones(self._fixed.size, dtype=bool)  # nodes of no element are out of the system
        outside[self.element_dofs] = False
        self._fixed |= outside
        self._prescribed[outside] = 0.0
        free = ~self._fixed
        self._number = np.where(free, np.cumsum(free) - 1, -1)
        self._free = np.flatnonzero(free)
        targets = np.zeros((*self._shape, 2), dtype=bool)
        targets[::mesh, ::mesh] = problem.wanted
        self.target = np.flatnonzero(targets)
        self.target_values = problem.target[problem.wanted]
        self._pull = refined_forces(problem, mesh).ravel()
        self._whole_load = self._prescribed, self.target_values, self._pull
        self.share = 1.0
        self._pattern, self._slots, self._entries = self._upper_pattern()
        self._springs = np.where(self._fixed, 0.0, refined_springs(problem, mesh).ravel())
        self._sprung = np.flatnonzero(self._springs)
        # the diagonal comes first in each row of the upper triangle
        self._spring_slots = self._pattern.indptr[self._number[self._sprung]]
        self._factor: SymmetricFactor | None = None

    def _upper_pattern(self) -> tuple[sparse.csr_matrix, IntArray, BoolArray]:
        """Upper triangle of the stiffness, slots of the element entries in it, entries used."""
        number = self._number[self.element_dofs]
        row = np.repeat(number, 8, axis=1).ravel()
        column = np.tile(number, (1, 8)).ravel()
        used = (row >= 0) & (column >= row)
        n = len(self._free)
        keys = row[used] * n + column[used]
        unique, slots = np.unique(keys, return_inverse=True)
        start = np.searchsorted(unique, np.arange(n + 1) * n).astype(np.int32)
        pattern = sparse.csr_matrix(
            (np.ones(len(unique)), (unique % n).astype(np.int32), start), shape=(n, n)
        )
        return pattern, slots.ravel(), used

    def _elements(self, properties: FloatArray) -> FloatArray:
        """Properties (rows, cols, 4) of the cells as (elements, 4)."""
        p = properties.reshape(self.problem.rows, self.problem.cols, 4)
        whole = p.repeat(self.mesh, axis=0).repeat(self.mesh, axis=1).reshape(-1, 4)
        return whole[self._used]

    def _cells(self, values: FloatArray) -> FloatArray:
        """Sums over each cell's elements, from (elements, ...) to (cells, ...)."""
        k, rows, cols = self.mesh, self.problem.rows, self.problem.cols
        if len(values) < rows * cols * k * k:
            some, values = values, np.zeros((rows * cols * k * k, *values.shape[1:]))
            values[self._used] = some
        parts = values.reshape(rows, k, cols, k, *values.shape[1:])
        return np.asarray(parts.sum(axis=(1, 3)).reshape(rows * cols, *values.shape[1:]))

    def solve(self, properties: FloatArray, *, near: bool = False) -> FloatArray:
        """Displacement of all degrees of freedom.

        Parameters
        ----------
        properties : (rows, cols, 4) or (cells, 4) array
            C11, C12, C22, C33 of the cells; those of absent cells are not used.
        near : bool
            Without effect here, where there is one equilibrium; see `FiniteMacroModel.solve`.

        Returns
        -------
        ((rows*mesh+1)*(cols*mesh+1)*2,) array

        Raises
        ------
        numpy.linalg.LinAlgError
            If the stiffness is not positive definite.
        """
        stiffness = np.tensordot(self._elements(properties), self.basis, 1)
        values = stiffness.reshape(-1)[self._entries]
        data = np.asarray(np.bincount(self._slots, values, self._pattern.nnz), dtype=float)
        held = self._prescribed[self.element_dofs]
        force = -np.einsum("eij,ej->ei", stiffness, held)
        loads = np.bincount(self.element_dofs.ravel(), force.ravel(), self._fixed.size)
        if len(self._sprung):
            data[self._spring_slots] += self._springs[self._sprung]
        rhs = np.asarray(loads[self._free], dtype=float) + self._pull[self._free]
        if self._factor is None:
            self._pattern.data = data
            self._factor = SymmetricFactor(self._pattern)
        else:
            self._factor.refactor(data)
        u = self._prescribed.copy()
        u[self._free] = self._factor.solve(rhs)
        return u

    def take_share(self, share: float) -> None:
        """Change the share of the load."""
        prescribed, target, pull = self._whole_load
        self._prescribed, self.target_values = share * prescribed, share * target
        self._pull = share * pull
        self.share = share

    def load(self, properties: FloatArray) -> tuple[FloatArray, bool]:
        """Displacement that loading from zero reaches, and whether it stays stable on the way.

        At small displacements nothing loses its stability.
        """
        return self.solve(properties), True

    def margin(self) -> float:
        """Least ratio over all modes of the stiffness under load to that at rest; here 1."""
        return 1.0

    def barrier(self, displacement: FloatArray, margin: float) -> tuple[float, FloatArray]:
        """Penalty on a margin that is too small, with its derivatives (cells, 4); here none."""
        return 0.0, np.zeros((self.problem.rows * self.problem.cols, 4))

    @property
    def pull(self) -> FloatArray:
        """Forces on the degrees of freedom at the present share of the load; a copy."""
        return self._pull.copy()

    def work(self, displacement: FloatArray) -> float:
        """Compliance: the forces at the present share of the load times a displacement."""
        return float(self._pull @ displacement)

    def adjoint_to(self, force: FloatArray) -> FloatArray:
        """``K^-1 force`` for forces on all degrees of freedom, with the factor of the last solve.

        Zero where a displacement is prescribed.
        """
        solution = np.zeros(self._fixed.size)
        solution[self._free] = self._solve_last(force[self._free])
        return solution

    def adjoint(self, weights: FloatArray) -> FloatArray:
        """``K^-1 weights`` on the target degrees of freedom, with the factor of the last solve."""
        return np.asarray(self.adjoints(weights[None])[0])

    def adjoints(self, weights: FloatArray) -> FloatArray:
        """`adjoint` of each row of weights (m, t), shape (m, degrees of freedom)."""
        rhs = np.zeros((len(weights), self._fixed.size))
        rhs[:, self.target] = weights
        solution = np.zeros_like(rhs)
        solution[:, self._free] = self._solve_last(rhs[:, self._free].T).T
        return solution

    def _solve_last(self, rhs: FloatArray) -> FloatArray:
        """Solution (unknowns, m) with the factor of the last solve."""
        assert self._factor is not None, "solve comes before adjoint"
        return self._factor.solve(rhs)

    def stiffness_product(self, left: FloatArray, right: FloatArray) -> FloatArray:
        """``left^T (dK/dC_k) right`` for each cell and property, shape (cells, 4)."""
        a, b = left[self.element_dofs], right[self.element_dofs]
        return self._cells(np.einsum("ei,kij,ej->ek", a, self.basis, b, optimize=True))

    def macro_nodes(self, displacement: FloatArray) -> FloatArray:
        """Displacements (rows+1, cols+1, 2) of the cells' corners; NaN where no cell is."""
        field = displacement.reshape(*self._shape, 2)[:: self.mesh, :: self.mesh]
        return np.where(self.problem.nodes[..., None], field, np.nan)


def _present_elements(present: BoolArray, mesh: int) -> IntArray | slice:
    """Elements of the present cells (rows, cols), numbered row by row on the whole rectangle."""
    if present.all():
        return slice(None)  # takes no copy
    return np.flatnonzero(present.repeat(mesh, axis=0).repeat(mesh, axis=1))


def _element_dofs(rows: int, cols: int) -> IntArray:
    """Degrees of freedom (rows*cols, 8) of the elements in q4's node order."""
    r, c = np.divmod(np.arange(rows * cols), cols)
    dofs = np.empty((rows * cols, 8), dtype=np.int64)
    for k, (x, y) in enumerate(q4.NODE_OFFSETS):
        node = (r + 1 - y) * (cols + 1) + c + x
        dofs[:, 2 * k], dofs[:, 2 * k + 1] = 2 * node, 2 * node + 1
    return dofs
