"""Laws in plane stress, in first Piola-Kirchhoff stress P and its derivative A = dP/dF.

    neo-Hooke              P = mu (F - F^-T) + lambda ln J F^-T
    St. Venant-Kirchhoff   P = F S,  S = C : E

in three dimensions; the stretch t across the plane follows from P33 = 0 by bisection, and A from

    A_ijkl = A3_ijkl - A3_ij33 A3_33kl / A3_3333.

Written apart from `metafast.structure.finite.laws`, in other stresses and with another iteration.
"""

from __future__ import annotations

import numpy as np

from metafast._base.typing import FloatArray
from metafast.material import Material
from metafast.structure.finite.laws import LawName

_BISECTIONS = 60


def piola_stress(material: Material, law: LawName, f: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Stress P (2, 2, ...) and tangent A (2, 2, 2, 2, ...) for gradients F (2, 2, ...).

    NaN where the material is turned inside out.
    """
    young, nu = material.young, material.poisson
    mu = young / (2.0 * (1.0 + nu))
    if law == "st-venant-kirchhoff":
        return _st_venant_kirchhoff(f, mu, young * nu / (1.0 - nu**2))
    return _neo_hookean(f, mu, young * nu / ((1.0 + nu) * (1.0 - 2.0 * nu)))


def _st_venant_kirchhoff(f: FloatArray, mu: float, lam: float) -> tuple[FloatArray, FloatArray]:
    """`lam` is Lame's second constant of plane stress: S = lam tr E I + 2 mu E in the plane."""
    one = np.eye(2)
    e = 0.5 * (np.einsum("ki...,kj...->ij...", f, f) - _spread(one, f))
    s = lam * np.einsum("kk...->...", e) * _spread(one, f) + 2.0 * mu * e
    c = lam * np.einsum("ij,kl->ijkl", one, one)
    c += mu * (np.einsum("ik,jl->ijkl", one, one) + np.einsum("il,jk->ijkl", one, one))
    a = np.einsum("im...,mjnl,kn...->ijkl...", f, c, f)
    a += np.einsum("ik,jl...->ijkl...", one, s)
    return np.einsum("ik...,kj...->ij...", f, s), a


def _neo_hookean(f: FloatArray, mu: float, lam: float) -> tuple[FloatArray, FloatArray]:
    area = f[0, 0] * f[1, 1] - f[0, 1] * f[1, 0]
    log = np.log(np.where(area > 0.0, area, np.nan))
    t = np.exp(_log_thickness(log, mu, lam))
    log = log + np.log(t)
    g = np.stack([f[1, 1], -f[1, 0], -f[0, 1], f[0, 0]]).reshape(f.shape) / area  # F^-T
    one = np.eye(2)
    a = mu * _spread(np.einsum("ik,jl->ijkl", one, one), f)  # a new array
    a += (mu - lam * log) * np.einsum("il...,kj...->ijkl...", g, g)
    a += lam * np.einsum("ij...,kl...->ijkl...", g, g)
    across = lam * g / t  # A3_ij33
    through = mu + (mu - lam * log + lam) / t**2  # A3_3333
    a -= np.einsum("ij...,kl...->ijkl...", across, across / through)
    return mu * (f - g) + lam * log * g, a


def _log_thickness(log: FloatArray, mu: float, lam: float) -> FloatArray:
    """ln t with mu (t^2 - 1) + lambda (log + ln t) = 0, for ln of the area ratio."""
    low, high = np.minimum(-log, 0.0), np.maximum(-log, 0.0)
    if lam < 0.0:
        low, high = np.full_like(log, -20.0), np.full_like(log, 20.0)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        beyond = mu * np.expm1(2.0 * middle) + lam * (log + middle) > 0.0
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return np.asarray(0.5 * (low + high))


def _spread(tensor: FloatArray, f: FloatArray) -> FloatArray:
    """A constant tensor at all points of F (2, 2, ...)."""
    points = f.shape[2:]
    column = tensor.reshape(tensor.shape + (1,) * len(points))
    return np.broadcast_to(column, tensor.shape + points)
