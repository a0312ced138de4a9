"""Energy, forces and tangent of Q4 elements at finite deformation, total Lagrangian.

With the displacement gradient H of the undeformed body, F = I + H, the Green-Lagrange strain
``E = (F^T F - I)/2`` and an orthotropic C, each element is a St. Venant-Kirchhoff material::

    W = integral of E : C : E / 2        f = dW/du        K = df/du

Legend: n elements, 4 nodes, 4 Gauss points, m degrees of freedom.

- ``dofs (n, 8)``: degrees of freedom of the elements in the node order of `metafast.q4`;
- ``c (n, 4)``: C11, C12, C22, C33;
- ``u (m,)``: displacement in cell widths; ``per_width``: elements per cell width, 1/h;
- ``_SLOPES (4, 4, 2)``: derivatives of the shape functions on the unit square, by Gauss point, node
  and direction; over the element they are 1/h times as large;
- ``_WEIGHT``: weight of a Gauss point on the unit square; over the element h^2 times as large;
- ``place (n, 36)``: entry of the assembled tangent for each pair i <= j of an element's degrees of
  freedom, row by row, -1 for none.

The inner loops have no BLAS, so that the same body gives the same bits on every processor.
"""

from __future__ import annotations

import numpy as np

from metafast import q4
from metafast._base.jit import jit

_POINTS = 0.5 + np.array([-0.5, 0.5]) / np.sqrt(3.0)
_B = np.stack([q4.strain_displacement(x, y) for x in _POINTS for y in _POINTS])
_SLOPES = np.ascontiguousarray(np.stack([_B[:, 0, 0::2], _B[:, 1, 1::2]], axis=-1))
_WEIGHT = 0.25


@jit(inline="always")
def _gradient(dofs, u, e, g, per_width):
    """Displacement gradient (11, 12, 21, 22) of element e at Gauss point g."""
    h11 = h12 = h21 = h22 = 0.0
    for a in range(4):
        x, y = per_width * _SLOPES[g, a, 0], per_width * _SLOPES[g, a, 1]
        ux, uy = u[dofs[e, 2 * a]], u[dofs[e, 2 * a + 1]]
        h11 += x * ux
        h12 += y * ux
        h21 += x * uy
        h22 += y * uy
    return h11, h12, h21, h22


@jit(inline="always")
def _strain(h11, h12, h21, h22):
    """Green-Lagrange strain (11, 22, 12) with engineering shear."""
    return (
        h11 + 0.5 * (h11 * h11 + h21 * h21),
        h22 + 0.5 * (h12 * h12 + h22 * h22),
        h12 + h21 + h11 * h12 + h21 * h22,
    )


@jit(inline="always")
def _strain_rate(h, v):
    """Derivative of the strain at gradient h along gradient v."""
    f11, f22 = 1.0 + h[0], 1.0 + h[3]
    return (
        f11 * v[0] + h[2] * v[2],
        h[1] * v[1] + f22 * v[3],
        f11 * v[1] + h[1] * v[0] + h[2] * v[3] + f22 * v[2],
    )


@jit(inline="always")
def _stress(c, e, strain):
    """Second Piola-Kirchhoff stress (11, 22, 12)."""
    return (
        c[e, 0] * strain[0] + c[e, 1] * strain[1],
        c[e, 1] * strain[0] + c[e, 2] * strain[1],
        c[e, 3] * strain[2],
    )


@jit(inline="always")
def _strain_curvature(v):
    """Second derivative of the strain along gradient v, twice."""
    return (
        v[0] * v[0] + v[2] * v[2],
        v[1] * v[1] + v[3] * v[3],
        2.0 * (v[0] * v[1] + v[2] * v[3]),
    )


