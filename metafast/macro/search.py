"""Search of the property optimisation: MMA, a constraint that steepens, the best iterate."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.typing import FloatArray
from metafast.macro.constraint import paper_constraint
from metafast.macro.fem import MacroModel
from metafast.macro.mma import MMA
from metafast.macro.objective import displacement_objective
from metafast.macro.variables import Variables

_BETA_FIRST, _BETA_LAST, _BETA_EVERY = 25.0, 400.0, 60
_SCALE = 100.0  # first value of the scaled objective: MMA's convexity terms are small there
_FEASIBLE = 1e-3  # largest value of the paper's constraint that counts as feasible
_ATTEMPTS = 12  # to find an equilibrium of an iterate that moves halfway back after each
_NEAR = 4  # of these the first ones do not follow the load from zero, which takes much longer
_RECOVERY = 1.1  # growth of the move limit after a retreat has halved it
_LESS, _MORE, _LEAST = 0.7, 1.05, 0.01  # shares of the load where the start cannot bear it

HISTORY = np.dtype(
    [
        ("iteration", int),
        ("rrmse", float),
        ("constraint", float),
        ("paper_constraint", float),
        ("beta", float),
        ("change", float),
    ]
)


class _Best(NamedTuple):
    """Best iterate so far.

    Smaller ranks are better: feasible iterates by their objective, then the others by their
    violation of the paper's constraint.
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

    Attributes
    ----------
    settled : bool
        Whether the last step had the final constraint, so that the search may stop.
    """

    def __init__(self, model: MacroModel, variables: Variables, x: FloatArray, move: float) -> None:
        self.model, self._variables, self._x = model, variables, x
        self._mma = MMA(np.zeros(x.size), np.ones(x.size), move=move)
        self._move = move
        self._good: FloatArray | None = None  # last iterate with an equilibrium
        self._norm = float(np.linalg.norm(model.target_values))
        self._scale = 0.0
        self._best: _Best | None = None
        self.settled = False

    def step(self, iteration: int) -> tuple[float, ...]:
        """Evaluate the iterate and move on; returns its record of `HISTORY`."""
        variables = self._variables
        beta = min(_BETA_LAST, _BETA_FIRST * 2.0 ** (iteration // _BETA_EVERY))
        value, by_property, u = self._evaluate()
        x = self._x
        gradient = variables.gradient(x, by_property)
        constraint, slope, distance = variables.constraint(x, beta)
        if self.model.share == 1.0:
            self._keep(value, paper_constraint(distance, _BETA_LAST), u)
        self._scale = self._scale or _SCALE / max(value, 1e-12)
        moved = self._mma.step(x.ravel(), self._scale * gradient.ravel(), constraint, slope.ravel())
        change = float(np.abs(moved - x.ravel()).max())
        self._x = variables.settled(moved.reshape(x.shape))
        self.settled = self.model.share == 1.0 and (beta == _BETA_LAST or not variables.constrained)
        rrmse = float(np.sqrt(value)) / self._norm
        return iteration, rrmse, constraint, paper_constraint(distance, beta), beta, change

    def _evaluate(self) -> tuple[float, FloatArray, FloatArray]:
        """Objective at the iterate, its derivatives by the properties, and the displacement.

        A start that cannot bear the load gets a share of it, which grows as the iterates can bear
        more. Later iterates move back halfway as long as they have no equilibrium.
        """
        share, attempt = self.model.share, 0
        self.model.take_share(min(1.0, _MORE * share))
        while True:
            properties = self._variables.properties(self._x)
            try:
                result = displacement_objective(self.model, properties, near=attempt < _NEAR)
                break
            except NoEquilibriumError as error:
                attempt += 1
                if attempt == _ATTEMPTS:
                    raise
                self._ease(share, error)
        self._good = self._x
        self._mma.move = min(self._move, _RECOVERY * self._mma.move)
        value, gradient, u = result
        scale = self.model.share**2
        return value / scale, gradient / scale, u

    def _ease(self, share: float, error: NoEquilibriumError) -> None:
        """Less load for the start, and after a rise; otherwise half of the way back."""
        if self._good is None:
            less = _LESS * error.load * self.model.share
            if less < _LEAST:
                raise error
            self.model.take_share(less)
        elif self.model.share > share:
            self.model.take_share(share)
        else:
            self._x = 0.5 * (self._x + self._good)
            self._mma.move *= 0.5

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
            raise NoEquilibriumError(
                f"no property field was found that bears more than {self.model.share:.0%} of the "
                "load without collapse; prescribe less, or allow more iterations",
                self.model.share,
            )
        return self._best

    @property
    def feasible(self) -> bool:
        """Whether the best iterate meets the paper's constraint."""
        return not self.best.rank[0]

    @property
    def properties(self) -> FloatArray:
        """C11, C12, C22, C33 (cells, 4) of the best iterate."""
        return self._variables.properties(self.best.x)

    def loaded(self) -> tuple[FloatArray, bool]:
        """Displacement that loading from zero reaches, and whether it is stable all the way.

        If it reaches none, that of the search.
        """
        try:
            return self.model.load(self.properties)
        except NoEquilibriumError:
            return self.best.displacement, False
