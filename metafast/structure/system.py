"""Linear system of a pixel body: node codes, numbered unknowns and stiffness stencils."""

from __future__ import annotations

from typing import NamedTuple

from metafast._base.typing import AnyArray, BoolArray, ByteArray, FloatArray
from metafast.structure.nodes import node_codes, number_free


class PixelSystem(NamedTuple):
    """Stiffness of the solid pixels, never assembled: every row is one of sixteen stencils.

    Numba kernels take it as one argument.

    Attributes
    ----------
    code : (ny+1, nx+1) uint8 array
        Solid pixels around each node, 0 for void nodes (`metafast.structure.nodes`).
    dof : (ny+1, nx+1, 2) int32 array
        Number of each free degree of freedom (node, component), -1 elsewhere.
    unknowns : int
        Number n of free degrees of freedom.
    stencil : (16, 3, 3, 2, 2) float array
        Rows of the stiffness by node code (`metafast.structure.stencils`).
    """

    code: ByteArray
    dof: AnyArray
    unknowns: int
    stencil: FloatArray


def pixel_system(solid: BoolArray, prescribed: BoolArray, stencil: FloatArray) -> PixelSystem:
    """Number the unknowns of a body.

    Parameters
    ----------
    solid : (ny, nx) bool array
        Pixels of the body.
    prescribed : (ny+1, nx+1, 2) bool array
        Degrees of freedom with a prescribed displacement.
    stencil : (16, 3, 3, 2, 2) float array
        Result of `metafast.structure.stencils.node_stencils`.

    Raises
    ------
    MemoryError
        If the unknowns cannot be counted with 32 bits.
    """
    code = node_codes(solid)
    dof, unknowns = number_free(code, prescribed)
    return PixelSystem(code, dof, unknowns, stencil)