@jit()
def energy_and_forces(dofs, c, u, per_width, forces):
    """Energy, with the internal forces added to `forces` (m,); inf if an element is inverted."""
    energy = 0.0
    weight = _WEIGHT / per_width**2
    for e in range(len(dofs)):
        for g in range(4):
            h11, h12, h21, h22 = _gradient(dofs, u, e, g, per_width)
            if (1.0 + h11) * (1.0 + h22) - h12 * h21 <= 0.0:
                return np.inf
            strain = _strain(h11, h12, h21, h22)
            s11, s22, s12 = _stress(c, e, strain)
            energy += 0.5 * weight * (s11 * strain[0] + s22 * strain[1] + s12 * strain[2])
            # first Piola-Kirchhoff stress P = F S
            p11 = weight * ((1.0 + h11) * s11 + h12 * s12)
            p12 = weight * ((1.0 + h11) * s12 + h12 * s22)
            p21 = weight * (h21 * s11 + (1.0 + h22) * s12)
            p22 = weight * (h21 * s12 + (1.0 + h22) * s22)
            for a in range(4):
                x, y = per_width * _SLOPES[g, a, 0], per_width * _SLOPES[g, a, 1]
                forces[dofs[e, 2 * a]] += p11 * x + p12 * y
                forces[dofs[e, 2 * a + 1]] += p21 * x + p22 * y
    return energy


@jit()
def force_rates(dofs, c, u, v, per_width, forces):
    """Derivative of the internal forces at u along v, added to `forces` (m,)."""
    weight = _WEIGHT / per_width**2
    for e in range(len(dofs)):
        for g in range(4):
            h = _gradient(dofs, u, e, g, per_width)
            w = _gradient(dofs, v, e, g, per_width)
            s11, s22, s12 = _stress(c, e, _strain(h[0], h[1], h[2], h[3]))
            t11, t22, t12 = _stress(c, e, _strain_rate(h, w))
            p11 = weight * (w[0] * s11 + w[1] * s12 + (1.0 + h[0]) * t11 + h[1] * t12)
            p12 = weight * (w[0] * s12 + w[1] * s22 + (1.0 + h[0]) * t12 + h[1] * t22)
            p21 = weight * (w[2] * s11 + w[3] * s12 + h[2] * t11 + (1.0 + h[3]) * t12)
            p22 = weight * (w[2] * s12 + w[3] * s22 + h[2] * t12 + (1.0 + h[3]) * t22)
            for a in range(4):
                x, y = per_width * _SLOPES[g, a, 0], per_width * _SLOPES[g, a, 1]
                forces[dofs[e, 2 * a]] += p11 * x + p12 * y
                forces[dofs[e, 2 * a + 1]] += p21 * x + p22 * y


