"""Hyperelastic laws of the solid pixels, in plane stress and plane strain.

With E the Green-Lagrange strain, F the deformation gradient and J its determinant,

    St. Venant-Kirchhoff   W = E : C : E / 2
    neo-Hooke              W = mu/2 (tr F^T F - 3 - 2 ln J) + lambda/2 (ln J)^2

and C the stiffness of linear elasticity, which both have at small strain. In plane stress the
stretch across the plane, c33 = F33^2, follows from S33 = 0, which for neo-Hooke reads

    mu (c33 - 1) + lambda (ln J2 + ln(c33) / 2) = 0,       J2 the determinant in the plane.

With lambda >= 0 the left side rises with ln c33 and is convex in it, so that Newton's iteration
cannot fail. With C = F^T F, m = mu c33 in plane stress and m = mu in plane strain, the second
Piola-Kirchhoff stress is

    S = mu I - m C^-1,     dS/dE = 2 m C^-1 (x) C^-1 (symmetrised) + a C^-1 (x) C^-1

with a = 2 lambda m / (lambda + 2 m) in plane stress. In plane strain the terms with lambda are
those of the whole element (`metafast.structure.finite.elements`), or nearly incompressible ones
lock.

Legend
------
c11, c22, c12   C = F^T F in the plane
s (3,)          S11, S22, S12
d (3, 3)        dS/dE in Voigt order (11, 22, 12), engineering shear
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from metafast._base.jit import jit
from metafast.material import Material

LawName = Literal["neo-hookean", "st-venant-kirchhoff"]
LAWS: tuple[LawName, ...] = get_args(LawName)


class Law(NamedTuple):
    """Constants of a law, for the kernels.

    Attributes
    ----------
    neo_hookean, plane_strain : bool
    mu, lam : float
        Lame's constants.
    d11, d12, d33 : float
        Linear stiffness of an element's points: without lambda in plane strain.
    """

    neo_hookean: bool
    plane_strain: bool
    mu: float
    lam: float
    d11: float
    d12: float
    d33: float


def require_law(name: Any) -> LawName:
    """Return `name` if it is that of a law."""
    for law in LAWS:
        if name == law:
            return law
    raise ValueError(f"law is {name!r}; use {' or '.join(repr(law) for law in LAWS)}")


def law_of(material: Material, name: str) -> Law:
    """The law of a material.

    Raises
    ------
    ValueError
        If the law is unknown, or Poisson's ratio is one that no solid has.
    """
    require_law(name)
    young, nu = material.young, material.poisson
    if name == "neo-hookean" and nu >= 0.5:
        raise ValueError(
            f"poisson is {nu}; the neo-Hookean law needs less than 0.5: use another material, or "
            "law='st-venant-kirchhoff'"
        )
    strain = material.plane == "strain"
    mu = young / (2.0 * (1.0 + nu))
    solid = nu < 0.5
    lam = young * nu / ((1.0 + nu) * (1.0 - 2.0 * nu)) if solid else 0.0
    c = material.stiffness
    d11, d12 = (2.0 * mu, 0.0) if strain else (c[0, 0], c[0, 1])
    return Law(name == "neo-hookean", strain, mu, lam, float(d11), float(d12), float(c[2, 2]))


@jit()
def thickness_stretch(mu: float, lam: float, log_j: float) -> float:
    """ln c33 of neo-Hooke in plane stress, for ln J2."""
    x = -2.0 * lam * log_j / (lam + 2.0 * mu)
    for _ in range(50):
        grown = mu * np.exp(x)
        value = grown - mu + lam * (log_j + 0.5 * x)
        step = value / (grown + 0.5 * lam)
        x -= step
        if abs(step) <= 1e-15 * (1.0 + abs(x)):
            break
    return x


@jit()
def respond(law: Any, c11: float, c22: float, c12: float, s: Any, d: Any, tangent: bool) -> float:
    """Energy density at a point; fills `s`, and `d` if the tangent is wanted.

    Infinite where the material is squeezed to nothing.
    """
    square = c11 * c22 - c12 * c12
    if not square > 0.0:
        return np.inf
    if law.neo_hookean:
        return _neo_hookean(law, c11, c22, c12, square, s, d, tangent)  # type: ignore[no-any-return]
    e11, e22 = 0.5 * (c11 - 1.0), 0.5 * (c22 - 1.0)
    s[0], s[1] = law.d11 * e11 + law.d12 * e22, law.d12 * e11 + law.d11 * e22
    s[2] = law.d33 * c12
    if tangent:
        d[:] = 0.0
        d[0, 0] = d[1, 1] = law.d11
        d[0, 1] = d[1, 0] = law.d12
        d[2, 2] = law.d33
    return 0.5 * (s[0] * e11 + s[1] * e22 + s[2] * c12)  # type: ignore[no-any-return]


@jit()
def _neo_hookean(
    law: Any, c11: float, c22: float, c12: float, square: float, s: Any, d: Any, tangent: bool
) -> float:
    mu, log_j = law.mu, 0.5 * np.log(square)
    if law.plane_strain:
        m, a = mu, 0.0
        energy = -mu * log_j
    else:
        x = thickness_stretch(mu, law.lam, log_j)
        m = mu * np.exp(x)
        a = 2.0 * law.lam * m / (law.lam + 2.0 * m)
        whole = log_j + 0.5 * x
        energy = 0.5 * (m - mu) - mu * whole + 0.5 * law.lam * whole * whole
    i11, i22, i12 = c22 / square, c11 / square, -c12 / square
    s[0], s[1], s[2] = mu - m * i11, mu - m * i22, -m * i12
    if tangent:
        b = a + 2.0 * m
        d[0, 0], d[1, 1] = b * i11 * i11, b * i22 * i22
        d[0, 1] = d[1, 0] = a * i11 * i22 + 2.0 * m * i12 * i12
        d[0, 2] = d[2, 0] = b * i11 * i12
        d[1, 2] = d[2, 1] = b * i22 * i12
        d[2, 2] = a * i12 * i12 + m * (i11 * i22 + i12 * i12)
    return energy + 0.5 * mu * (c11 + c22 - 2.0)  # type: ignore[no-any-return]
