"""Energy, forces and tangents of the solid pixels, total Lagrangian, 2 x 2 Gauss points.

The nodes of an element move by u_a, and with the gradients g_a of their shape functions

    F = I + sum_a u_a (x) g_a,     f_a = sum w P g_a,     K_ab = sum w g_a (dP/dF) g_b

summed over the points.

In plane strain the part of the energy with lambda belongs to the whole element (mean dilatation:
Nagtegaal, Parks and Rice 1974; Simo, Taylor and Pister 1985), since one bilinear element cannot
keep the volume of each of its points::

    neo-Hooke              A0 lambda/2 (ln q)^2     q = area over undeformed area A0
    St. Venant-Kirchhoff   A0 lambda/2 q^2          q = mean of tr E

The compiled core evaluates them, one element in each lane of a vector
(``cpp/hyperelastic/elements.hpp``).

Legend
------
dofs      (e, 8) int32  number of each corner's degree of freedom in `u`, corners counterclockwise
                        from the lower left
u         (n + m,)      displacement: n free degrees, then m prescribed ones
energy    (e,)          of each element; infinite where it is turned inside out
tangent   (e, 36)       lower triangle by rows
"""

from __future__ import annotations

import numba
import numpy as np

from metafast import _core
from metafast._base.typing import AnyArray, FloatArray
from metafast.structure.finite.laws import Law


def forces(dofs: AnyArray, side: int, law: Law, u: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Energy (e,) of all elements of 1/side cell widths, and their forces (n + m,) on the nodes."""
    energy, total = np.empty(len(dofs)), np.zeros(len(u))
    _core.element_forces(dofs, side, law, u, energy, total, numba.get_num_threads())
    return energy, total


def fill_tangents(dofs: AnyArray, side: int, law: Law, u: FloatArray, tangent: FloatArray) -> None:
    """Write the tangents (e, 36) of all elements."""
    _core.element_tangents(dofs, side, law, u, tangent, numba.get_num_threads())


def product(dofs: AnyArray, tangent: FloatArray, u: FloatArray) -> FloatArray:
    """Product (n + m,) of the tangents (e, 36) with `u` (n + m,)."""
    total = np.zeros(len(u))
    _core.element_products(dofs, tangent, u, total)
    return total
