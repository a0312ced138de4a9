"""Load path: stable equilibria from rest to the full load, in steps that adapt.

The tangent at every equilibrium is factorised once more: its negative pivots tell whether the
equilibrium is stable, and its solution gives the rate at which the body moves on. An unstable
equilibrium is left for a lower one: the body buckles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.progress import Progress, silent
from metafast._base.typing import AnyArray, FloatArray
from metafast.structure.finite.body import FiniteBody
from metafast.structure.finite.newton import Equilibrium, Newton

_FIRST, _SMALLEST = 0.5, 1e-3  # shares of the load in one step
_FEW, _MANY = 6, 12  # iterations after which steps grow, and shrink
_CLOSE = 0.05  # share of the load between equilibria with nothing hidden between them
_NEAR = 15  # iterations near a given displacement; similar bodies take 5 to 8

STEPS = np.dtype(
    [
        ("load", float),
        ("energy", float),
        ("reaction", float),
        ("negative", int),
        ("iterations", int),
        ("rrmse", float),
    ]
)


class SymmetryLostError(Exception):
    """A symmetric body buckles to one side: its part does not tell where to."""


Reading = Callable[[FloatArray, float], float]


class Step(NamedTuple):
    """One equilibrium of a load path.

    Attributes
    ----------
    load : float
        Share of the full load.
    energy : float
        Of the elements and the springs.
    reaction : float
        Work per unit of load: that of the reactions on the prescribed displacements and of the
        whole dead loads on theirs. Without dead loads it is the derivative of the energy.
    negative : int
        Negative pivots of the tangent at the equilibrium that was found first, before the body
        buckled.
    iterations : int
    rrmse : float
        Of the displacement relative to that share of the target; NaN without a reading.
    """

    load: float
    energy: float
    reaction: float
    negative: int
    iterations: int
    rrmse: float


@dataclass(frozen=True, eq=False)
class LoadPath:
    """Equilibria of a body from rest to the full load.

    Attributes
    ----------
    linear : (n + m,) array
        Displacement of linear elasticity at the full load.
    end : Equilibrium
        The equilibrium at the full load.
    stable : bool
        Whether the tangent at the end is positive definite.
    steps : list of Step
    factorisations : int
    """

    linear: FloatArray
    end: Equilibrium
    stable: bool
    steps: list[Step] = field(default_factory=list)
    factorisations: int = 0

    def table(self) -> AnyArray:
        """The steps as a structured array of `STEPS`."""
        return np.array(self.steps, dtype=STEPS)


class _State(NamedTuple):
    """A load, its equilibrium, the rate (n + m,) by the load, and whether it is stable."""

    load: float
    at: Equilibrium
    rate: FloatArray
    stable: bool


def follow(
    body: FiniteBody,
    newton: Newton,
    values: FloatArray,
    *,
    start: FloatArray | None = None,
    reading: Reading | None = None,
    progress: Progress = silent,
) -> LoadPath:
    """Follow a body to its full load.

    Parameters
    ----------
    body : FiniteBody
    newton : Newton
    values : (m,) array
        Prescribed displacements at the full load.
    start : (n + m,) array, optional
        Displacement near the equilibrium at the full load, which is then tried first.
    reading : callable, optional
        Error of a displacement (n + m,) at a share of the load, for the steps.
    progress : callable, optional
        Called as ``progress("load", permille, 1000)``.

    Raises
    ------
    NoEquilibriumError
        If no equilibrium is found beyond a share of the load.
    SymmetryLostError
        If the factor is that of a part, and the body buckles to one side.
    """
    rest = Equilibrium(np.zeros(body.size), 0.0, np.zeros(body.size), 0.0, 0)
    newton.linearise(rest.u)
    linear = newton.rate(values)
    steps: list[Step] = []
    state = _State(0.0, rest, linear, True)
    if start is not None:
        state = _near(body, newton, values, start, steps, reading) or state
    step = _FIRST
    while state.load < 1.0:
        load = min(1.0, state.load + step)
        found = _advance(body, newton, values, state, load, steps, reading)
        if found is None:
            step = 0.5 * (load - state.load)
            if step < _SMALLEST:
                raise NoEquilibriumError(
                    f"no equilibrium was found beyond {state.load:.3f} of the load: slender "
                    "members collapse there; take cells with wider members, a smaller target, or "
                    "kinematics='linear'",
                    state.load,
                )
            continue
        state = found
        progress("load", int(1000 * state.load), 1000)
        if found.at.iterations <= _FEW:
            step *= 2.0
        elif found.at.iterations > _MANY:
            step /= 2.0
    return LoadPath(linear, state.at, state.stable, steps, newton.factorisations)


def _advance(
    body: FiniteBody,
    newton: Newton,
    values: FloatArray,
    state: _State,
    load: float,
    steps: list[Step],
    reading: Reading | None,
) -> _State | None:
    """The equilibrium at a larger load; None if none is found."""
    guess = state.at.u + (load - state.load) * state.rate
    guess[body.free :] = load * values
    try:
        found = newton.balance(guess, load)
        if found is not None and not _may_hide_buckling(newton, found, load - state.load):
            return _settled(body, newton, values, load, found, steps, reading)
    except np.linalg.LinAlgError:
        pass  # a pivot is zero: another step meets another tangent
    return None


def _may_hide_buckling(newton: Newton, found: Equilibrium, step: float) -> bool:
    """Whether a step has to be taken in halves, for what happens on the way.

    The factor of a part does not see its body leave the symmetry between two equilibria. Where it
    does, the iteration to the next one is long.
    """
    return newton.is_of_part and found.iterations > _MANY and step > _CLOSE


def _near(
    body: FiniteBody,
    newton: Newton,
    values: FloatArray,
    start: FloatArray,
    steps: list[Step],
    reading: Reading | None,
) -> _State | None:
    """The equilibrium at the full load near a displacement; None if none is found."""
    guess = start.copy()
    guess[body.free :] = values
    try:
        found = newton.balance(newton.relax(guess), iterations=_NEAR)
        if found is not None:
            return _settled(body, newton, values, 1.0, found, steps, reading)
    except np.linalg.LinAlgError:
        pass
    return None


def _settled(
    body: FiniteBody,
    newton: Newton,
    values: FloatArray,
    load: float,
    found: Equilibrium,
    steps: list[Step],
    reading: Reading | None,
) -> _State:
    """The state at an equilibrium, or at a lower one if it is unstable; adds it to the steps."""
    newton.linearise(found.u)
    if newton.negative_to_one_side():
        raise SymmetryLostError
    rate = newton.rate(values)
    negative = max(newton.negative, found.unstable)
    stable = newton.negative == 0
    if not stable:
        lower = newton.leave(found)
        found = lower or found
        newton.linearise(found.u)
        rate = newton.rate(values)
        stable = newton.negative == 0
    energy, reaction = found.energy, float(found.force[body.free :] @ values)
    if body.outside is not None:
        energy = body.outside.stored(energy, found.u, load)
        reaction += float(body.outside.force @ found.u)
    rrmse = reading(found.u, load) if reading is not None else np.nan
    steps.append(Step(load, energy, reaction, negative, found.iterations, rrmse))
    return _State(load, found, rate, stable)
