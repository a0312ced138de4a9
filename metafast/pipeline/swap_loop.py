"""Swap loop: the best body so far, the swaps to try next, and the verdict on a trial."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.assembly.costs import AssemblyCosts
from metafast.assembly.tiling import Assembly, relabelled
from metafast.pipeline.every_pixel import SolvedBody
from metafast.pipeline.mesh_change import FINE_GOAL, MeshChange
from metafast.pipeline.swap_choice import best_swaps
from metafast.pipeline.trace import SwapRound
from metafast.problems import Problem
from metafast.problems.symmetry import Symmetry
from metafast.structure.target_adjoints import TargetAdjoints

_EDGE_PRICE = 1e-6  # squared relative error that one unit of boundary mismatch may cost
_SAME = 1e-6  # relative difference of displacements in one equilibrium
_STOP = 0.02  # rounds that promise less than this share of the error are not worth a solution


class TrialSolver(Protocol):
    """Solves bodies for the closed loop; see `metafast.pipeline.every_pixel.BodySolver`."""

    def trial(self, assembly: Assembly) -> SolvedBody | None:
        """A solved body, or None if it falls apart."""
        ...

    def with_adjoints(self, body: SolvedBody) -> SolvedBody:
        """The body with adjoint fields."""
        ...

    def from_rest(self, body: SolvedBody) -> SolvedBody:
        """The body at the end of its own load path."""
        ...


class Keep(Protocol):
    """Takes every better body; see `metafast.pipeline.best_so_far.BestSoFar.keep`."""

    def __call__(self, body: SolvedBody, fine: FloatArray | None = None, /) -> None:
        """Keep a body, and its displacement on the finer mesh where that is known."""
        ...


def forget(_body: SolvedBody, _fine: FloatArray | None = None, /) -> None:
    """Keep nothing."""


class Effects(Protocol):
    """Effects of swaps on the targets; see `metafast.pipeline.swap_effects.SwapEffects`."""

    values: FloatArray
    usable: BoolArray
    finer: MeshChange | None

    def judge(self, body: SolvedBody, adjoints: TargetAdjoints, residual: FloatArray) -> None:
        """Judge more swaps, with the mean displacement minus the target (t,) of the body."""
        ...

    def forget(self, before: IntArray, after: IntArray) -> None:
        """Drop what is near the swaps between two labellings."""
        ...

    def forget_all(self) -> None:
        """Drop everything."""
        ...


@dataclass(frozen=True, eq=False)
class Trial:
    """An assembly with swapped cells, and the error that the windows predict for it."""

    assembly: Assembly
    swapped: BoolArray
    predicted: float


class SwapLoop:
    """State of the closed loop: the best body, the known effects of swaps, and the swap limit.

    Adjoint fields serve until a trial fails: a few swapped cells hardly change how a force
    elsewhere moves the targets, and new fields cost more than a solution. When a trial fails, the
    fields are solved for again if cells were swapped since; if not, the next trial takes half the
    swaps, or, if there was only one, excludes it.

    Where a finer mesh counts too, errors are the root mean square over both, that on the finer one
    as `MeshChange` tells it.

    Parameters
    ----------
    problem : Problem
    costs : AssemblyCosts
    start : SolvedBody
        Without adjoint fields these are solved for before the first trial.
    effects : Effects
    solver : TrialSolver
    searches : int
        Sets of windows that are judged at most before the loop ends for want of gain.
    symmetry : Symmetry, optional
        Mirror symmetry that the bodies keep: images of a cell are swapped together.

    Attributes
    ----------
    best : SolvedBody
    rounds : list of SwapRound
        The start, then one row per trial.
    """

    def __init__(
        self,
        problem: Problem,
        costs: AssemblyCosts,
        start: SolvedBody,
        effects: Effects,
        solver: TrialSolver,
        *,
        searches: int = 1,
        symmetry: Symmetry | None = None,
    ) -> None:
        self._costs, self._effects, self._solver = costs, effects, solver
        self._wanted, self._target = problem.wanted, problem.target[problem.wanted]
        self._measure = problem.target_error
        self._searches, self._symmetry = searches, symmetry or Symmetry()
        self._all = int(np.count_nonzero(problem.designed))
        self.best, self._adjoints = start, start.adjoints
        self._most = self._all  # swaps of the next trial at most
        self._fresh = True  # the adjoint fields are those of the best body
        self._outdated = True  # there are swaps to judge
        self.rounds = [first_round(start)]

    def next_trial(self) -> Trial | None:
        """The swaps that together gain most; None if there is nothing worth a solution."""
        if not np.isfinite(self.best.response.rrmse):
            return None
        if self._adjoints is None and not self._renew_adjoints():
            warnings.warn(
                "the closed loop ends: there is no memory for adjoint fields",
                RuntimeWarning,
                stacklevel=3,
            )
            return None
        for search in range(self._searches):
            if self._outdated or search:
                mean = self._residuals(self.best).mean(axis=0)
                assert self._adjoints is not None
                self._effects.judge(self.best, self._adjoints, mean)
                self._outdated = False
            trial, error = self._most_promising()
            if error <= (1.0 - _STOP) * self.error(self.best):
                return trial
        return None

    def error(self, body: SolvedBody) -> float:
        """Relative error of a body, the root mean square over both meshes if there are two."""
        residuals = self._residuals(body)
        if len(residuals) == 1:
            return body.response.rrmse
        return self._relative(residuals)

    def reached(self, goal: float) -> bool:
        """Whether the best body meets an error, and on the finer mesh half as much again."""
        errors = [self._relative(own) for own in self._residuals(self.best)]
        return errors[0] <= goal and all(own <= FINE_GOAL * goal for own in errors[1:])

    def learn(self, change: FloatArray) -> None:
        """Take the change (rows+1, cols+1, 2) of the best body's displacement by a finer mesh."""
        finer = self._effects.finer
        if finer is not None:
            finer.learn(self.best.assembly.labels, change[self._wanted])
        self._most, self._outdated = self._all, True

    def _most_promising(self) -> tuple[Trial, float]:
        """The swaps that together gain most by the effects that are known, and their error."""
        best, effects, residuals = self.best, self._effects.values, self._residuals(self.best)
        factor = self._measure.factor(residuals)
        effects = factor * effects
        if len(residuals) == 2:
            assert self._effects.finer is not None
            further = effects + factor * self._effects.finer.effects(best.assembly.labels)
            effects = np.concatenate([effects, further], axis=-1)
        labels, left = best_swaps(
            self._costs,
            best.assembly.labels,
            effects,
            self._effects.usable,
            (factor * residuals).ravel(),
            count=self._most,
            edge_price=_EDGE_PRICE * self._measure.norm2 * len(residuals),
            symmetry=self._symmetry,
        )
        left = left.reshape(residuals.shape) / factor
        swapped = np.asarray(labels != best.assembly.labels)
        assembly = relabelled(best.assembly, self._costs, labels)
        return Trial(assembly, swapped, self._relative(left[0])), self._relative(left)

    def _residuals(self, body: SolvedBody) -> FloatArray:
        """Displacement minus target (1 or 2, t) of a body, on its mesh and on the finer one."""
        own = body.response.displacement[self._wanted] - self._target
        finer = self._effects.finer
        change = None if finer is None else finer.of(body.assembly.labels)
        return own[None] if change is None else np.stack([own, own + change])

    def _relative(self, residuals: FloatArray) -> float:
        """Root mean square of residuals (t,) or (m, t), relative to that of the target."""
        return self._measure.relative(residuals)

    def take_from_rest(self) -> None:
        """Put the best body at the end of its own load path, with new effects if that differs.

        Warns
        -----
        RuntimeWarning
            If the path does not reach the full load, or does not fit into memory; the body stays.
        """
        before = self.best.response
        try:
            body = self._solver.from_rest(self.best)
        except (NoEquilibriumError, MemoryError, np.linalg.LinAlgError) as lost:
            warnings.warn(
                f"the result was not followed from rest: {lost}", RuntimeWarning, stacklevel=2
            )
            return
        if body is self.best:
            return
        moved = np.nanmax(np.abs(body.response.displacement - before.displacement))
        if moved <= _SAME * np.nanmax(np.abs(before.displacement)):
            self.best = replace(body, adjoints=self.best.adjoints)
            return
        self.best = body
        self._most, self._outdated = self._all, True
        if self._adjoints is not None:
            self._renew_adjoints()

    def settle(self, trial: Trial, body: SolvedBody | None, *, last: bool) -> None:
        """Keep the body of a trial if it is better, else prepare for another trial.

        Parameters
        ----------
        trial : Trial
        body : SolvedBody or None
            None if the body fell apart.
        last : bool
            Whether no further trial follows, for which adjoint fields would be needed.
        """
        error = np.inf if body is None else body.response.rrmse
        kept = np.isfinite(error) and body is not None and self.error(body) < self.error(self.best)
        swaps, energy = int(trial.swapped.sum()), trial.assembly.energy
        self.rounds.append(SwapRound(swaps, trial.predicted, error, energy, kept))
        self._outdated = kept
        if kept:
            assert body is not None
            self._accept(trial, body)
        elif self._fresh or last or not self._renew_adjoints():
            self._take_fewer(trial)

    def _accept(self, trial: Trial, body: SolvedBody) -> None:
        self._effects.forget(self.best.assembly.labels, trial.assembly.labels)
        self.best, self._most, self._fresh = body, self._all, False

    def _take_fewer(self, trial: Trial) -> None:
        """Half the swaps of a failed trial, or all but its single one."""
        swapped = trial.swapped & self._symmetry.fundamental(trial.swapped.shape)
        swaps = int(swapped.sum())
        if swaps > 1:
            self._most = swaps // 2
        else:
            (place,) = np.argwhere(swapped)
            self._effects.usable[(*place, trial.assembly.labels[tuple(place)])] = False

    def _renew_adjoints(self) -> bool:
        """Solve for the adjoint fields of the best body; whether there was room for them."""
        try:
            adjoints = self._solver.with_adjoints(self.best).adjoints
        except MemoryError:
            return False
        assert adjoints is not None
        self._adjoints, self._fresh, self._outdated = adjoints, True, True
        self._effects.forget_all()
        return True


def first_round(start: SolvedBody) -> SwapRound:
    """The record of the body that the closed loop starts from."""
    return SwapRound(0, np.nan, start.response.rrmse, start.assembly.energy, True)
