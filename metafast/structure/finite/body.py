"""Pixel body at finite deformation: elements, degrees of freedom, and their energy and forces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numba
import numpy as np

from metafast._base.jit import jit
from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray
from metafast.structure.anchors import element_numbers
from metafast.structure.finite import elements
from metafast.structure.finite.laws import Law
from metafast.structure.finite.outside import Outside, outside_of
from metafast.structure.loads import PixelLoads
from metafast.structure.nodes import copies, number, pixels_of
from metafast.structure.system import PixelSystem


class Forces(NamedTuple):
    """Energy of a body, and its derivative (n + m,): the forces that hold it.

    Without balance on the free degrees of freedom there is no equilibrium; on the prescribed ones
    they are the reactions. The energy is infinite if an element is turned inside out. It counts
    springs, less the work of dead loads; `outside` is the largest of those forces.
    """

    energy: float
    force: FloatArray
    outside: float = 0.0


@dataclass(frozen=True, eq=False)
class FiniteBody:
    """Solid pixels as elements, with numbered degrees of freedom: n free, then m prescribed.

    Attributes
    ----------
    system : PixelSystem
    law : Law
    side : int
        Elements per cell side.
    pixels : (e, 2) int array
        Row and column of the elements.
    dofs : (e, 8) int32 array
        Degrees of freedom of the elements' corners, counterclockwise from the lower left.
    prescribed : (m, 3) int array
        Node row, node column and component of the prescribed degrees of freedom.
    element : (ny, nx) int32 array
        Number of each pixel's element, -1 for void.
    tangents : (e, 36) array
        Lower triangles of the elements' tangents; `update_tangents` fills them.
    outside : Outside or None
        Dead loads and springs, None where there are none.
    """

    system: PixelSystem
    law: Law
    side: int
    pixels: IntArray
    dofs: AnyArray
    prescribed: IntArray
    element: AnyArray
    tangents: FloatArray
    outside: Outside | None = None

    @property
    def free(self) -> int:
        """Number n of free degrees of freedom."""
        return self.system.unknowns

    @property
    def size(self) -> int:
        """Number n + m of degrees of freedom."""
        return self.free + len(self.prescribed)

    def forces(self, u: FloatArray, share: float = 1.0) -> Forces:
        """Energy and forces at a displacement (n + m,) and a share of the dead loads."""
        energy, force = elements.forces(self.dofs, self.side, self.law, u)
        if self.outside is None:
            return Forces(float(energy.sum()), force)
        return Forces(*self.outside.added(float(energy.sum()), force, u, share))

    def update_tangents(self, u: FloatArray) -> None:
        """Fill `tangents` at a displacement (n + m,), with the anchors."""
        elements.fill_tangents(self.dofs, self.side, self.law, u, self.tangents)
        if self.outside is not None:
            self.outside.anchor(self.element, self.tangents)

    def product(self, u: FloatArray) -> FloatArray:
        """Product (n + m,) of the elements' tangents with a displacement (n + m,)."""
        return elements.product(self.dofs, self.tangents, u)

    def load_rate(self, u: FloatArray) -> FloatArray:
        """Forces (n + m,) to first order by prescribed displacements and the whole dead loads.

        `u` (n + m,) is zero in its free part, where the anchors are.
        """
        product = self.product(u)
        return product if self.outside is None else self.outside.rate(product, u)

    def values(self, field: FloatArray) -> FloatArray:
        """Values (m,) that a field (ny+1, nx+1, 2) has at the prescribed degrees of freedom."""
        return np.asarray(field[tuple(self.prescribed.T)])

    def spread_to_nodes(self, u: FloatArray) -> FloatArray:
        """Displacement (ny+1, nx+1, 2) of the nodes, the mean of their copies; NaN in void."""
        field = np.full((*self.system.code.shape, 2), np.nan)
        field[tuple(self.prescribed.T)] = u[self.free :]
        _spread_free(self.system, u, field)
        return field

    def gather_from_nodes(self, field: FloatArray) -> FloatArray:
        """Displacement (n + m,) from that of the nodes (ny+1, nx+1, 2).

        A node with two copies tells their mean: each copy moves with its own pixel, which its three
        other corners make a parallelogram.
        """
        u = np.zeros(self.size)
        u[self.free :] = self.values(field)
        _gather_free(self.system, field, u)
        return u


