"""Factor of an elastic body's tangent, shifted where the body is unstable."""

from __future__ import annotations

from typing import Any

import numpy as np

from metafast._base.linear_solver import SymmetricFactor
from metafast._base.typing import FloatArray
from metafast.macro.elastic_body import ElasticBody

_FIRST_SHIFT, _LAST_SHIFT, _RISE = 1e-3, 1e3, 4.0  # shares of the tangent's diagonal
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
        self._diagonal = pattern.indptr[:-1]
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
        """Factorise the tangent at u plus a share of its diagonal that makes it definite."""
        self.exact = False
        self._shift(self._body.tangent(u))

    def solve(self, rhs: FloatArray) -> FloatArray:
        """Solution for one right-hand side (unknowns,) or for k columns (unknowns, k)."""
        assert self._factor is not None, "a factorisation comes before a solution"
        return self._factor.solve(rhs)

    def lowest_mode(self) -> FloatArray:
        """Direction (unknowns,) of the least stiffness, after `shift`; its largest entry is 1."""
        mode = np.random.default_rng(0).standard_normal(len(self._body.free))
        for _ in range(_MODE_STEPS):
            mode = self.solve(mode)
            mode /= np.abs(mode).max()
        return mode

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
        shift, diagonal = _FIRST_SHIFT, np.abs(data[self._diagonal])
        while shift < _LAST_SHIFT:
            moved = data.copy()
            moved[self._diagonal] += shift * diagonal
            if self._try(moved) and self._negative() == 0:
                return
            shift *= _RISE
        raise np.linalg.LinAlgError(
            "no shift makes the tangent definite: a stiffness is infinite or NaN"
        )
