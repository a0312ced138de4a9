"""Effective stiffness of grey cells and its derivative by every pixel's density (section 3.2).

The SIMP interpolation ``E(rho) = E_min + rho^p (E - E_min)`` is what inverse homogenization starts
from; its sensitivities need the displacements alone: ``dC_kl / drho_e = p rho_e^(p-1) (1 - E_min)
u_k^T k u_l / area`` with the total displacements of the pixel's corners under unit strains k and l.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from metafast import q4
from metafast._base.checks import require_number, require_threads
from metafast._base.jit import numba_threads
from metafast._base.typing import FloatArray
from metafast.homogenization.engine import solve_densities
from metafast.homogenization.mirror import unfold_derivative
from metafast.homogenization.parts import (
    block_pixels,
    require_densities,
    require_two_wide,
    solved_blocks,
)
from metafast.material import Material
from metafast.phases import LEAST_VOID_FIELDS, Phases, require_void


def simp_sensitivities(
    densities: Any,
    phases: Phases | Material | None = None,
    *,
    penalty: float = 3.0,
    threads: int | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Effective stiffness of cells of grey pixels, and its derivative by their densities.

    Cells that are mirror-symmetric about both axes are solved on a quarter; their derivatives are
    still those by single pixels, mirror images not moving along.

    Parameters
    ----------
    densities : (n, h, w) array, or (h, w) for one cell
        Between 0 (void) and 1 (solid), row 0 at the top; at least two pixels a side.
    phases : Phases or Material, optional
        E = 1, nu = 0.49, plane stress, ``E_min / E`` = 1e-9 by default; void at least 1e-10.
    penalty : float
        Exponent p of the interpolation, at least 1.
    threads : int, optional
        Threads; all available by default. The result does not depend on it.

    Returns
    -------
    stiffness : (n, 3, 3) array
        In Voigt order (11, 22, 12) with engineering shear, in the units of E.
    derivative : (n, 3, 3, h, w) array
        ``derivative[n, k, l, r, c] = d stiffness[n, k, l] / d densities[n, r, c]``.

    Raises
    ------
    ValueError
        If densities lie outside [0, 1] or an option is out of range.
    MemoryError
        If not even one group of cells fits into memory.
    """
    phases = require_void(phases, LEAST_VOID_FIELDS)
    density = require_densities(densities)
    penalty = require_number("penalty", penalty, above=1.0, closed=True)
    threads = require_threads(threads)
    n, h, w = density.shape
    require_two_wide("densities", h, w)
    ratio = phases.ratio
    scaled = ratio + density**penalty * (1.0 - ratio)
    slope = penalty * density ** (penalty - 1.0) * (1.0 - ratio) / (h * w)
    element = q4.stiffness(phases.solid.stiffness)
    stiffness, derivative = np.empty((n, 3, 3)), np.empty((n, 3, 3, h, w))
    for members, kind, block in solved_blocks(density, threads):
        part_of = block_pixels(scaled, members, block)
        for part, fields in solve_densities(part_of, element, kind, threads, "energies"):
            rows = members[part]
            stiffness[rows] = fields.stiffness
            with numba_threads(threads):
                unfold_derivative(fields.energies[:, 0], slope, rows, derivative)
    return stiffness, derivative
