"""Bilinear four-node quadrilateral (Q4) on the unit square, 2x2 Gauss points.

Node order, counterclockwise from the lower left, with x to the right and y upward::

    3 --- 2
    |     |          degrees of freedom: (ux0, uy0, ux1, uy1, ux2, uy2, ux3, uy3)
    0 --- 1

In two dimensions the stiffness of a square element does not depend on its size.
"""

from __future__ import annotations

import numpy as np

from metafast._base.typing import FloatArray
from metafast.material import Material

# offsets (x, y) of the four nodes from the lower left node
NODE_OFFSETS = ((0, 0), (1, 0), (1, 1), (0, 1))


def strain_displacement(x: float, y: float) -> FloatArray:
    """B matrix (3, 8) at the point (x, y) of the unit square; strains (11, 22, 12)."""
    dx = np.array([-(1 - y), 1 - y, y, -y])
    dy = np.array([-(1 - x), -x, x, 1 - x])
    b = np.zeros((3, 8))
    b[0, 0::2] = dx
    b[1, 1::2] = dy
    b[2, 0::2] = dy
    b[2, 1::2] = dx
    return b


def product(a: FloatArray, b: FloatArray) -> FloatArray:
    """Matrix product with the same rounding on every processor, unlike that of a BLAS."""
    return np.asarray((a[:, :, None] * b[None, :, :]).sum(axis=1))


def _gauss_points() -> list[FloatArray]:
    """B matrices of the 2x2 Gauss points; each has the weight 0.25."""
    points = 0.5 + np.array([-0.5, 0.5]) / np.sqrt(3.0)
    return [strain_displacement(x, y) for x in points for y in points]


def stiffness(c: FloatArray) -> FloatArray:
    """Element stiffness (8, 8) for material stiffness `c` (3, 3)."""
    return np.asarray(sum(0.25 * product(product(b.T, c), b) for b in _gauss_points()))


def material_stiffness(material: Material) -> FloatArray:
    """Element stiffness (8, 8) of an isotropic material that does not lock in plane strain.

    With full integration each Gauss point keeps its volume as Poisson's ratio comes near 0.5, which
    leaves an element no way to bend. In plane strain only its mean dilatation takes Lame's lambda
    (Nagtegaal, Parks and Rice 1974); in plane stress the thickness gives way, and nothing locks.
    """
    c = material.stiffness
    if material.plane == "stress":
        return stiffness(c)
    lam = c[0, 1]
    volume = np.array([1.0, 1.0, 0.0])
    dilatation = np.asarray(sum(0.25 * product(volume[None], b) for b in _gauss_points()))
    points = stiffness(c - lam * np.outer(volume, volume))
    return np.asarray(points + lam * np.outer(dilatation, dilatation))


def load(c: FloatArray) -> FloatArray:
    """Nodal forces (8, 3) of the three unit strains, the integral of B^T C, for `c` (3, 3)."""
    return np.asarray(sum(0.25 * product(b.T, c) for b in _gauss_points()))


def stiffness_basis() -> FloatArray:
    """Derivatives (4, 8, 8) of the element stiffness by C11, C12, C22 and C33.

    The derivative by C12 is symmetric: C12 and C21 change together.
    """
    basis = np.zeros((4, 3, 3))
    basis[0, 0, 0] = basis[2, 1, 1] = basis[3, 2, 2] = 1.0
    basis[1, 0, 1] = basis[1, 1, 0] = 1.0
    return np.stack([stiffness(e) for e in basis])
