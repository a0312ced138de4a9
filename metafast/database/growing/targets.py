"""Random target stiffnesses for seeds, between zero and the Voigt bound (section 3.2)."""

from __future__ import annotations

import numpy as np

from metafast._base.memory import require_memory
from metafast._base.typing import FloatArray
from metafast.material import Material

_LEAST = 1e-3  # least eigenvalue of the normal part and least C33, relative to the solid


def reachable_targets(count: int, solid: Material, rng: np.random.Generator) -> FloatArray:
    """Targets (count, 4), uniform over positive definite stiffnesses below the Voigt bound.

    Below the bound, the solid's stiffness minus the target is positive semidefinite: no cell stores
    more energy than the solid under the same strain. C12 has both signs.
    """
    require_memory(3 * 4 * 32 * count, f"{count:,} target stiffnesses", "take fewer seeds")
    c = solid.stiffness
    side, coupling, shear = c[0, 0], c[0, 1], c[2, 2]
    parts: list[FloatArray] = []
    inside = 0
    while inside < count:
        u = rng.random((4 * count + 64, 4))
        p = u * [side, 2.0 * side, side, shear] - [0.0, side, 0.0, 0.0]
        lower = _smallest_eigenvalue(p[:, 0], p[:, 1], p[:, 2])
        upper = _smallest_eigenvalue(side - p[:, 0], coupling - p[:, 1], side - p[:, 2])
        possible = p[(lower > _LEAST * side) & (upper > 0.0) & (p[:, 3] > _LEAST * shear)]
        parts.append(possible)
        inside += len(possible)
    return np.concatenate(parts)[:count]


def _smallest_eigenvalue(a: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
    """Smallest eigenvalue (n,) of the symmetric matrices ((a, b), (b, c))."""
    return np.asarray(0.5 * (a + c) - np.hypot(0.5 * (a - c), b))