def finite_body(
    system: PixelSystem,
    solid: BoolArray,
    prescribed: BoolArray,
    law: Law,
    side: int,
    loads: PixelLoads | None = None,
    anchors: IntArray | None = None,
) -> FiniteBody:
    """Number the elements and the degrees of freedom of a body.

    Parameters
    ----------
    system : PixelSystem
        Of the same pixels and supports.
    solid : (ny, nx) bool array
    prescribed : (ny+1, nx+1, 2) bool array
        Prescribed degrees of freedom of the body's nodes.
    law : Law
    side : int
        Elements per cell side.
    loads : PixelLoads, optional
        Dead loads and springs.
    anchors : (a, 3) int array, optional
        As in `metafast.structure.supports.Supported`.
    """
    pixels = np.argwhere(solid)
    element = element_numbers(solid)
    held = np.argwhere(prescribed & (system.code != 0)[..., None])
    place = np.full(prescribed.shape, -1, np.int32)
    place[tuple(held.T)] = system.unknowns + np.arange(len(held), dtype=np.int32)
    dofs = np.empty((len(pixels), 8), np.int32)
    _number_corners(system, place, pixels, dofs)
    tangents = np.empty((len(pixels), 36))
    outside = None if loads is None else outside_of(loads, system, place, side, law.d11, anchors)
    return FiniteBody(system, law, side, pixels, dofs, held, element, tangents, outside)


@jit(parallel=True, nogil=True)
def _number_corners(system: Any, place: Any, pixels: Any, dofs: Any) -> None:
    """Fill `dofs` (e, 8); `place` (ny+1, nx+1, 2) numbers the prescribed degrees of freedom."""
    code, dof = system.code, system.dof
    for e in numba.prange(len(pixels)):
        for corner in range(4):
            below = 1 if corner < 2 else 0
            right = 1 if corner in (1, 2) else 0
            i, j = pixels[e, 0] + below, pixels[e, 1] + right
            # the second copy of a node belongs to the pixel below it
            copy = 1 if below == 0 and copies(code[i, j]) == 2 else 0
            for p in range(2):
                k = number(dof, i, j, p, copy)
                dofs[e, 2 * corner + p] = k if k >= 0 else place[i, j, p]


@jit(parallel=True, nogil=True)
def _spread_free(system: Any, u: Any, field: Any) -> None:
    code, dof = system.code, system.dof
    for i in numba.prange(code.shape[0]):
        for j in range(code.shape[1]):
            for p in range(2):
                k = dof[i, j, p]
                if code[i, j] != 0 and k >= 0:
                    other = number(dof, i, j, p, copies(code[i, j]) - 1)
                    field[i, j, p] = 0.5 * (u[k] + u[other])


@jit(parallel=True, nogil=True)
def _gather_free(system: Any, field: Any, u: Any) -> None:
    code, dof = system.code, system.dof
    for i in numba.prange(code.shape[0]):
        for j in range(code.shape[1]):
            for p in range(2):
                if code[i, j] == 0 or dof[i, j, p] < 0:
                    continue
                if copies(code[i, j]) == 1:
                    u[dof[i, j, p]] = field[i, j, p]
                    continue
                for copy in range(2):
                    # the corner of the copy's pixel that is opposite to the node
                    row = i + 1 if copy == 1 else i - 1
                    falling = pixels_of(code[i, j], copy) in (1, 8)
                    col = j + 1 if (copy == 1) == falling else j - 1
                    sides = field[row, j, p] + field[i, col, p]
                    u[number(dof, i, j, p, copy)] = sides - field[row, col, p]
