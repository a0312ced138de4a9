"""Factor of an elastic body's tangent, shifted where the body is unstable.

A shift adds a share of the tangent K0 of the undeformed body, which is definite. Of all modes v,
the one with the least ``v^T K v / v^T K0 v`` is that by which the body loses its stability: the
ratio is 1 without load and 0 when it happens, for slender bodies and for soft cells alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from metafast._base.linear_solver import SymmetricFactor
from metafast._base.typing import FloatArray
from metafast.macro.elastic_body import ElasticBody

_FIRST_SHIFT, _LAST_SHIFT, _RISE = 0.02, 1e4, 4.0  # shares of K0
_MODE_STEPS = 8  # inverse iterations for the lowest mode


class TangentFactor:
    """Factor of the tangent on one pattern.

    Parameters
    ----------
    body : ElasticBody
    pattern : (unknowns, unknowns) scipy CSR matrix
        Pattern of the tangent's upper triangle.

    Attributes
    ----------
    negative : int
        Negative eigenvalues of the tangent that was factorised last; 1 if it was singular.
    exact : bool
        Whether the factor is that of a tangent, without a shift.
    count : int
        Factorisations so far.
    """

    def __init__(self, body: ElasticBody, pattern: Any) -> None:
        self._body, self._pattern = body, pattern
        self._factor: SymmetricFactor | None = None
        self.negative, self.exact, self.count = 0, False, 0

    def factorise(self, u: FloatArray) -> None:
        """Factorise the tangent at u, with the least shift if it is singular."""
        data = self._body.tangent(u)
        self.exact = self._try(data)
        self.negative = self._negative() if self.exact else 1
        if not self.exact:
            self._shift(data)

    def shift(self, u: FloatArray) -> None:
        """Factorise the tangent at u plus a share of K0 that makes it definite."""
        self.exact = False
        self._shift(self._body.tangent(u))

    def solve(self, rhs: FloatArray) -> FloatArray:
        """Solution for one right-hand side (unknowns,) or for k columns (unknowns, k)."""
        assert self._factor is not None, "a factorisation comes before a solution"
        return self._factor.solve(rhs)

    def lowest_mode(self) -> FloatArray:
        """Mode (unknowns,) with the least ratio, after `shift`; its largest entry is 1."""
        rest = np.zeros(self._body.size)
        mode, free = rest.copy(), self._body.free
        mode[free] = np.random.default_rng(0).standard_normal(len(free))
        for _ in range(_MODE_STEPS):
            mode[free] = self.solve(self._body.force_rates(rest, mode)[free])
            mode /= np.abs(mode).max()
        return mode[free]

    def _negative(self) -> int:
        return 0 if self._factor is None else self._factor.negative

    def _try(self, data: FloatArray) -> bool:
        """Factorise; False if the matrix is singular."""
        self.count += 1
        try:
            if self._factor is None:
                self._pattern.data = data
                self._factor = SymmetricFactor(self._pattern, definite=False)
            else:
                self._factor.refactor(data)
        except np.linalg.LinAlgError:
            return False
        return True

    def _shift(self, data: FloatArray) -> None:
        shift, at_rest = _FIRST_SHIFT, self._body.tangent(np.zeros(self._body.size))
        while shift < _LAST_SHIFT:
            if self._try(data + shift * at_rest) and self._negative() == 0:
                return
            shift *= _RISE
        raise np.linalg.LinAlgError(
            "no shift makes the tangent definite: a stiffness is infinite or NaN"
        )
