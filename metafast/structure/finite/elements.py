"""Energy, forces and tangents of the solid pixels, total Lagrangian, 2 x 2 Gauss points.

The nodes of an element move by u_a, and with the gradients g_a of their shape functions

    F = I + sum_a u_a (x) g_a,     f_a = sum w F S g_a,     K_ab = sum w (B_a D B_b + g_a S g_b I)

summed over the points, with D = dS/dE and the rows of B_a (F11 g1, F21 g1), (F12 g2, F22 g2) and
(F11 g2 + F12 g1, F21 g2 + F22 g1).

In plane strain the part of the energy with lambda belongs to the whole element (mean dilatation:
Nagtegaal, Parks and Rice 1974; Simo, Taylor and Pister 1985), since one bilinear element cannot
keep the volume of each of its points::

    neo-Hooke              A0 lambda/2 (ln q)^2     q = area over undeformed area A0
    St. Venant-Kirchhoff   A0 lambda/2 q^2          q = mean of tr E

Legend
------
dofs      (e, 8)        number of each corner's degree of freedom in `u`
gradients (4, 4, 2)     g_a by point and corner, corners counterclockwise from the lower left
u         (n + m,)      displacement: n free degrees, then m prescribed ones
force     (e, 8)        of each element on its corners
energy    (e,)          of each element; infinite where it is turned inside out
tangent   (e, 36)       lower triangle by rows
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from metafast import q4
from metafast._base.jit import jit
from metafast._base.typing import AnyArray, FloatArray
from metafast.structure.finite.laws import Law, moduli, stress

_CHUNK = 512  # elements that share the scratch arrays of a thread


def point_gradients(side: int) -> FloatArray:
    """Gradients (4, 4, 2) of the corners' shape functions at the Gauss points, per cell width."""
    places = 0.5 + np.array([-0.5, 0.5]) / np.sqrt(3.0)
    b = [q4.strain_displacement(x, y) for x in places for y in places]
    return side * np.stack([np.stack([m[0, 0::2], m[1, 1::2]], axis=1) for m in b])


