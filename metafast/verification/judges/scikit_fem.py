"""Judge scikit-fem: its mesh, quadrature and assembly of the pixels at finite deformation.

The laws are written in first Piola-Kirchhoff stress (`metafast.verification.judges.piola`);
Newton's iteration goes from rest to the full load in steps, with PARDISO or SuperLU.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from metafast._base.linear_solver import SymmetricFactor
from metafast._base.typing import FloatArray
from metafast.material import Material
from metafast.problems import Problem
from metafast.structure.finite.laws import LawName
from metafast.structure.quad_mesh import QuadMesh, quad_mesh
from metafast.verification.judges.errors import (
    JudgeError,
    MissingJudgeError,
    require_plane_stress,
)
from metafast.verification.judges.piola import piola_stress

_STEPS, _SMALLEST, _ITERATIONS = 4, 1e-3, 15
_TOLERANCE = 1e-10  # unbalanced force relative to the largest reaction or load


def displacement(
    pixels: Any,
    problem: Problem,
    material: Material,
    law: LawName = "neo-hookean",
    *,
    refine: int = 1,
    start: FloatArray | None = None,
) -> FloatArray:
    """Displacement (ny+1, nx+1, 2) of the pixel nodes at finite deformation; NaN in void.

    Parameters
    ----------
    pixels, problem, material, law, refine
        As in `metafast.solve_structure`; plane stress.
    start : (ny+1, nx+1, 2) array, optional
        Displacement to start from, at the full load, in place of rest.

    Raises
    ------
    MissingJudgeError
        If scikit-fem is not installed.
    JudgeError
        If Newton's iteration does not converge, or in plane strain.
    """
    require_plane_stress(material, "scikit-fem")
    mesh = quad_mesh(pixels, problem, refine)
    body = _Body(mesh, material, law)
    if start is None:
        return mesh.spread(body.at_nodes(_from_rest(body)))
    found = body.balanced(body.from_nodes(mesh.gather(start)), 1.0)
    if found is None:
        raise JudgeError("scikit-fem found no equilibrium near the given displacement")
    return mesh.spread(body.at_nodes(found))


def _from_rest(body: _Body) -> FloatArray:
    """Displacement at the full load, in steps that are halved where the iteration fails."""
    u, load, step = np.zeros(body.size), 0.0, 1.0 / _STEPS
    while load < 1.0:
        there = min(1.0, load + step)
        found = body.balanced(u, there)
        if found is not None:
            u, load = found, there
        elif step < 2.0 * _SMALLEST:
            raise JudgeError(f"scikit-fem found no equilibrium beyond {load:.3f} of the load")
        else:
            step /= 2.0
    return u


class _Body:
    """A body in scikit-fem's terms."""

    def __init__(self, mesh: QuadMesh, material: Material, law: LawName) -> None:
        try:
            import skfem
        except ImportError as error:
            raise MissingJudgeError("scikit-fem", "pip install scikit-fem") from error
        self._skfem, self._material, self._law = skfem, material, law
        quads = skfem.MeshQuad(mesh.coordinates.T.copy(), mesh.elements.T.copy())
        self._basis = skfem.Basis(quads, skfem.ElementVector(skfem.ElementQuad1()), intorder=2)
        self._forms = skfem.LinearForm(_work), skfem.BilinearForm(_work_of_tangent)
        numbers = self._basis.nodal_dofs.T  # (n, 2)
        self._numbers, self._held = numbers, numbers[tuple(mesh.held.T)]
        self._values = mesh.values
        self._pull = np.zeros(int(self._basis.N))
        self._pull[numbers] = mesh.force
        at_nodes = sparse.csr_array(
            (np.ones(numbers.size), (np.arange(numbers.size), numbers.ravel()))
        )
        rows = mesh.springs @ at_nodes
        self._springs = rows.T @ sparse.diags_array(mesh.stiffness) @ rows
        self.size = int(self._basis.N)
        self._free = np.setdiff1d(np.arange(self.size), self._held)

    def at_nodes(self, u: FloatArray) -> FloatArray:
        """Displacement (n, 2) of the nodes."""
        return np.asarray(u[self._numbers])

    def from_nodes(self, values: FloatArray) -> FloatArray:
        """Degrees of freedom from the displacement (n, 2) of the nodes."""
        u = np.zeros(self.size)
        u[self._numbers] = values
        return u

    def balanced(self, guess: FloatArray, load: float) -> FloatArray | None:
        """Equilibrium at a share of the load near a displacement; None without convergence."""
        u, change = guess, np.zeros(self.size)
        change[self._held] = load * self._values - u[self._held]
        tangent, force = self._assembled(u, load)
        for _ in range(_ITERATIONS):
            change[self._free] = self._solved(tangent, -(force + tangent @ change))
            u, change = u + change, np.zeros(self.size)
            tangent, force = self._assembled(u, load)
            if not np.isfinite(force).all():
                return None
            largest = np.abs(force[self._held]).max(initial=0.0)
            largest = max(largest, load * np.abs(self._pull).max())
            if np.abs(force[self._free]).max(initial=0.0) <= _TOLERANCE * largest:
                return u
        return None

    def _assembled(self, u: FloatArray, load: float) -> tuple[Any, FloatArray]:
        """Tangent, and internal forces less those of the dead loads at a share of the load."""
        gradient = np.asarray(self._basis.interpolate(u).grad)  # (2, 2, e, q)
        p, a = piola_stress(self._material, self._law, gradient + np.eye(2)[:, :, None, None])
        work, work_of_tangent = self._forms
        field = self._skfem.DiscreteField
        force = work.assemble(self._basis, stress=field(value=p))
        tangent = work_of_tangent.assemble(self._basis, tangent=field(value=a)) + self._springs
        return tangent, np.asarray(force) + self._springs @ u - load * self._pull

    def _solved(self, tangent: Any, right: FloatArray) -> FloatArray:
        upper = sparse.triu(tangent[self._free][:, self._free], format="csr")
        with SymmetricFactor(upper, definite=False) as factor:
            return np.asarray(factor.solve(right[self._free]))


def _work(v: Any, w: Any) -> Any:
    """Work of the stress on a test displacement."""
    return np.einsum("ij...,ij...->...", np.asarray(w["stress"]), v.grad)


def _work_of_tangent(u: Any, v: Any, w: Any) -> Any:
    """Work of the stress that a displacement adds."""
    added = np.einsum("ijkl...,kl...->ij...", np.asarray(w["tangent"]), u.grad)
    return np.einsum("ij...,ij...->...", added, v.grad)
