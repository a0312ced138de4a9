"""Hyperelastic laws of the solid pixels, in plane stress and plane strain.

With E the Green-Lagrange strain, F the deformation gradient and J its determinant,

    St. Venant-Kirchhoff   W = E : C : E / 2
    neo-Hooke              W = mu/2 (tr F^T F - 3 - 2 ln J) + lambda/2 (ln J)^2

and C the stiffness of linear elasticity, which both have at small strain. In plane stress the
stretch across the plane, c33 = F33^2, follows from S33 = 0, which for neo-Hooke reads

    mu (c33 - 1) + lambda (ln J2 + ln(c33) / 2) = 0,       J2 the determinant in the plane.

With lambda >= 0 the left side rises with ln c33 and is convex in it, so that Newton's iteration
cannot fail. With H = F^-T, m = mu c33 in plane stress and m = mu in plane strain, the first
Piola-Kirchhoff stress and its moduli are

    P = mu F - m H,     dP = mu dF + (m + a) (H : dF) H - m / J2 dcof F

with cof F = J2 H, a = 2 lambda m / (lambda + 2 m) in plane stress and 0 in plane strain, where the
terms with lambda are those of the whole element (`metafast.structure.finite.elements`), or nearly
incompressible ones lock. The compiled core evaluates them (``cpp/hyperelastic/law.hpp``).
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from metafast import _core
from metafast._base.checks import shown
from metafast._base.typing import FloatArray
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
        if isinstance(name, str) and name == law:
            return law
    raise ValueError(f"law is {shown(name)}; use {' or '.join(repr(law) for law in LAWS)}")


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


class PointResponse(NamedTuple):
    """A law at points.

    Attributes
    ----------
    energy : (n,) array
        Density; infinite where matter is turned inside out.
    stress : (n, 2, 2) array
        First Piola-Kirchhoff stress P.
    across : (n,) array
        ln c33 for neo-Hooke in plane stress, 0 otherwise.
    moduli : (n, 4, 4) array or None
        dP/dF in the order 11, 12, 21, 22.
    """

    energy: FloatArray
    stress: FloatArray
    across: FloatArray
    moduli: FloatArray | None


def at_points(law: Law, f: FloatArray, *, moduli: bool = False) -> PointResponse:
    """The law at deformation gradients (n, 2, 2), with the moduli if they are asked for."""
    count = len(f)
    energy, across = np.empty(count), np.empty(count)
    stress, packed = np.empty((count, 4)), np.empty((count, 10)) if moduli else None
    _core.law_at_points(law, f.reshape(count, 4), energy, stress, across, packed)
    whole = None
    if packed is not None:
        low = np.tril_indices(4)
        whole = np.empty((count, 4, 4))
        whole[:, low[0], low[1]] = whole[:, low[1], low[0]] = packed
    return PointResponse(energy, stress.reshape(count, 2, 2), across, whole)
