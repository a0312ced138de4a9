"""Stability margin of an equilibrium, and a barrier that keeps it.

With the tangent K at the equilibrium and K0 at rest, the ratios ``v^T K v / v^T K0 v`` of the modes
v fall from 1 to 0 where stability is lost; the least of them is the margin. Toward zero the
displacement changes without bound under the least change of the properties. A search that cannot
feel it runs into collapse, and an optimum close to it is worthless: real cells never have exactly
the properties that were asked for.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh

from metafast._base.typing import FloatArray
from metafast.macro.elastic_body import ElasticBody
from metafast.macro.tangent_factor import TangentFactor

_MODES = 4
_SWEEPS = 2  # subspace iterations from the last modes
_MOST_SWEEPS, _SETTLED = 150, 1e-5  # from random ones: until the least ratio changes no more


class Stability:
    """Modes of least ratio, followed from one equilibrium to the next.

    Parameters
    ----------
    body : ElasticBody
    factor : TangentFactor
        At every call that of the tangent at the equilibrium.
    """

    def __init__(self, body: ElasticBody, factor: TangentFactor) -> None:
        self._body, self._factor = body, factor
        self._rest = np.zeros(body.size)
        self._modes: FloatArray | None = None

    def modes(self, *, fresh: bool = False) -> tuple[FloatArray, FloatArray]:
        """The least ratios and their modes, by subspace iteration.

        Parameters
        ----------
        fresh : bool
            Whether to start from random modes in place of the last ones, and to go on until the
            least ratio is settled.

        Returns
        -------
        ratios : (k,) array
            Rising.
        modes : (k, degrees of freedom) array
            Of unit energy at rest, ``v^T K0 v = 1``.
        """
        modes, sweeps, free = self._modes, _SWEEPS, len(self._body.free)
        if modes is None or fresh:
            modes = np.random.default_rng(0).standard_normal((min(_MODES, free), free))
            sweeps = _MOST_SWEEPS
        loads, least = self._at_rest(modes), np.inf
        for _ in range(sweeps):
            modes = self._factor.solve(loads.T).T  # K modes = loads
            at_rest = self._at_rest(modes)
            ratios, mix = eigh(_symmetric(modes @ loads.T), _symmetric(modes @ at_rest.T))
            modes, loads = mix.T @ modes, mix.T @ at_rest
            if sweeps == _MOST_SWEEPS and abs(ratios[0] - least) < _SETTLED * least:
                break
            least = ratios[0]
        self._modes = modes
        return ratios, self._whole(modes)

    def barrier(self, u: FloatArray, margin: float) -> tuple[float, FloatArray]:
        """``sum log(margin/ratio)^2`` over the modes below the margin, with its derivatives.

        A ratio depends on C itself and, through the equilibrium u, by an adjoint solution.

        Parameters
        ----------
        u : (degrees of freedom,) array
            The equilibrium.
        margin : float

        Returns
        -------
        value : float
        gradient : (elements, 4) array
            Derivatives by C11, C12, C22 and C33 of the elements.
        """
        body = self._body
        ratios, modes = self.modes()
        below = ratios < margin
        gap = np.log(margin / ratios[below])
        gradient, rates = np.zeros_like(body.properties), np.zeros(body.size)
        for ratio, v, slope in zip(ratios, modes, -2.0 * gap / ratios[below], strict=False):
            gradient += slope * body.curvature_by_property(u, v)
            gradient -= slope * ratio * body.curvature_by_property(self._rest, v)
            rates += slope * body.curvature_rates(u, v)
        if below.any():
            multiplier = self._whole(self._factor.solve(rates[body.free]))
            gradient -= body.force_by_property(u, multiplier)
        return float((gap**2).sum()), gradient

    def _at_rest(self, modes: FloatArray) -> FloatArray:
        """``K0 v`` for the rows v (k, unknowns)."""
        body = self._body
        return np.array([body.force_rates(self._rest, v)[body.free] for v in self._whole(modes)])

    def _whole(self, values: FloatArray) -> FloatArray:
        """Values (..., unknowns) on all degrees of freedom, zero where fixed."""
        whole = np.zeros((*values.shape[:-1], self._body.size))
        whole[..., self._body.free] = values
        return whole


def _symmetric(matrix: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (matrix + matrix.T))
