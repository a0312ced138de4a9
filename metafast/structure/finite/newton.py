"""Equilibrium at one load: Newton's iteration downhill on the energy.

A stable equilibrium is a minimum of the energy: that of the elements and the springs, less the work
of dead loads. Where the tangent is indefinite, its factor with all pivots taken as positive still
gives a direction in which the energy falls: the iteration leaves unstable states instead of
settling in them. With K = L S L^T the direction

    v = ((L L^T)^-1 - K^-1) r = L^-T (I - S) L^-1 r,     v K v = -|(I - S) L^-1 r|^2 < 0

is one in which an unstable state gives way, for any r; iterated, the softest of them. A step is
halved until the energy falls and no element is turned inside out. An iteration that has removed
nearly all of the unbalanced force serves its factor once more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metafast._base.typing import FloatArray
from metafast.structure.finite.body import FiniteBody, Forces
from metafast.structure.mirrored import MirrorFactor
from metafast.structure.spring_factor import AnyFactor, SpringFactor

TOLERANCE = 1e-8  # unbalanced force relative to the largest reaction
_FORCE_ROUNDING = 4e-15  # error of a force relative to stiffness times displacement
_ITERATIONS = 40
_HALVINGS = 16
_ENOUGH = 1e-4  # share of the fall that the slope promises
_ROUNDING = 1e-13  # relative change of the energy that is not a rise
_REACH = 0.25  # largest displacement of one step, in cell widths
_STEADY = 0.02  # share of the unbalanced force that an iteration may leave and serve again
_RELAXATIONS = 4  # steps by the stiffness at rest from a guessed state
_NEARLY = 1e-3  # residual at which a state counts as one in balance that may be unstable
_MODE_SOLVES = 4  # iterations for the softest direction
_MODE_STEP = 0.05  # its first largest displacement, in cell widths


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """A state in balance.

    Attributes
    ----------
    u : (n + m,) array
        Displacement of all degrees of freedom.
    energy : float
    force : (n + m,) array
        Derivative of the energy; on the prescribed degrees of freedom these are the reactions.
    residual : float
        See `Newton.residual`.
    iterations : int
    unstable : int
        Negative pivots of the tangent at an unstable state, nearly in balance, that was passed.
    """

    u: FloatArray
    energy: float
    force: FloatArray
    residual: float
    iterations: int
    unstable: int = 0


class Newton:
    """Newton's iteration for one body, with the factor of its tangent.

    Parameters
    ----------
    body : FiniteBody
    factor : Multifrontal, SpringFactor or MirrorFactor
        Of the body's tangents.
    tolerance : float
        Unbalanced force relative to the largest reaction that counts as balance.

    Attributes
    ----------
    factorisations : int
        Tangents that were factorised so far.
    """

    def __init__(
        self,
        body: FiniteBody,
        factor: AnyFactor | MirrorFactor,
        *,
        tolerance: float = TOLERANCE,
    ) -> None:
        self._body, self._factor, self._tolerance = body, factor, tolerance
        self._rounding, self._share = 0.0, 1.0
        self._at_rest = False
        self.factorisations = 0

    def linearise(self, u: FloatArray) -> None:
        """Take the tangent at a displacement (n + m,); the next solution factorises it."""
        self._at_rest = not u.any()
        self._body.update_tangents(u)
        self._factor.refactor()
        self.factorisations += 1

    def rate(self, values: FloatArray) -> FloatArray:
        """Displacement (n + m,) by prescribed ones (m,) and the whole loads, to first order."""
        u = np.zeros(self._body.size)
        u[self._body.free :] = values
        return u + self._solution(self._body.load_rate(u))

    @property
    def negative(self) -> int:
        """Negative pivots of the last tangent that was factorised."""
        return self._factor.negative

    @property
    def is_of_part(self) -> bool:
        """Whether the factor is that of a part, which its images complete."""
        return isinstance(self._factor, MirrorFactor)

    def negative_to_one_side(self) -> int:
        """Negative pivots of the tangent that break the symmetry, where the factor has one."""
        factor = self._factor
        return factor.antisymmetric_negative() if isinstance(factor, MirrorFactor) else 0

    def balance(
        self, start: FloatArray, share: float = 1.0, *, iterations: int = _ITERATIONS
    ) -> Equilibrium | None:
        """Equilibrium that the prescribed part of `start` (n + m,) holds; None if none is found.

        The dead loads have a share of their full size.
        """
        self._share = share
        u, now = start, self._forces(start)
        self._rounding = self._rounding_of(start)
        residual, steady, unstable = self.residual(now), False, 0
        for iteration in range(iterations):
            if not np.isfinite(now.energy):
                return None
            if residual <= self._tolerance:
                return Equilibrium(u, now.energy, now.force, residual, iteration, unstable)
            moved = None
            if steady:
                moved = self._downhill(u, now, self._solution(now.force, absolute=True))
            if moved is None:
                self.linearise(u)
                direction = self._solution(now.force, absolute=True)
                if self.negative and residual <= _NEARLY and not unstable:
                    # what is left of the force is too little to leave along it
                    unstable = self.negative
                    moved = self._give_way(u, now)
                moved = moved or self._downhill(u, now, direction)
            if moved is None:
                return None
            u, now = moved
            before, residual = residual, self.residual(now)
            steady = residual <= _STEADY * before
        return None

    def relax(self, start: FloatArray) -> FloatArray:
        """A state of less energy under the full load than `start` (n + m,), by the rest stiffness.

        A state guessed from another body is full of local stress: its own tangent is indefinite and
        tells little. The stiffness at rest is positive definite.
        """
        self._share = 1.0
        u, now = start, self._forces(start)
        self._rounding = self._rounding_of(start)
        if self.residual(now) <= self._tolerance:
            return u
        if not self._at_rest:
            self.linearise(np.zeros(self._body.size))
        for _ in range(_RELAXATIONS):
            if not np.isfinite(now.energy):
                break
            moved = self._downhill(u, now, self._solution(now.force))
            if moved is None:
                break
            u, now = moved
        return u

    def leave(self, state: Equilibrium) -> Equilibrium | None:
        """A lower equilibrium than an unstable one, along its softest direction either way.

        The tangent at the state must be the one that was factorised last.
        """
        mode = self._softest()
        best: Equilibrium | None = None
        for sign in (1.0, -1.0):
            there = self._slide(state.u, state.energy, sign * mode)
            found = None if there is None else self.balance(there, self._share)
            if found is not None and found.energy < (best or state).energy:
                best = found
        return best

    def residual(self, forces: Forces) -> float:
        """Largest unbalanced force relative to the largest reaction, load or force of a spring.

        These count for no less than what shows rounding in its balance.
        """
        n = self._body.free
        unbalanced = float(np.abs(forces.force[:n]).max(initial=0.0))
        reaction = max(float(np.abs(forces.force[n:]).max(initial=0.0)), forces.outside)
        return unbalanced / max(reaction, self._rounding / self._tolerance, 1e-300)

    def _forces(self, u: FloatArray) -> Forces:
        return self._body.forces(u, self._share)

    def _rounding_of(self, u: FloatArray) -> float:
        """Error of the forces at a displacement (n + m,) by rounding."""
        law = self._body.law
        stiffness = law.d11 + (law.lam if law.plane_strain else 0.0)
        size = float(np.abs(u).max(initial=0.0)) + 1.0 / self._body.side
        return _FORCE_ROUNDING * stiffness * size

    def _solution(self, force: FloatArray, *, absolute: bool = False) -> FloatArray:
        """Displacement (n + m,) that takes the free part of a force (n + m,) away."""
        n = self._body.free
        u = np.zeros(self._body.size)
        if n:
            u[:n] = self._factor.solve(-force[:n], absolute=absolute)
        return u

    def _downhill(
        self, u: FloatArray, now: Forces, direction: FloatArray
    ) -> tuple[FloatArray, Forces] | None:
        """The state after the largest halved step that lowers the energy, or much of the force."""
        slope, residual = float(now.force @ direction), self.residual(now)
        step = min(1.0, _REACH / max(float(np.abs(direction).max()), 1e-300))
        for _ in range(_HALVINGS):
            there = u + step * direction
            forces = self._forces(there)
            most = now.energy + _ENOUGH * step * slope + _ROUNDING * abs(now.energy)
            if forces.energy <= most or (
                np.isfinite(forces.energy) and self.residual(forces) < 0.5 * residual
            ):
                return there, forces
            step /= 2.0
        return None

    def _give_way(self, u: FloatArray, now: Forces) -> tuple[FloatArray, Forces] | None:
        """A lower state than an unstable one, on the side that the force points to."""
        mode = self._softest()
        there = self._slide(u, now.energy, -mode if now.force @ mode > 0.0 else mode)
        return None if there is None else (there, self._forces(there))

    def _softest(self) -> FloatArray:
        """Direction (n + m,) in which an unstable state gives way; largest entry 1."""
        mode = np.zeros(self._body.size)
        if isinstance(self._factor, SpringFactor):
            mode[: self._body.free] = self._factor.softest()
            return mode
        mode[: self._body.free] = np.cos(np.arange(self._body.free) * 1.7)
        for _ in range(_MODE_SOLVES):
            mode = self._solution(mode) - self._solution(mode, absolute=True)
            mode /= np.abs(mode).max(initial=1e-300)
        return mode

    def _slide(self, u: FloatArray, energy: float, mode: FloatArray) -> FloatArray | None:
        """A state of less energy along a direction, None if there is none."""
        step = _MODE_STEP
        for _ in range(2 * _HALVINGS):
            there = u + step * mode
            if self._forces(there).energy < energy:
                return np.asarray(there)
            step /= 2.0
        return None
