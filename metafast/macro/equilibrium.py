"""Stable equilibria of an elastic body under prescribed displacements and dead loads.

A stable equilibrium is a minimum of the body's energy, less the work of dead loads. Newton's method
finds it: a line search lets no step raise the energy or invert an element, a tangent with negative
eigenvalues is shifted until its step descends, and an unstable equilibrium is left along its lowest
mode. A factor serves for several steps while it contracts the error well; the last one is always
that of the tangent at the equilibrium.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metafast._base.typing import FloatArray
from metafast.macro.elastic_body import ElasticBody
from metafast.macro.tangent_factor import TangentFactor

_TOLERANCE = 1e-8  # last Newton step relative to the displacement; the error is its square
_CONTRACTION = 0.4  # a factor serves on while it shrinks its steps to this share
_ROUNDING = 1e-12  # relative changes of the energy that may be nothing but rounding
_DESCENT = 1e-4  # share of the predicted decrease that a step must reach (Armijo)
_CUTS = 12  # halvings of a step before it counts as failed
_MODE_LENGTH = 0.1  # first step along the lowest mode, as a share of the displacement


class Equilibrium(NamedTuple):
    """An equilibrium, and what was met on the way.

    Attributes
    ----------
    displacement : (degrees of freedom,) array
    negative : int
        Negative eigenvalues of its tangent; 0 if it is stable.
    indefinite : bool
        Whether a tangent on the way had negative eigenvalues.
    left : bool
        Whether an unstable equilibrium was found first, and left.
    """

    displacement: FloatArray
    negative: int
    indefinite: bool
    left: bool


class _State(NamedTuple):
    u: FloatArray
    energy: float
    forces: FloatArray  # on the free degrees of freedom


class EquilibriumSearch:
    """Newton's method for the minima of a body's energy.

    Parameters
    ----------
    body : ElasticBody
    factor : TangentFactor
        After a successful search the factor of the tangent at the equilibrium.
    """

    def __init__(self, body: ElasticBody, factor: TangentFactor) -> None:
        self._body, self._factor = body, factor

    def find(
        self, u: FloatArray, iterations: int, *, near: bool = False, leave: bool = True
    ) -> Equilibrium | None:
        """Equilibrium near u, which holds the prescribed values.

        Parameters
        ----------
        u : (degrees of freedom,) array
        iterations : int
            Largest number of Newton iterations with a new tangent.
        near : bool
            Whether the present factor is that of a similar tangent, and worth a try.
        leave : bool
            Whether unstable equilibria are left for a stable one.

        Returns
        -------
        Equilibrium or None
            None if the start has inverted elements, or no equilibrium was found.
        """
        factor, state = self._factor, self._state(u)
        if not np.isfinite(state.energy):
            return None
        if near and factor.exact and factor.negative == 0:
            state = self._contracted(state, np.inf)
        indefinite = left = False
        for _ in range(iterations):
            factor.factorise(state.u)
            indefinite |= factor.negative > 0
            step = -factor.solve(state.forces)
            if self._settled(step, state.u) and not (factor.negative and leave):
                moved = self._moved(state.u, step)
                return Equilibrium(moved, factor.negative, indefinite, left)
            if self._settled(step, state.u):
                following, left = self._leave(state), True
            else:
                following = self._descend(state, step)
            if following is None:
                return None
            state = following
            if factor.exact and factor.negative == 0:
                state = self._contracted(state, float(np.abs(step).max()))
        return None

    def _state(self, u: FloatArray) -> _State:
        energy, forces = self._body.energy_and_forces(u)
        return _State(u, energy, forces[self._body.free])

    def _moved(self, u: FloatArray, step: FloatArray) -> FloatArray:
        moved = u.copy()
        moved[self._body.free] += step
        return moved

    @staticmethod
    def _settled(step: FloatArray, u: FloatArray) -> bool:
        return bool(np.abs(step).max() <= _TOLERANCE * np.abs(u).max())

    def _contracted(self, state: _State, size: float) -> _State:
        """Steps with the present factor as long as each is much shorter than the one before."""
        while True:
            step = -self._factor.solve(state.forces)
            length = float(np.abs(step).max())
            if not length <= _CONTRACTION * size:
                return state
            following = self._state(self._moved(state.u, step))
            if not following.energy <= _raised(state.energy):
                return state
            state, size = following, length
            if self._settled(step, state.u):
                return state

    def _descend(self, state: _State, step: FloatArray) -> _State | None:
        """Line search along a Newton step, or along that of the shifted tangent if it climbs."""
        if step @ state.forces < 0.0:
            return self._backtracked(state, step)
        self._factor.shift(state.u)
        return self._extended(state, -self._factor.solve(state.forces))

    def _leave(self, state: _State) -> _State | None:
        """Lower energy along the lowest mode, in the direction in which the forces push."""
        self._factor.shift(state.u)
        mode = self._factor.lowest_mode()
        if mode @ state.forces > 0.0:
            mode = -mode
        return self._extended(state, _MODE_LENGTH * float(np.abs(state.u).max()) * mode)

    def _backtracked(self, state: _State, step: FloatArray) -> _State | None:
        """The longest of the step's halvings that lowers the energy enough."""
        slope = float(step @ state.forces)
        for cut in range(_CUTS):
            share = 0.5**cut
            following = self._state(self._moved(state.u, share * step))
            bound = _raised(state.energy) + _DESCENT * share * slope
            if following.energy <= bound:
                return following
        return None

    def _extended(self, state: _State, step: FloatArray) -> _State | None:
        """The same where the energy is concave: a step also doubles as long as the energy falls."""
        best = self._backtracked(state, step)
        if best is None:
            return None
        step = best.u[self._body.free] - state.u[self._body.free]
        while True:
            step = 2.0 * step
            following = self._state(self._moved(state.u, step))
            if not following.energy < best.energy:
                return best
            best = following


def _raised(energy: float) -> float:
    """An energy of either sign, with what rounding may add to it."""
    return energy * (1.0 + (_ROUNDING if energy >= 0.0 else -_ROUNDING))
