"""Macro finite elements at finite deformation, with exact adjoint sensitivities.

As in `metafast.macro.fem`, every cell is one Q4 element or ``mesh`` x ``mesh`` of them, but the
stress S = C : E comes from the Green-Lagrange strain E, so the equilibrium is nonlinear in the
displacement. Its tangent K takes the place of the stiffness in the adjoint equations.
"""

from __future__ import annotations

import numpy as np

from metafast._base.checks import require_kinematics
from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.typing import FloatArray, IntArray, Kinematics
from metafast.macro.elastic_body import ElasticBody
from metafast.macro.equilibrium import EquilibriumSearch
from metafast.macro.fem import MacroModel
from metafast.macro.load_path import LoadPath, follow_load
from metafast.macro.stability import Stability
from metafast.macro.tangent_factor import TangentFactor
from metafast.problems import Problem

_ITERATIONS = 8  # of Newton's method from the last equilibrium


class FiniteMacroModel(MacroModel):
    """Finite element model of a problem at finite deformation, for any property field.

    Equilibria are sought near the one before, which suits property fields that change little by
    little; the first, and those that are not found so, along the load path.

    Parameters
    ----------
    problem : Problem
    mesh : int
        Elements per cell side.
    """

    kinematics: Kinematics = "finite"

    def __init__(self, problem: Problem, mesh: int = 1) -> None:
        super().__init__(problem, mesh)
        self._body = ElasticBody(
            self.element_dofs,
            mesh,
            self._fixed,
            self._pairs(),
            self._pattern.nnz,
            self._springs,
            self._spring_slots,
        )
        self._tangent = TangentFactor(self._body, self._pattern)
        self._search = EquilibriumSearch(self._body, self._tangent)
        self._stability = Stability(self._body, self._tangent)
        self._last: FloatArray | None = None

    def _pairs(self) -> IntArray:
        """Entries (elements, 36) of the upper triangle for the pairs i <= j of an element."""
        place = np.full(self._entries.size, -1)
        place[self._entries] = self._slots
        square = place.reshape(-1, 8, 8)
        i, j = np.triu_indices(8)
        return np.ascontiguousarray(np.maximum(square[:, i, j], square[:, j, i]))

    def solve(self, properties: FloatArray, *, near: bool = False) -> FloatArray:
        """Displacement of all degrees of freedom in a stable equilibrium.

        It is sought near the last equilibrium, and along the load path if there is none.

        Parameters
        ----------
        properties : (rows, cols, 4) or (cells, 4) array
            C11, C12, C22, C33 of the cells.
        near : bool
            Whether an equilibrium that is not near the last one counts as none.

        Returns
        -------
        ((rows*mesh+1)*(cols*mesh+1)*2,) array

        Raises
        ------
        NoEquilibriumError
            If none is found.
        """
        if self._last is not None:
            self._body.properties, self._body.pull = self._elements(properties), self._pull
            found = self._search.find(self._last, _ITERATIONS, near=True)
            if found is not None:
                self._last = found.displacement
                return self._last
            if near:
                raise NoEquilibriumError("no equilibrium was found near the last one")
        return self.load(properties)[0]

    def take_share(self, share: float) -> None:
        """Change the share of the load; the last equilibrium grows with it, to a first guess."""
        if self._last is not None and share != self.share:
            self._last = (share / self.share) * self._last
        super().take_share(share)

    def load(self, properties: FloatArray) -> tuple[FloatArray, bool]:
        """Displacement that loading from zero reaches, and whether it stays stable on the way.

        Raises
        ------
        NoEquilibriumError
            If the path ends before the whole load.
        """
        path = self.load_path(properties)
        return path.displacements[-1], path.stable

    def load_path(self, properties: FloatArray) -> LoadPath:
        """Equilibria as the prescribed displacements and the forces grow from zero.

        Parameters
        ----------
        properties : (rows, cols, 4) or (cells, 4) array
            C11, C12, C22, C33 of the cells.

        Raises
        ------
        NoEquilibriumError
            If the path ends before the whole load.
        """
        self._body.properties = self._elements(properties)
        path = follow_load(self._body, self._search, self._tangent, self._prescribed, self._pull)
        self._last = path.displacements[-1]
        return path

    def margin(self) -> float:
        """Least ratio over all modes of the tangent at the last equilibrium to that at rest."""
        return float(self._stability.modes(fresh=True)[0][0])

    def barrier(self, displacement: FloatArray, margin: float) -> tuple[float, FloatArray]:
        """Penalty on ratios of `margin` that are too small, with its derivatives (cells, 4).

        See `metafast.macro.stability`; `displacement` is the last equilibrium.
        """
        value, gradient = self._stability.barrier(displacement, margin)
        return value, self._cells(gradient)

    def stiffness_product(self, left: FloatArray, right: FloatArray) -> FloatArray:
        """``left^T df/dC_k`` at the displacement `right` for each cell and property, (cells, 4)."""
        return self._cells(self._body.force_by_property(right, left))

    def _solve_last(self, rhs: FloatArray) -> FloatArray:
        """Solution (unknowns, m) with the tangent at the last equilibrium."""
        return self._tangent.solve(rhs)


def macro_model(problem: Problem, mesh: int = 1, kinematics: Kinematics = "finite") -> MacroModel:
    """Macro model of a problem.

    Parameters
    ----------
    problem : Problem
    mesh : int
        Elements per cell side.
    kinematics : {"finite", "linear"}
        Displacements of any size, or small ones as in the paper.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    finite = require_kinematics(kinematics) == "finite"
    return FiniteMacroModel(problem, mesh) if finite else MacroModel(problem, mesh)
