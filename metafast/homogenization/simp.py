"""Effective stiffness of grey cells and its derivative by every pixel's density (section 3.2).

The SIMP interpolation ``E(rho) = E_min + rho^p (E - E_min)`` is what inverse homogenization starts
from; its sensitivities need the displacements alone: ``dC_kl / drho_e = p rho_e^(p-1) (1 - E_min)
u_k^T k u_l / area`` with the total displacements of the pixel's corners under unit strains k and l.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from metafast import q4
from metafast._base.checks import (
    require_number,
    require_progress,
    require_threads,
)
from metafast._base.jit import numba_threads
from metafast._base.progress import Progress, silent
from metafast._base.typing import FloatArray
from metafast.homogenization.engine import solve_densities
from metafast.homogenization.input import require_densities, require_sides
from metafast.homogenization.mirror import unfold_derivative
from metafast.homogenization.parts import parts
from metafast.material import Material
from metafast.phases import LEAST_VOID_FIELDS, Phases, require_void


class SimpSensitivities(NamedTuple):
    """Stiffness of grey cells and its derivative.

    Attributes
    ----------
    stiffness : (n, 3, 3) array
        In Voigt order (11, 22, 12) with engineering shear, in the units of E.
    derivative : (n, 3, 3, h, w) array
        ``derivative[n, k, l, r, c] = d stiffness[n, k, l] / d densities[n, r, c]``.
    """

    stiffness: FloatArray
    derivative: FloatArray


def simp_sensitivities(
    densities: Any,
    phases: Phases | Material | None = None,
    *,
    penalty: float = 3.0,
    threads: int | None = None,
    progress: Progress = silent,
) -> SimpSensitivities:
    """Effective stiffness of cells of grey pixels, and its derivative by their densities.

    Cells that are mirror-symmetric about both axes are solved on a quarter; their derivatives are
    still those by single pixels: the mirror images of a pixel stay as they are.

    Parameters
    ----------
    densities : (n, h, w) array, or (h, w) for one cell
        Between 0 (void) and 1 (solid), row 0 at the top; at least two pixels a side.
    phases : Phases or Material, optional
        E = 1, nu = 0.49, plane stress, ``E_min / E`` = 1e-9 by default; void at least 1e-10.
    penalty : float
        Exponent p of the interpolation, at least 1.
    threads : int, optional
        CPU threads; all available by default. The result does not depend on their number.
    progress : callable, optional
        Called as ``progress("sensitivities", cells done, cells in all)``.

    Returns
    -------
    SimpSensitivities

    Raises
    ------
    ValueError
        If densities lie outside [0, 1] or an option is out of range.
    MemoryError
        If not even one group of cells fits into memory.
    """
    require_progress(progress)
    phases = require_void(phases, LEAST_VOID_FIELDS)
    density = require_densities(densities)
    penalty = require_number("penalty", penalty, above=1.0, closed=True)
    threads = require_threads(threads)
    n, h, w = density.shape
    require_sides("densities", h, w)
    ratio = phases.ratio
    scaled = ratio + density**penalty * (1.0 - ratio)
    slope = penalty * density ** (penalty - 1.0) * (1.0 - ratio) / (h * w)
    element = q4.stiffness(phases.solid.stiffness)
    stiffness, derivative = np.empty((n, 3, 3)), np.empty((n, 3, 3, h, w))
    done = 0
    for part in parts(scaled, threads):
        for batch, fields in solve_densities(part.pixels, element, part.kind, threads, "energies"):
            rows = part.rows[batch]
            stiffness[rows] = fields.stiffness
            with numba_threads(threads):
                unfold_derivative(fields.energies[:, 0], slope, rows, derivative)
            progress("sensitivities", done + batch.stop, n)
        done += len(part.rows)
    return SimpSensitivities(stiffness, derivative)
