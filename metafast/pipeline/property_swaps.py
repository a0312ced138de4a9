"""Swaps by the cells' own properties: cells whose deviations cancel, before any pixel is solved.

Every candidate deviates from the macro optimum, and where deviations of many cells add up they make
most of the error at every pixel (at finite deformation 0.97 of its direction on a graded beam, 0.99
on a bridge). What the chosen cells' own properties do is known from the macro model, which is
solved in a fraction of a second.
"""

from __future__ import annotations

import numpy as np

from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.progress import Progress, silent
from metafast._base.typing import FloatArray, IntArray
from metafast.assembly.body_cells import body_properties
from metafast.assembly.costs import AssemblyCosts
from metafast.assembly.tiling import Assembly, relabelled
from metafast.database import CellDatabase
from metafast.macro import MacroModel
from metafast.macro.jacobian import target_jacobian
from metafast.pipeline.mesh_change import FINE_GOAL, MeshChange
from metafast.pipeline.swap_choice import best_swaps
from metafast.problems import Problem
from metafast.problems.symmetry import Symmetry

# Squared relative error that one unit of boundary mismatch may cost. What a body does beyond its
# cells' own properties grows with the mismatch, so that swaps that raise it gain nothing. In
# corrections, where this is known and few cells are swapped, it counts less.
EDGE_PRICE, LATER_EDGE_PRICE = 1e-5, 3e-6
_LEAST = 0.01  # share of the objective that a round must gain to be followed by another


def swap_by_properties(
    problem: Problem,
    model: MacroModel,
    database: CellDatabase,
    costs: AssemblyCosts,
    assembly: Assembly,
    *,
    finer: MeshChange | None = None,
    rounds: int,
    edge_price: float = EDGE_PRICE,
    symmetry: Symmetry | None = None,
    progress: Progress = silent,
) -> Assembly:
    """Swap cells among their candidates until their own properties meet the target.

    The objective is the squared error, that on the finer mesh divided by `FINE_GOAL`, and a price
    for boundary mismatch. Every round takes the swaps that lower it most to first order, and keeps
    them if the macro model agrees; otherwise the next one takes half as many.

    Parameters
    ----------
    problem : Problem
    model : MacroModel
        Of the problem.
    database : CellDatabase
    costs : AssemblyCosts
    assembly : Assembly
        The start; the result if its properties have no equilibrium.
    finer : MeshChange, optional
        What a finer mesh changes, where errors on both meshes count.
    rounds : int
        Solutions of the macro model at most.
    edge_price : float
        Squared relative error that one unit of boundary mismatch may cost.
    symmetry : Symmetry, optional
        Mirror symmetry that the labels have and keep; images of a cell are swapped together.
    progress : callable, optional
        Called as ``progress("properties", done, rounds)``.

    Returns
    -------
    Assembly
    """
    symmetry = symmetry or Symmetry()
    swaps = _Swaps(problem, model, database, costs, finer, edge_price, symmetry)
    own = symmetry.fundamental(assembly.labels.shape)
    labels, most = assembly.labels, assembly.labels.size
    if not swaps.linearise(labels):
        return assembly
    value = swaps.objective(labels)
    for done in range(rounds):
        trial = swaps.best(labels, most)
        count = int(np.count_nonzero((trial != labels) & own))
        after = swaps.objective(trial) if count else np.inf
        progress("properties", done + 1, rounds)
        if after < value and swaps.linearise(trial):
            gained = after < (1.0 - _LEAST) * value
            labels, value, most = trial, swaps.objective(trial), assembly.labels.size
            if not gained:
                break
        elif count <= 1:
            break
        else:
            most = count // 2
    progress("properties", rounds, rounds)
    return relabelled(assembly, costs, labels)


class _Swaps:
    """Objective of labellings by their cells' own properties, and the swaps that lower it."""

    def __init__(
        self,
        problem: Problem,
        model: MacroModel,
        database: CellDatabase,
        costs: AssemblyCosts,
        finer: MeshChange | None,
        edge_price: float,
        symmetry: Symmetry,
    ) -> None:
        self._model, self._costs, self._finer = model, costs, finer
        self._symmetry = symmetry
        self._properties = body_properties(database, costs.candidates, problem)
        self._target = problem.target[problem.wanted]
        self._wanted, self._measure = problem.wanted, problem.target_error
        self._price = edge_price * self._measure.norm2
        self._usable = np.broadcast_to(problem.designed[..., None], costs.candidates.shape)
        self._jacobian = np.zeros(0)

    def linearise(self, labels: IntArray) -> bool:
        """Take the Jacobian at a labelling; False if its properties have no equilibrium."""
        try:
            displacement = self._model.solve(self._chosen(labels))
        except NoEquilibriumError:
            return False
        self._jacobian = target_jacobian(self._model, displacement)
        if self._finer is not None:
            self._finer.linearise(self._jacobian)
        return True

    def objective(self, labels: IntArray) -> float:
        """Squared residuals and price of the mismatch; infinite without equilibrium."""
        try:
            residuals = self._residuals(labels)
        except NoEquilibriumError:
            return np.inf
        squares = len(residuals) * self._measure.norm2 * self._measure.relative(residuals) ** 2
        return squares + self._price * float(self._costs.mismatches(labels).sum())

    def best(self, labels: IntArray, most: int) -> IntArray:
        """The labelling after the best swaps, `most` at most, to first order."""
        residuals = self._residuals(labels)
        factor = self._measure.factor(residuals)
        current = np.take_along_axis(self._properties, labels[..., None, None], 2)
        change = (self._properties - current).reshape(labels.size, -1, 4)
        effects = np.einsum("tek,eak->eat", self._jacobian, change, optimize=True)
        effects = factor * effects.reshape(*self._properties.shape[:3], -1)
        if len(residuals) == 2:
            assert self._finer is not None
            further = effects + factor * self._finer.effects(labels)
            effects = np.concatenate([effects, further / FINE_GOAL], axis=-1)
        trial, _ = best_swaps(
            self._costs,
            labels,
            effects,
            self._usable,
            (factor * residuals).ravel(),
            count=most,
            edge_price=self._price,
            isolated=False,
            symmetry=self._symmetry,
        )
        return trial

    def _residuals(self, labels: IntArray) -> FloatArray:
        """Displacement minus target (1 or 2, t), on the finer mesh relative to its goal."""
        moved = self._model.macro_nodes(self._model.solve(self._chosen(labels)))
        own = moved[self._wanted] - self._target
        change = None if self._finer is None else self._finer.of(labels)
        return own[None] if change is None else np.stack([own, (own + change) / FINE_GOAL])

    def _chosen(self, labels: IntArray) -> FloatArray:
        chosen = np.take_along_axis(self._properties, labels[..., None, None], 2)
        return np.asarray(chosen[:, :, 0])
