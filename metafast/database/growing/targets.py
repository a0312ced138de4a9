"""Target stiffnesses for seeds, uniform over what orthotropic cells could reach (section 3.2)."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import FloatArray
from metafast.material import Material

_SOFTEST = 1e-3  # smallest eigenvalue of the normal part, relative to the solid's C11


def reachable_targets(count: int, solid: Material, rng: np.random.Generator) -> FloatArray:
    """Targets (count, 4): positive definite and below the Voigt bound, C12 of both signs.

    Below means that the solid's stiffness minus the target is positive semidefinite too: what the
    solid stores under any strain, no cell of it can exceed.
    """
    c = solid.stiffness
    side, coupling, shear = c[0, 0], c[0, 1], c[2, 2]
    parts: list[FloatArray] = []
    found = 0
    while found < count:
        u = rng.random((4 * count + 64, 4))
        p = u * [side, 2.0 * side, side, shear] - [0.0, side, 0.0, 0.0]
        lower = _smallest_eigenvalue(p[:, 0], p[:, 1], p[:, 2])
        upper = _smallest_eigenvalue(side - p[:, 0], coupling - p[:, 1], side - p[:, 2])
        inside = p[(lower > _SOFTEST * side) & (upper > 0.0) & (p[:, 3] > _SOFTEST * shear)]
        parts.append(inside)
        found += len(inside)
    return np.concatenate(parts)[:count]


def _smallest_eigenvalue(a: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
    """Of the symmetric matrices ((a, b), (b, c))."""
    return np.asarray(0.5 * (a + c) - np.hypot(0.5 * (a - c), b))
