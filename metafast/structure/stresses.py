"""Stress at the centre of every solid pixel."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from metafast._base.jit import jit
from metafast._base.typing import AnyArray, FloatArray
from metafast.material import Material
from metafast.structure.nodes import copies, number
from metafast.structure.system import PixelSystem


def pixel_stresses(
    system: PixelSystem,
    prescribed: FloatArray,
    solution: FloatArray,
    material: Material,
    side: int,
) -> tuple[AnyArray, AnyArray]:
    """Stress of every pixel and its von Mises value.

    Parameters
    ----------
    system, prescribed, solution
        As in `metafast.structure.forces`.
    material : Material
    side : int
        Elements per cell side.

    Returns
    -------
    stress : (ny, nx, 3) float32 array
        Components (11, 22, 12) in units of E; zero in void.
    von_mises : (ny, nx) float32 array
        Von Mises stress in units of E, with the out-of-plane stress in plane strain.
    """
    ny, nx = system.code.shape[0] - 1, system.code.shape[1] - 1
    stress, equivalent = np.zeros((ny, nx, 3), np.float32), np.zeros((ny, nx), np.float32)
    across = material.poisson if material.plane == "strain" else 0.0
    stiffness = side * material.stiffness
    _stresses(system, prescribed, solution, stiffness, across, stress, equivalent)
    return stress, equivalent


def largest_linear_strain(
    system: PixelSystem, prescribed: FloatArray, solution: FloatArray, side: int
) -> float:
    """Largest principal strain at the centre of a pixel, in absolute value."""
    ny, nx = system.code.shape[0] - 1, system.code.shape[1] - 1
    strain, unused = np.zeros((ny, nx, 3), np.float32), np.zeros((ny, nx), np.float32)
    # the stresses of a material with C11 = C22 = 1, C12 = 0 and C33 = 1/2 are the strains
    identity = side * np.diag([1.0, 1.0, 0.5])
    _stresses(system, prescribed, solution, identity, 0.0, strain, unused)
    middle, half = 0.5 * (strain[..., 0] + strain[..., 1]), 0.5 * (strain[..., 0] - strain[..., 1])
    return float((np.abs(middle) + np.hypot(half, strain[..., 2])).max())


@jit(parallel=True)
def _stresses(
    system: Any,
    prescribed: Any,
    solution: Any,
    stiffness: Any,
    across: float,
    stress: Any,
    equivalent: Any,
) -> None:
    code, dof = system.code, system.dof
    ny, nx = equivalent.shape
    for i in numba.prange(ny):
        for j in range(nx):
            if not code[i, j] & 8:  # the pixel to the lower right of its upper left node
                continue
            e11 = e22 = e12 = 0.0
            for a in range(2):
                for b in range(2):
                    r, c = i + a, j + b
                    # the lower pixel has the second of a node's two copies
                    copy = 1 if a == 0 and copies(code[r, c]) == 2 else 0
                    kx, ky = number(dof, r, c, 0, copy), number(dof, r, c, 1, copy)
                    ux = solution[kx] if kx >= 0 else prescribed[r, c, 0]
                    uy = solution[ky] if ky >= 0 else prescribed[r, c, 1]
                    right, up = b - 0.5, 0.5 - a
                    e11 += right * ux
                    e22 += up * uy
                    e12 += up * ux + right * uy
            s11 = stiffness[0, 0] * e11 + stiffness[0, 1] * e22
            s22 = stiffness[1, 0] * e11 + stiffness[1, 1] * e22
            s12 = stiffness[2, 2] * e12
            s33 = across * (s11 + s22)
            stress[i, j, 0], stress[i, j, 1], stress[i, j, 2] = s11, s22, s12
            differences = (s11 - s22) ** 2 + (s22 - s33) ** 2 + (s33 - s11) ** 2
            equivalent[i, j] = np.sqrt(0.5 * differences + 3.0 * s12**2)
