"""Search of the property optimisation: MMA with a constraint that steepens, and the best iterate."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metafast._base.typing import FloatArray
from metafast.macro.constraint import paper_constraint
from metafast.macro.fem import MacroModel
from metafast.macro.load_path import NoEquilibriumError
from metafast.macro.mma import MMA
from metafast.macro.objective import displacement_objective
from metafast.macro.variables import Variables

_BETA_FIRST, _BETA_LAST, _BETA_EVERY = 25.0, 400.0, 60
_SCALE = 100.0  # first value of the scaled objective: MMA's convexity terms are small there
_FEASIBLE = 1e-3  # largest value of the paper's constraint that counts as feasible
_RETREATS = 8  # times that an iterate without equilibrium moves halfway back
_NEAR = 4  # of these the first ones, which do not follow the load from zero: it takes much longer
_RECOVERY = 1.1  # growth of the move limit after a retreat has halved it

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
        self._good = variables.start(len(x))  # where there is an equilibrium, to the best knowledge
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
        self._keep(value, paper_constraint(distance, _BETA_LAST), u)
        self._scale = self._scale or _SCALE / max(value, 1e-12)
        moved = self._mma.step(x.ravel(), self._scale * gradient.ravel(), constraint, slope.ravel())
        change = float(np.abs(moved - x.ravel()).max())
        self._x = variables.settled(moved.reshape(x.shape))
        self.settled = beta == _BETA_LAST or not variables.constrained
        rrmse = float(np.sqrt(value)) / self._norm
        return iteration, rrmse, constraint, paper_constraint(distance, beta), beta, change

    def _evaluate(self) -> tuple[float, FloatArray, FloatArray]:
        """Objective at the iterate, which moves back halfway as long as it has no equilibrium."""
        for retreat in range(_RETREATS + 1):
            properties = self._variables.properties(self._x)
            try:
                result = displacement_objective(self.model, properties, near=retreat < _NEAR)
                break
            except NoEquilibriumError:
                if retreat == _RETREATS or np.array_equal(self._x, self._good):
                    raise
                self._x = 0.5 * (self._x + self._good)
                self._mma.move *= 0.5
        self._good = self._x
        self._mma.move = min(self._move, _RECOVERY * self._mma.move)
        return result

    def _keep(self, value: float, violation: float, displacement: FloatArray) -> None:
        """Keep the current iterate if it is better than the best so far."""
        feasible = violation <= _FEASIBLE
        rank = (not feasible, value if feasible else violation)
        if self._best is None or rank < self._best.rank:
            self._best = _Best(rank, self._x.copy(), displacement)

    @property
    def best(self) -> _Best:
        """Best iterate so far."""
        assert self._best is not None, "a step comes before a result"
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
