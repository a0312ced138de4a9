"""Nodal forces K u of a pixel body, from the stencils, without a matrix.

Legend
------
system                          `metafast.structure.system.PixelSystem`
prescribed (ny+1, nx+1, 2)      displacement of nodes whose degree of freedom is not free
solution   (n,)                 displacement of the free degrees
force      (n,)                 force on the free degrees
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from metafast._base.jit import jit
from metafast._base.typing import AnyArray, FloatArray
from metafast.structure.nodes import copies, copy_towards, number, pixels_of
from metafast.structure.system import PixelSystem


def nodal_forces(
    system: PixelSystem, prescribed: FloatArray, solution: FloatArray
) -> tuple[FloatArray, float, float]:
    """Forces that hold a displacement.

    Parameters
    ----------
    system, prescribed, solution
        As in the legend of this module.

    Returns
    -------
    force : (n,) float array
        Force on the free degrees.
    reaction : float
        Largest force on a prescribed degree.
    energy : float
        ``u K u / 2``.
    """
    force = np.empty_like(solution)
    reaction, work = np.zeros(len(system.code)), np.zeros(len(system.code))
    _forces(system, prescribed, solution, force, reaction, work)
    return force, float(reaction.max()), 0.5 * float(work.sum())


@jit(parallel=True)
def _forces(
    system: Any, prescribed: Any, solution: Any, force: Any, reaction: Any, work: Any
) -> None:
    """Write `force`, and for each row of nodes the largest reaction and u K u."""
    code, dof = system.code, system.dof
    ny, nx = code.shape
    for i in numba.prange(ny):
        for j in range(nx):
            if code[i, j] == 0:
                continue
            for copy in range(copies(code[i, j])):
                fx, fy = _force_on(system, prescribed, solution, i, j, copy)
                for p in range(2):
                    f = fy if p == 1 else fx
                    row = number(dof, i, j, p, copy)
                    if row >= 0:
                        force[row] = f
                    else:
                        reaction[i] = max(reaction[i], abs(f))
                    work[i] += f * _value(dof, prescribed, solution, i, j, p, copy)


@jit()
def forces_on(system: Any, prescribed: Any, solution: Any, nodes: Any) -> AnyArray:
    """Forces (m, 2) that hold the given nodes (m, 2), free or not; summed over copies."""
    code = system.code
    force = np.zeros((len(nodes), 2))
    for n in range(len(nodes)):
        i, j = nodes[n, 0], nodes[n, 1]
        if code[i, j] != 0:
            for copy in range(copies(code[i, j])):
                fx, fy = _force_on(system, prescribed, solution, i, j, copy)
                force[n, 0] += fx
                force[n, 1] += fy
    return force


@jit()
def _force_on(
    system: Any, prescribed: Any, solution: Any, i: int, j: int, copy: int
) -> tuple[float, float]:
    code, dof = system.code, system.dof
    ny, nx = code.shape
    k = system.stencil[pixels_of(code[i, j], copy)]
    fx = fy = 0.0
    for di in range(-1, 2):
        for dj in range(-1, 2):
            if 0 <= i + di < ny and 0 <= j + dj < nx:
                other = copy
                if di != 0 or dj != 0:
                    other = copy_towards(code[i + di, j + dj], di, dj)
                ux = _value(dof, prescribed, solution, i + di, j + dj, 0, other)
                uy = _value(dof, prescribed, solution, i + di, j + dj, 1, other)
                a, b = 1 + di, 1 + dj
                fx += k[a, b, 0, 0] * ux + k[a, b, 0, 1] * uy
                fy += k[a, b, 1, 0] * ux + k[a, b, 1, 1] * uy
    return fx, fy


@jit()
def _value(dof: Any, prescribed: Any, solution: Any, i: int, j: int, p: int, copy: int) -> float:
    k = number(dof, i, j, p, copy)
    return solution[k] if k >= 0 else prescribed[i, j, p]  # type: ignore[no-any-return]