def evaluate(
    dofs: AnyArray, gradients: FloatArray, weight: float, law: Law, u: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Energy (e,) and forces (e, 8) of all elements."""
    energy, force = np.empty(len(dofs)), np.empty((len(dofs), 8))
    _forces(dofs, gradients, weight, law, u, energy, force)
    return energy, force


@jit(parallel=True, nogil=True)
def _forces(
    dofs: Any, gradients: Any, weight: float, law: Any, u: Any, energy: Any, force: Any
) -> None:
    """Fill `energy` and `force`."""
    count = len(dofs)
    for chunk in numba.prange((count + _CHUNK - 1) // _CHUNK):
        own, first, second = np.empty(8), np.empty(8), np.empty((8, 8))
        for e in range(chunk * _CHUNK, min(count, (chunk + 1) * _CHUNK)):
            for r in range(8):
                own[r] = u[dofs[e, r]]
            energy[e] = _force(law, gradients, weight, own, force[e], first, second)


@jit()
def _deformation(g: Any, u: Any) -> tuple[float, float, float, float]:
    """Deformation gradient at a point: 11, 12, 21, 22."""
    f11, f12, f21, f22 = 1.0, 0.0, 0.0, 1.0
    for n in range(4):
        f11 += u[2 * n] * g[n, 0]
        f12 += u[2 * n] * g[n, 1]
        f21 += u[2 * n + 1] * g[n, 0]
        f22 += u[2 * n + 1] * g[n, 1]
    return f11, f12, f21, f22


@jit()
def _force(
    law: Any, gradients: Any, weight: float, u: Any, force: Any, first: Any, second: Any
) -> float:
    """Energy of an element; fills `force` (8,)."""
    force[:] = 0.0
    energy, mean = 0.0, 0.0
    if law.plane_strain:
        first[:] = 0.0
    for point in range(4):
        g = gradients[point]
        f = _deformation(g, u)
        f11, f12, f21, f22 = f
        if not f11 * f22 - f12 * f21 > 0.0:
            return np.inf
        c11, c22, c12 = f11 * f11 + f21 * f21, f12 * f12 + f22 * f22, f11 * f12 + f21 * f22
        density, s11, s22, s12 = stress(law, c11, c22, c12)
        energy += weight * density
        # P = F S
        p11, p12 = weight * (f11 * s11 + f12 * s12), weight * (f11 * s12 + f12 * s22)
        p21, p22 = weight * (f21 * s11 + f22 * s12), weight * (f21 * s12 + f22 * s22)
        for n in range(4):
            force[2 * n] += p11 * g[n, 0] + p12 * g[n, 1]
            force[2 * n + 1] += p21 * g[n, 0] + p22 * g[n, 1]
        if law.plane_strain:
            mean += weight * _dilatation(law, f, g, weight, first, second, False)
    if law.plane_strain:
        area = 4.0 * weight
        value, slope, _ = _of_mean(law, mean / area)
        energy += area * value
        for r in range(8):
            force[r] += slope * first[r]
    return energy


def evaluate_tangents(
    dofs: AnyArray,
    gradients: FloatArray,
    weight: float,
    law: Law,
    u: FloatArray,
    tangent: FloatArray,
) -> None:
    """Write the tangents (e, 36) of all elements."""
    _tangents(dofs, gradients, weight, law, u, tangent)


@jit(parallel=True, nogil=True)
def _tangents(dofs: Any, gradients: Any, weight: float, law: Any, u: Any, tangent: Any) -> None:
    """Fill `tangent`."""
    count = len(dofs)
    for chunk in numba.prange((count + _CHUNK - 1) // _CHUNK):
        own, b, k = np.empty(8), np.empty((8, 3)), np.empty((8, 8))
        first, second = np.empty(8), np.empty((8, 8))
        for e in range(chunk * _CHUNK, min(count, (chunk + 1) * _CHUNK)):
            for r in range(8):
                own[r] = u[dofs[e, r]]
            _tangent(law, gradients, weight, own, k, b, first, second)
            place = 0
            for r in range(8):
                for c in range(r + 1):
                    tangent[e, place] = k[r, c]
                    place += 1


@jit()
def _tangent(
    law: Any, gradients: Any, weight: float, u: Any, k: Any, b: Any, first: Any, second: Any
) -> None:
    """Fill the lower triangle of `k` (8, 8) of an element."""
    mean = 0.0
    k[:] = 0.0
    if law.plane_strain:
        first[:] = 0.0
        second[:] = 0.0
    for point in range(4):
        g = gradients[point]
        f = _deformation(g, u)
        f11, f12, f21, f22 = f
        c11, c22, c12 = f11 * f11 + f21 * f21, f12 * f12 + f22 * f22, f11 * f12 + f21 * f22
        _, s11, s22, s12 = stress(law, c11, c22, c12)
        d11, d22, d33, d12, d13, d23 = moduli(law, c11, c22, c12)
        for n in range(4):
            gx, gy = g[n, 0], g[n, 1]
            b[2 * n, 0], b[2 * n, 1], b[2 * n, 2] = f11 * gx, f12 * gy, f11 * gy + f12 * gx
            b[2 * n + 1, 0], b[2 * n + 1, 1] = f21 * gx, f22 * gy
            b[2 * n + 1, 2] = f21 * gy + f22 * gx
        for r in range(8):
            x = weight * (b[r, 0] * d11 + b[r, 1] * d12 + b[r, 2] * d13)
            y = weight * (b[r, 0] * d12 + b[r, 1] * d22 + b[r, 2] * d23)
            z = weight * (b[r, 0] * d13 + b[r, 1] * d23 + b[r, 2] * d33)
            for c in range(r + 1):
                k[r, c] += x * b[c, 0] + y * b[c, 1] + z * b[c, 2]
        for n in range(4):
            gx, gy = weight * g[n, 0], weight * g[n, 1]
            along, across = s11 * gx + s12 * gy, s12 * gx + s22 * gy
            for m in range(n + 1):
                value = along * g[m, 0] + across * g[m, 1]
                k[2 * n, 2 * m] += value
                k[2 * n + 1, 2 * m + 1] += value
        if law.plane_strain:
            mean += weight * _dilatation(law, f, g, weight, first, second, True)
    if law.plane_strain:
        area = 4.0 * weight
        _, slope, bend = _of_mean(law, mean / area)
        for r in range(8):
            for c in range(r + 1):
                k[r, c] += bend * first[r] * first[c] / area + slope * second[r, c]


@jit()
def _dilatation(
    law: Any, f: Any, g: Any, weight: float, first: Any, second: Any, tangent: bool
) -> float:
    """J or tr E at a point; adds its derivatives, times the weight, to `first` and `second`."""
    if law.neo_hookean:
        for n in range(4):
            first[2 * n] += weight * (f[3] * g[n, 0] - f[2] * g[n, 1])
            first[2 * n + 1] += weight * (f[0] * g[n, 1] - f[1] * g[n, 0])
            for m in range(4 if tangent else 0):
                cross = weight * (g[n, 0] * g[m, 1] - g[n, 1] * g[m, 0])
                second[2 * n, 2 * m + 1] += cross
                second[2 * n + 1, 2 * m] -= cross
        return f[0] * f[3] - f[1] * f[2]  # type: ignore[no-any-return]
    for n in range(4):
        first[2 * n] += weight * (f[0] * g[n, 0] + f[1] * g[n, 1])
        first[2 * n + 1] += weight * (f[2] * g[n, 0] + f[3] * g[n, 1])
        for m in range(4 if tangent else 0):
            product = weight * (g[n, 0] * g[m, 0] + g[n, 1] * g[m, 1])
            second[2 * n, 2 * m] += product
            second[2 * n + 1, 2 * m + 1] += product
    squares = f[0] * f[0] + f[1] * f[1] + f[2] * f[2] + f[3] * f[3]
    return 0.5 * (squares - 2.0)  # type: ignore[no-any-return]


@jit()
def _of_mean(law: Any, mean: float) -> tuple[float, float, float]:
    """Energy density of an element's mean dilatation, and its first two derivatives."""
    if law.neo_hookean:
        log = np.log(mean)
        slope, bend = law.lam * log / mean, law.lam * (1.0 - log) / (mean * mean)
        return 0.5 * law.lam * log * log, slope, bend
    return 0.5 * law.lam * mean * mean, law.lam * mean, law.lam


@jit(nogil=True)
def scatter(dofs: Any, force: Any, total: Any) -> None:
    """Add the forces (e, 8) of the elements to `total` (n + m,)."""
    for e in range(len(dofs)):
        for r in range(8):
            total[dofs[e, r]] += force[e, r]


@jit(nogil=True)
def add_products(dofs: Any, tangent: Any, u: Any, total: Any) -> None:
    """Add the product of the tangents (e, 36) with `u` (n + m,) to `total` (n + m,)."""
    for e in range(len(dofs)):
        place = 0
        for r in range(8):
            i = dofs[e, r]
            for c in range(r + 1):
                j = dofs[e, c]
                total[i] += tangent[e, place] * u[j]
                if c < r:
                    total[j] += tangent[e, place] * u[i]
                place += 1