@jit()
def tangent(dofs, c, u, per_width, place, data):
    """Tangent at u, its upper triangle added to `data` (entries,)."""
    b, cb, pairs = np.empty((3, 8)), np.empty((3, 8)), np.empty(36)
    weight = _WEIGHT / per_width**2
    for e in range(len(dofs)):
        pairs[:] = 0.0
        for g in range(4):
            h11, h12, h21, h22 = _gradient(dofs, u, e, g, per_width)
            s11, s22, s12 = _stress(c, e, _strain(h11, h12, h21, h22))
            for a in range(4):
                x, y = per_width * _SLOPES[g, a, 0], per_width * _SLOPES[g, a, 1]
                b[0, 2 * a], b[0, 2 * a + 1] = (1.0 + h11) * x, h21 * x
                b[1, 2 * a], b[1, 2 * a + 1] = h12 * y, (1.0 + h22) * y
                b[2, 2 * a] = (1.0 + h11) * y + h12 * x
                b[2, 2 * a + 1] = h21 * y + (1.0 + h22) * x
            for i in range(8):
                cb[0, i] = weight * (c[e, 0] * b[0, i] + c[e, 1] * b[1, i])
                cb[1, i] = weight * (c[e, 1] * b[0, i] + c[e, 2] * b[1, i])
                cb[2, i] = weight * (c[e, 3] * b[2, i])
            k = 0
            for i in range(8):
                x = weight * per_width * _SLOPES[g, i // 2, 0]
                y = weight * per_width * _SLOPES[g, i // 2, 1]
                along, up = per_width * (x * s11 + y * s12), per_width * (x * s12 + y * s22)
                for j in range(i, 8):
                    value = b[0, j] * cb[0, i] + b[1, j] * cb[1, i] + b[2, j] * cb[2, i]
                    if (j - i) % 2 == 0:  # the stress acts on equal components alone
                        value += along * _SLOPES[g, j // 2, 0] + up * _SLOPES[g, j // 2, 1]
                    pairs[k] += value
                    k += 1
        for k in range(36):
            if place[e, k] >= 0:
                data[place[e, k]] += pairs[k]


@jit()
def force_by_property(dofs, u, v, per_width, result):
    """``v^T df/dC`` at u for C11, C12 (with C21), C22 and C33 of each element, (n, 4)."""
    weight = _WEIGHT / per_width**2
    for e in range(len(dofs)):
        r11 = r12 = r22 = r33 = 0.0
        for g in range(4):
            h = _gradient(dofs, u, e, g, per_width)
            e11, e22, e12 = _strain(h[0], h[1], h[2], h[3])
            d11, d22, d12 = _strain_rate(h, _gradient(dofs, v, e, g, per_width))
            r11 += d11 * e11
            r12 += d11 * e22 + d22 * e11
            r22 += d22 * e22
            r33 += d12 * e12
        result[e, 0], result[e, 1] = weight * r11, weight * r12
        result[e, 2], result[e, 3] = weight * r22, weight * r33


@jit()
def curvature_rates(dofs, c, u, v, per_width, forces):
    """Derivative of ``v^T K v`` by u at fixed v, added to `forces` (m,)."""
    weight = _WEIGHT / per_width**2
    for e in range(len(dofs)):
        for g in range(4):
            h = _gradient(dofs, u, e, g, per_width)
            w = _gradient(dofs, v, e, g, per_width)
            s11, s22, s12 = _stress(c, e, _strain_rate(h, w))
            t11, t22, t12 = _stress(c, e, _strain_curvature(w))
            s11, s22, s12 = 2.0 * s11, 2.0 * s22, 2.0 * s12
            p11 = weight * (w[0] * s11 + w[1] * s12 + (1.0 + h[0]) * t11 + h[1] * t12)
            p12 = weight * (w[0] * s12 + w[1] * s22 + (1.0 + h[0]) * t12 + h[1] * t22)
            p21 = weight * (w[2] * s11 + w[3] * s12 + h[2] * t11 + (1.0 + h[3]) * t12)
            p22 = weight * (w[2] * s12 + w[3] * s22 + h[2] * t12 + (1.0 + h[3]) * t22)
            for a in range(4):
                x, y = per_width * _SLOPES[g, a, 0], per_width * _SLOPES[g, a, 1]
                forces[dofs[e, 2 * a]] += p11 * x + p12 * y
                forces[dofs[e, 2 * a + 1]] += p21 * x + p22 * y


@jit()
def curvature_by_property(dofs, u, v, per_width, result):
    """``v^T dK/dC v`` at u for C11, C12 (with C21), C22 and C33 of each element, (n, 4)."""
    weight = _WEIGHT / per_width**2
    for e in range(len(dofs)):
        r11 = r12 = r22 = r33 = 0.0
        for g in range(4):
            h = _gradient(dofs, u, e, g, per_width)
            w = _gradient(dofs, v, e, g, per_width)
            e11, e22, e12 = _strain(h[0], h[1], h[2], h[3])
            d11, d22, d12 = _strain_rate(h, w)
            q11, q22, q12 = _strain_curvature(w)
            r11 += d11 * d11 + q11 * e11
            r12 += 2.0 * d11 * d22 + q11 * e22 + q22 * e11
            r22 += d22 * d22 + q22 * e22
            r33 += d12 * d12 + q12 * e12
        result[e, 0], result[e, 1] = weight * r11, weight * r12
        result[e, 2], result[e, 3] = weight * r22, weight * r33
