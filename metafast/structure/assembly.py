"""Stiffness of the solid pixels, straight into the upper triangle of a CSR matrix.

One Q4 element per solid pixel; void pixels and prescribed degrees of freedom do not appear. Nodes
are the corners of the pixels. A node's row of the stiffness depends only on which of its four
pixels are solid, so sixteen stencils, computed once, are the whole assembly::

    (i-1,j-1) --- (i-1,j) --- (i-1,j+1)
        |    bit 1   |   bit 2    |         code[i, j] = sum of the bits of the solid pixels;
     (i,j-1) ---- (i, j) ----- (i,j+1)      pixel (r, c) lies to the lower right of node (r, c);
        |    bit 4   |   bit 8    |         row 0 is the top
    (i+1,j-1) --- (i+1,j) --- (i+1,j+1)

Legend
------
code    (ny+1, nx+1) uint8      solid pixels around each node, 0 = void node
dof     (ny+1, nx+1, 2) int32   number of the free degree (node, component), row by row; -1 = none
stencil (16, 3, 3, 2, 2)        stencil[code, 1+di, 1+dj, p, q]: force in direction p on the node by
                                displacement q of the node di rows below and dj columns to the right
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import scipy.sparse as sp

from metafast import q4
from metafast._jit import jit
from metafast._typing import AnyArray, BoolArray, ByteArray, FloatArray
from metafast.material import Material

# (row, column) offset from node to pixel, by bit
_PIXELS = ((-1, -1), (-1, 0), (0, -1), (0, 0))
_LARGEST = np.iinfo(np.int32).max


def node_codes(solid: BoolArray) -> ByteArray:
    """Which of the four pixels around each node are solid (ny+1, nx+1)."""
    ny, nx = solid.shape
    code = np.zeros((ny + 1, nx + 1), np.uint8)
    for bit, (di, dj) in enumerate(_PIXELS):
        code[-di : ny - di, -dj : nx - dj] |= solid.astype(np.uint8) << np.uint8(bit)
    return code


def node_stencils(material: Material) -> FloatArray:
    """Rows of the stiffness (16, 3, 3, 2, 2) for each way a node can be surrounded by solid."""
    element = q4.stiffness(material.stiffness).reshape(4, 2, 4, 2)
    corners = [(1 - y, x) for x, y in q4.NODE_OFFSETS]  # row below the pixel's upper left, column
    stencil = np.zeros((16, 3, 3, 2, 2))
    for code in range(16):
        for bit, (pi, pj) in enumerate(_PIXELS):
            if code >> bit & 1:
                own = corners.index((-pi, -pj))
                for other, (ci, cj) in enumerate(corners):
                    stencil[code, 1 + pi + ci, 1 + pj + cj] += element[own, :, other, :]
    # shear couplings of neighbouring pixels cancel; what rounding leaves would only fill the matrix
    stencil[np.abs(stencil) < 1e-14 * np.abs(element).max()] = 0.0
    return stencil


def number_free(code: ByteArray, prescribed: BoolArray) -> AnyArray:
    """Numbers (ny+1, nx+1, 2) of the free degrees of freedom, row by row; -1 elsewhere."""
    free = (code != 0)[:, :, None] & ~prescribed
    count = int(np.count_nonzero(free))
    if count > _LARGEST:
        raise MemoryError(f"{count} unknowns; 32-bit numbers reach {_LARGEST}, take fewer pixels")
    dof = np.full(free.shape, -1, np.int32)
    dof[free] = np.arange(count, dtype=np.int32)
    return dof


def assemble_upper(code: ByteArray, dof: AnyArray, stencil: FloatArray) -> Any:
    """Upper triangle of the stiffness of the free degrees of freedom.

    Parameters
    ----------
    code, dof, stencil
        As in the legend of this module.

    Returns
    -------
    (n, n) scipy.sparse.csr_array
        Columns sorted, diagonal stored, int32 indices.

    Raises
    ------
    MemoryError
        If the entries cannot be counted with 32 bits.
    """
    unknowns = int(dof.max(initial=-1)) + 1
    start = np.zeros(unknowns + 1, np.int64)
    _count(code, dof, stencil, start)
    np.cumsum(start, out=start)
    nonzeros = int(start[-1])
    if nonzeros > _LARGEST:
        raise MemoryError(f"{nonzeros} entries; 32-bit indices reach {_LARGEST}, take fewer pixels")
    indices, data = np.empty(nonzeros, np.int32), np.empty(nonzeros)
    _fill(code, dof, stencil, start, indices, data)
    upper = sp.csr_array(
        (data, indices, start.astype(np.int32)), shape=(unknowns, unknowns), copy=False
    )
    upper.has_sorted_indices = True
    upper.has_canonical_format = True
    return upper


@jit(parallel=True)
def _count(code: Any, dof: Any, stencil: Any, start: Any) -> None:
    ny, nx = code.shape
    for i in numba.prange(ny):
        for j in range(nx):
            for p in range(2):
                row = dof[i, j, p]
                if row >= 0:
                    start[row + 1] = _row(code, dof, stencil, i, j, p, row)


@jit()
def _row(code: Any, dof: Any, stencil: Any, i: int, j: int, p: int, row: int) -> int:
    """Number of entries on and right of the diagonal."""
    ny, nx = code.shape
    count = 0
    for di in range(2):
        for dj in range(-di, 2):
            if i + di < ny and 0 <= j + dj < nx:
                for q in range(2):
                    column = dof[i + di, j + dj, q]
                    if column == row or (
                        column > row and stencil[code[i, j], 1 + di, 1 + dj, p, q] != 0.0
                    ):
                        count += 1
    return count


@jit(parallel=True)
def _fill(code: Any, dof: Any, stencil: Any, start: Any, indices: Any, data: Any) -> None:
    ny, nx = code.shape
    for i in numba.prange(ny):
        for j in range(nx):
            for p in range(2):
                row = dof[i, j, p]
                if row < 0:
                    continue
                at = start[row]
                for di in range(2):
                    for dj in range(-di, 2):
                        if i + di < ny and 0 <= j + dj < nx:
                            for q in range(2):
                                column = dof[i + di, j + dj, q]
                                value = stencil[code[i, j], 1 + di, 1 + dj, p, q]
                                if column == row or (column > row and value != 0.0):
                                    indices[at] = column
                                    data[at] = value
                                    at += 1


@jit(parallel=True)
def nodal_forces(code: Any, stencil: Any, displacement: Any, force: Any) -> None:
    """Write the forces K u (ny+1, nx+1, 2) that hold `displacement`; zero at void nodes."""
    ny, nx = code.shape
    for i in numba.prange(ny):
        for j in range(nx):
            fx = fy = 0.0
            if code[i, j] != 0:
                k = stencil[code[i, j]]
                for di in range(-1, 2):
                    for dj in range(-1, 2):
                        if 0 <= i + di < ny and 0 <= j + dj < nx:
                            a, b = 1 + di, 1 + dj
                            ux = displacement[i + di, j + dj, 0]
                            uy = displacement[i + di, j + dj, 1]
                            fx += k[a, b, 0, 0] * ux + k[a, b, 0, 1] * uy
                            fy += k[a, b, 1, 0] * ux + k[a, b, 1, 1] * uy
            force[i, j, 0] = fx
            force[i, j, 1] = fy
