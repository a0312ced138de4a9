"""Search of the property optimisation: MMA, a constraint that steepens, the best iterate."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.typing import FloatArray
from metafast.macro.compliance import design_objective
from metafast.macro.constraint import paper_constraint
from metafast.macro.fem import MacroModel
from metafast.macro.mma import MMA
from metafast.macro.share_bound import ShareBound
from metafast.macro.variables import Variables

_BETA_FIRST, _BETA_LAST, _BETA_EVERY = 25.0, 400.0, 60
_SCALE = 100.0  # first value of the scaled objective: MMA's convexity terms are small there
_FEASIBLE = 1e-3  # largest value of the paper's constraint that counts as feasible
_ATTEMPTS = 20  # to find an equilibrium of an iterate, each easier than the one before
_NEAR = 6  # of these the first ones do not follow the load from zero, which takes much longer
_RECOVERY = 1.1  # growth of the move limit after a retreat has halved it
_WEIGHT = 0.01  # of the stability barrier, relative to the squared norm of the target
_WEIGHT_OF_COMPLIANCE = 1.0  # the same, relative to the first compliance
_EXCESS = 1e-4  # largest relative excess of a solid share that counts as feasible
_BEARABLE = 0.7  # of the load that the start can bear
_LIGHTER, _LEAST = 0.9, 0.01  # change of the share of the load, and its smallest value
_RISE = 0.02  # growth of the share per iteration

HISTORY = np.dtype(
    [
        ("iteration", int),
        ("rrmse", float),
        ("constraint", float),
        ("paper_constraint", float),
        ("beta", float),
        ("change", float),
        ("load", float),
        ("compliance", float),
        ("solid_share", float),
    ]
)


class _Best(NamedTuple):
    """Best iterate so far.

    Smaller ranks are better: feasible iterates by their objective, then the others by their
    violation of the paper's constraint or of the bound on the solid.
    """

    rank: tuple[bool, float]
    x: FloatArray
    displacement: FloatArray


class Search:
    """Iterates of MMA, and the best of them.

    Parameters
    ----------
    model : MacroModel
    variables : Variables
    x : (cells, d) array
        Variables to start from.
    move : float
        Largest change of a variable per iteration.
    margin : float
        Stability margin that a barrier keeps; 0 for none.
    bound : ShareBound, optional
        Bound on the solid share; none by default.

    Attributes
    ----------
    settled : bool
        Whether the last step had the final constraint, so that the search may stop.
    """

    def __init__(
        self,
        model: MacroModel,
        variables: Variables,
        x: FloatArray,
        move: float,
        margin: float,
        bound: ShareBound | None = None,
    ) -> None:
        self.model, self._variables, self._x = model, variables, x
        self.bound = bound
        self._mma = MMA(np.zeros(x.size), np.ones(x.size), move=move)
        self._move, self._margin = move, margin
        self._good: FloatArray | None = None  # last iterate with an equilibrium
        self._rise = _RISE
        self._norm = float(np.sqrt(model.problem.target_error.norm2))
        self._scale = self._first = 0.0
        self._best: _Best | None = None
        self.settled = False

    def step(self, iteration: int) -> tuple[float, ...]:
        """Evaluate the iterate and move on; returns its record of `HISTORY`."""
        variables = self._variables
        beta = min(_BETA_LAST, _BETA_FIRST * 2.0 ** (iteration // _BETA_EVERY))
        value, by_property, u = self._evaluate()
        self._first = self._first or value
        barrier, slope_of_barrier = self._barrier(u)
        x = self._x
        objective, by_property = value + barrier, by_property + slope_of_barrier
        gradient = variables.gradient(x, by_property)
        constraint, slope, distance = variables.constraint(x, beta)
        values, slopes, solid = self._with_bound(constraint, slope.ravel())
        if self.model.share == 1.0:
            violation = paper_constraint(distance, _BETA_LAST)
            if self.bound is not None:
                violation = max(violation, _FEASIBLE / _EXCESS * (solid / self.bound.bound - 1.0))
            self._keep(objective, violation, u)
        self._scale = self._scale or _SCALE / max(objective, 1e-12)
        moved = self._mma.step(x.ravel(), self._scale * gradient.ravel(), values, slopes)
        change = float(np.abs(moved - x.ravel()).max())
        self._x = variables.settled(moved.reshape(x.shape))
        self.settled = self.model.share == 1.0 and (beta == _BETA_LAST or not variables.constrained)
        share = self.model.share
        used = constraint, paper_constraint(distance, beta), beta
        work = self.model.work(u) / share**2
        return iteration, self._rrmse(value, u), *used, change, share, work, solid

    def _with_bound(
        self, constraint: float, slope: FloatArray
    ) -> tuple[float | FloatArray, FloatArray, float]:
        """Constraints for MMA, their derivatives, and the mean solid share; NaN without bound."""
        if self.bound is None:
            return constraint, slope, np.nan
        excess, by_variable = self.bound.constraint(self._variables, self._x)
        values = np.array([constraint, excess])
        return values, np.stack([slope, by_variable.ravel()]), (1.0 + excess) * self.bound.bound

    def _rrmse(self, value: float, u: FloatArray) -> float:
        """RRMSE of the targets at a displacement; NaN without any."""
        model = self.model
        if self._norm == 0.0:
            return np.nan
        if model.problem.objective == "compliance" or model.problem.compliance_weight:
            error = u[model.target] - model.target_values
            value = float(error @ error) / model.share**2
        return float(np.sqrt(value)) / self._norm

    def _evaluate(self) -> tuple[float, FloatArray, FloatArray]:
        """Objective at the iterate, its derivatives by the properties, and the displacement.

        An iterate without equilibrium moves halfway back to the last one. If that is not enough,
        the load becomes lighter: near a collapse, steps that avoid it need not exist. The load
        grows again with every iteration. Objective and derivatives are scaled to the whole load.
        """
        share, retreated = self.model.share, False
        self.model.take_share(min(1.0, (1.0 + self._rise) * share))
        for attempt in range(_ATTEMPTS):
            properties = self._variables.properties(self._x)
            near = self._good is not None and attempt < _NEAR
            try:
                value, gradient, u = design_objective(self.model, properties, near=near)
                break
            except NoEquilibriumError as error:
                if self._good is None:
                    self._lighten(_BEARABLE * error.load)
                elif self.model.share > share:
                    self.model.take_share(share)
                    self._rise *= 0.5
                elif not retreated:
                    self._x, retreated = 0.5 * (self._x + self._good), True
                    self._mma.move *= 0.5
                else:
                    self._x = self._good
                    self._lighten(_LIGHTER)
        else:
            raise _collapse(share)
        self._good = self._x
        self._mma.move = min(self._move, _RECOVERY * self._mma.move)
        self._rise = min(_RISE, _RECOVERY * self._rise)
        scale = self.model.share**2
        return value / scale, gradient / scale, u

    def _barrier(self, u: FloatArray) -> tuple[float, FloatArray]:
        """Stability barrier, and its derivatives by the properties."""
        weight = _WEIGHT * self._norm**2
        if self.model.problem.objective == "compliance":
            weight = _WEIGHT_OF_COMPLIANCE * self._first
        value, gradient = self.model.barrier(u, self._margin) if self._margin > 0 else (0.0, 0.0)
        return weight * value, weight * np.asarray(gradient)

    def _lighten(self, factor: float) -> None:
        """Reduce the load."""
        share = factor * self.model.share
        if share < _LEAST:
            raise _collapse(share)
        self.model.take_share(share)

    def _keep(self, value: float, violation: float, displacement: FloatArray) -> None:
        """Keep the current iterate if it is better than the best so far."""
        feasible = violation <= _FEASIBLE
        rank = (not feasible, value if feasible else violation)
        if self._best is None or rank < self._best.rank:
            self._best = _Best(rank, self._x.copy(), displacement)

    @property
    def best(self) -> _Best:
        """Best iterate under the whole load so far."""
        if self._best is None:
            raise _collapse(self.model.share)
        return self._best

    @property
    def feasible(self) -> bool:
        """Whether the best iterate meets the paper's constraint and the bound on the solid."""
        return not self.best.rank[0]

    @property
    def properties(self) -> FloatArray:
        """C11, C12, C22, C33 (cells, 4) of the best iterate."""
        return self._variables.properties(self.best.x)

    def loaded(self) -> tuple[FloatArray, float, bool]:
        """Displacement that loading from zero reaches, its margin, and whether all were stable.

        If it reaches none, the displacement of the search, with margin 0.
        """
        properties = self.properties
        try:
            displacement, stable = self.model.load(properties)
        except NoEquilibriumError:
            return self.best.displacement, 0.0, False
        return displacement, self.model.margin(), stable


def _collapse(share: float) -> NoEquilibriumError:
    return NoEquilibriumError(
        f"no property field was found that bears more than {share:.0%} of the load without "
        "collapse; prescribe less, start from a stiffer field, or allow more "
        "iterations",
        share,
    )
