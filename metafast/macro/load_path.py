"""Load path: equilibria under a growing share of the prescribed displacements and forces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.typing import FloatArray
from metafast.macro.elastic_body import ElasticBody
from metafast.macro.equilibrium import EquilibriumSearch
from metafast.macro.tangent_factor import TangentFactor

_FIRST, _LONGEST, _SHORTEST = 0.25, 0.5, 2.0**-8  # steps, as shares of the load
_CAREFUL = 2.0**-6  # longer steps are cut where the tangent is indefinite
_ITERATIONS = 12  # of Newton's method in a step
_GROWTH = 1.5


@dataclass(frozen=True, eq=False)
class LoadPath:
    """Equilibria from no load to the whole one.

    Attributes
    ----------
    loads : (steps,) array
        Shares of the prescribed displacements and of the forces, rising to 1.
    displacements : (steps, degrees of freedom) array
    critical_load : float or None
        Least of these loads at which the body had lost its stability and moved to another
        equilibrium; None if every equilibrium on the way was stable.
    """

    loads: FloatArray
    displacements: FloatArray
    critical_load: float | None

    @property
    def stable(self) -> bool:
        """Whether the body keeps its stability all the way."""
        return self.critical_load is None


def follow_load(
    body: ElasticBody,
    search: EquilibriumSearch,
    factor: TangentFactor,
    prescribed: FloatArray,
    pull: FloatArray,
) -> LoadPath:
    """Equilibria of a body as its prescribed displacements and its loads grow from zero.

    Each step starts along the tangent of the path. A step is cut where Newton's method fails, and
    where it meets negative eigenvalues, so that an equilibrium is not mistaken for another one.

    Parameters
    ----------
    body : ElasticBody
    search : EquilibriumSearch
    factor : TangentFactor
    prescribed : (degrees of freedom,) array
        Prescribed displacements at the whole load, zero where free.
    pull : (degrees of freedom,) array
        Dead loads at the whole load; those of the body follow the path.

    Raises
    ------
    NoEquilibriumError
        If no step, however small, finds a stable equilibrium.
    """
    u, load, step = np.zeros_like(prescribed), 0.0, _FIRST
    critical: float | None = None
    loads, displacements = [], []
    factor.factorise(u)
    rate = _rate(body, factor, u, prescribed, pull)
    while load < 1.0:
        goal = min(1.0, load + step)
        body.pull = goal * pull
        found = search.find(u + (goal - load) * rate, _ITERATIONS)
        if found is None or (found.indefinite and goal - load > _CAREFUL):
            step = 0.5 * (goal - load)
            if step < _SHORTEST:
                raise _lost(load)
            continue
        if found.left and critical is None:
            critical = goal
        u, load = found.displacement, goal
        loads.append(load)
        displacements.append(u)
        if load < 1.0:
            rate = _rate(body, factor, u, prescribed, pull)
            step = min(_LONGEST, _GROWTH * step)
    return LoadPath(np.array(loads), np.array(displacements), critical)


def _rate(
    body: ElasticBody,
    factor: TangentFactor,
    u: FloatArray,
    prescribed: FloatArray,
    pull: FloatArray,
) -> FloatArray:
    """Change of the equilibrium u per share of the load, with the factor of its tangent."""
    rate = prescribed.copy()
    rate[body.free] = -factor.solve((body.force_rates(u, prescribed) - pull)[body.free])
    return rate


def _lost(load: float) -> NoEquilibriumError:
    return NoEquilibriumError(
        f"no equilibrium was found beyond {load:.1%} of the load: elements collapse there, since "
        "the body is too soft somewhere for so large a deformation; prescribe less, or use stiffer "
        "cells",
        load,
    )
