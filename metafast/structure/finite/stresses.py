"""Strain and Cauchy stress at the centre of every solid pixel of a deformed body."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from metafast._base.jit import jit
from metafast._base.typing import AnyArray, FloatArray
from metafast.structure.finite.body import FiniteBody
from metafast.structure.finite.laws import stress, thickness_stretch


def largest_strain(body: FiniteBody, u: FloatArray) -> float:
    """Largest change of a principal stretch from 1 at the pixels' centres."""
    change = np.zeros(len(body.dofs))
    _stretches(body.dofs, u, float(body.side), change)
    return float(change.max(initial=0.0))


def cauchy_stresses(body: FiniteBody, u: FloatArray) -> tuple[AnyArray, AnyArray]:
    """Cauchy stress (ny, nx, 3) of every pixel and its von Mises value (ny, nx), zero in void."""
    cauchy = np.zeros((*body.element.shape, 3), np.float32)
    equivalent = np.zeros(body.element.shape, np.float32)
    _stresses(body.law, body.dofs, body.pixels, u, float(body.side), cauchy, equivalent)
    return cauchy, equivalent


@jit()
def _centre(dofs: Any, u: Any, e: int, side: float) -> tuple[float, float, float, float]:
    """Deformation gradient (11, 12, 21, 22) at the centre of element e."""
    f11, f12, f21, f22 = 1.0, 0.0, 0.0, 1.0
    for n in range(4):
        gx = 0.5 * side * (1.0 if n in (1, 2) else -1.0)
        gy = 0.5 * side * (1.0 if n >= 2 else -1.0)
        ux, uy = u[dofs[e, 2 * n]], u[dofs[e, 2 * n + 1]]
        f11 += ux * gx
        f12 += ux * gy
        f21 += uy * gx
        f22 += uy * gy
    return f11, f12, f21, f22


@jit()
def _spread(dofs: Any, u: Any, e: int, side: float) -> float:
    """Mean of tr E over element e minus its value at the centre."""
    spread = 0.0
    for p in range(2):
        twist = u[dofs[e, p]] - u[dofs[e, 2 + p]] + u[dofs[e, 4 + p]] - u[dofs[e, 6 + p]]
        spread += (side * twist) ** 2 / 12.0
    return spread


@jit(parallel=True)
def _stretches(dofs: Any, u: Any, side: float, change: Any) -> None:
    for e in numba.prange(len(dofs)):
        f11, f12, f21, f22 = _centre(dofs, u, e, side)
        c11, c22, c12 = f11 * f11 + f21 * f21, f12 * f12 + f22 * f22, f11 * f12 + f21 * f22
        middle, radius = 0.5 * (c11 + c22), np.sqrt(0.25 * (c11 - c22) ** 2 + c12 * c12)
        high, low = np.sqrt(middle + radius), np.sqrt(max(middle - radius, 0.0))
        change[e] = max(abs(high - 1.0), abs(low - 1.0))


@jit(parallel=True)
def _stresses(
    law: Any, dofs: Any, pixels: Any, u: Any, side: float, cauchy: Any, equivalent: Any
) -> None:
    for e in numba.prange(len(dofs)):
        f11, f12, f21, f22 = _centre(dofs, u, e, side)
        c11, c22, c12 = f11 * f11 + f21 * f21, f12 * f12 + f22 * f22, f11 * f12 + f21 * f22
        _, s11, s22, s12 = stress(law, c11, c22, c12)
        log_j = np.log(max(f11 * f22 - f12 * f21, 1e-300))
        across, thick = 0.0, 1.0
        if law.plane_strain:
            if law.neo_hookean:  # the mean of J is that at the centre
                pressure = law.lam * log_j
                square = c11 * c22 - c12 * c12
                s11 += pressure * c22 / square
                s22 += pressure * c11 / square
                s12 -= pressure * c12 / square
                across = pressure
            else:
                pressure = law.lam * (0.5 * (c11 + c22 - 2.0) + _spread(dofs, u, e, side))
                s11 += pressure
                s22 += pressure
                across = pressure
        elif law.neo_hookean:
            thick = np.exp(0.5 * thickness_stretch(law.mu, law.lam, log_j)[0])
        else:
            # E33 = -nu / (1 - nu) (E11 + E22), and d12 / d11 is nu
            c33 = 1.0 - law.d12 / (law.d11 - law.d12) * (c11 + c22 - 2.0)
            thick = np.sqrt(max(c33, 1e-12))
        j = np.exp(log_j) * thick
        t11 = (f11 * f11 * s11 + 2.0 * f11 * f12 * s12 + f12 * f12 * s22) / j
        t22 = (f21 * f21 * s11 + 2.0 * f21 * f22 * s12 + f22 * f22 * s22) / j
        t12 = (f11 * f21 * s11 + (f11 * f22 + f12 * f21) * s12 + f12 * f22 * s22) / j
        t33 = across / j
        r, c = pixels[e]
        cauchy[r, c, 0], cauchy[r, c, 1], cauchy[r, c, 2] = t11, t22, t12
        differences = (t11 - t22) ** 2 + (t22 - t33) ** 2 + (t33 - t11) ** 2
        equivalent[r, c] = np.sqrt(0.5 * differences + 3.0 * t12 * t12)
