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
s11, s22, s12   S
d11, d22, d33, d12, d13, d23
                dS/dE in Voigt order (11, 22, 12), engineering shear
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
def thickness_stretch(mu: float, lam: float, log_j: float) -> tuple[float, float]:
    """ln c33 and c33 of neo-Hooke in plane stress, for ln J2."""
    x = -2.0 * lam * log_j / (lam + 2.0 * mu)
    c = np.exp(x)
    for _ in range(50):
        slope = mu * c + 0.5 * lam
        newton = (mu * (c - 1.0) + lam * (log_j + 0.5 * x)) / slope
        step = newton / (1.0 - 0.5 * newton * mu * c / slope)  # Halley's: cubic convergence
        x -= step
        if abs(step) > 1e-3:
            c = np.exp(x)
            continue
        # exp(-step) to the last bit; exponentials are what a point costs
        c *= 1.0 - step * (1.0 - 0.5 * step * (1.0 - step / 3.0 * (1.0 - 0.25 * step)))
        if abs(step) < 1e-5:
            break
    return x, c


@jit()
def stress(law: Any, c11: float, c22: float, c12: float) -> tuple[float, float, float, float]:
    """Energy density and S11, S22, S12; the energy is infinite where det C is not positive."""
    square = c11 * c22 - c12 * c12
    if not square > 0.0:
        return np.inf, 0.0, 0.0, 0.0
    if not law.neo_hookean:
        e11, e22 = 0.5 * (c11 - 1.0), 0.5 * (c22 - 1.0)
        s11, s22 = law.d11 * e11 + law.d12 * e22, law.d12 * e11 + law.d11 * e22
        s12 = law.d33 * c12
        return 0.5 * (s11 * e11 + s22 * e22 + s12 * c12), s11, s22, s12
    mu, log_j = law.mu, 0.5 * np.log(square)
    energy = 0.5 * mu * (c11 + c22 - 2.0)
    if law.plane_strain:
        m = mu
        energy -= mu * log_j
    else:
        x, c33 = thickness_stretch(mu, law.lam, log_j)
        m = mu * c33
        whole = log_j + 0.5 * x
        energy += 0.5 * (m - mu) - mu * whole + 0.5 * law.lam * whole * whole
    m_over = m / square
    return energy, mu - m_over * c22, mu - m_over * c11, m_over * c12


@jit()
def moduli(
    law: Any, c11: float, c22: float, c12: float
) -> tuple[float, float, float, float, float, float]:
    """D11, D22, D33, D12, D13, D23."""
    if not law.neo_hookean:
        return law.d11, law.d11, law.d33, law.d12, 0.0, 0.0
    square = c11 * c22 - c12 * c12
    if law.plane_strain:
        m, a = law.mu, 0.0
    else:
        m = law.mu * thickness_stretch(law.mu, law.lam, 0.5 * np.log(square))[1]
        a = 2.0 * law.lam * m / (law.lam + 2.0 * m)
    b = a + 2.0 * m
    i11, i22, i12 = c22 / square, c11 / square, -c12 / square
    return (
        b * i11 * i11,
        b * i22 * i22,
        a * i12 * i12 + m * (i11 * i22 + i12 * i12),
        a * i11 * i22 + 2.0 * m * i12 * i12,
        b * i11 * i12,
        b * i22 * i12,
    )
