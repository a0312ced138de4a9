"""Stiffness of the solid pixels, straight into the upper triangle of a CSR matrix.

One Q4 element per solid pixel; void pixels and prescribed degrees of freedom do not appear. A
node's row of the stiffness depends only on which of its four pixels are solid, so sixteen stencils,
computed once, are the whole assembly. Each copy of a node where pixels touch in a corner only has
the stencil of its own pixel.

Legend
------
code    (ny+1, nx+1) uint8      solid pixels around each node (`metafast.structure.nodes`)
dof     (ny+1, nx+1, 2) int32   number of the free degree (node, component); -1 = none
stencil (16, 3, 3, 2, 2)        stencil[code, 1+di, 1+dj, p, q]: force in direction p on the node by
                                displacement q of the node di rows below and dj columns to the right
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import scipy.sparse as sp

from metafast import q4
from metafast._base.jit import jit
from metafast._base.typing import AnyArray, ByteArray, FloatArray
from metafast.material import Material
from metafast.structure.nodes import LARGEST, PIXELS, copies, copy_towards, number, pixels_of


def node_stencils(material: Material) -> FloatArray:
    """Rows of the stiffness (16, 3, 3, 2, 2) for each way a node can be surrounded by solid."""
    element = q4.stiffness(material.stiffness).reshape(4, 2, 4, 2)
    corners = [(1 - y, x) for x, y in q4.NODE_OFFSETS]  # row below the pixel's upper left, column
    stencil = np.zeros((16, 3, 3, 2, 2))
    for code in range(16):
        for bit, (pi, pj) in enumerate(PIXELS):
            if code >> bit & 1:
                own = corners.index((-pi, -pj))
                for other, (ci, cj) in enumerate(corners):
                    stencil[code, 1 + pi + ci, 1 + pj + cj] += element[own, :, other, :]
    # shear couplings of neighbouring pixels cancel; what rounding leaves would only fill the matrix
    stencil[np.abs(stencil) < 1e-14 * np.abs(element).max()] = 0.0
    return stencil


def assemble_upper(code: ByteArray, dof: AnyArray, unknowns: int, stencil: FloatArray) -> Any:
    """Upper triangle of the stiffness of the free degrees of freedom.

    Parameters
    ----------
    code, dof, stencil
        As in the legend of this module.
    unknowns : int
        Free degrees of freedom.

    Returns
    -------
    (n, n) scipy.sparse.csr_array
        Columns sorted, diagonal stored, int32 indices.

    Raises
    ------
    MemoryError
        If the entries cannot be counted with 32 bits.
    """
    start = np.zeros(unknowns + 1, np.int64)
    _rows(code, dof, stencil, start, np.empty(0, np.int32), np.empty(0), False)
    np.cumsum(start, out=start)
    nonzeros = int(start[-1])
    if nonzeros > LARGEST:
        raise MemoryError(f"{nonzeros} entries; 32-bit indices reach {LARGEST}, take fewer pixels")
    indices, data = np.empty(nonzeros, np.int32), np.empty(nonzeros)
    _rows(code, dof, stencil, start, indices, data, True)
    upper = sp.csr_array(
        (data, indices, start.astype(np.int32)), shape=(unknowns, unknowns), copy=False
    )
    upper.has_sorted_indices = True
    upper.has_canonical_format = True
    return upper


@jit(parallel=True)
def _rows(
    code: Any, dof: Any, stencil: Any, start: Any, indices: Any, data: Any, fill: bool
) -> None:
    """Write the entries from `start` on if `fill`, else their number behind each row's `start`."""
    ny, nx = code.shape
    for i in numba.prange(ny):
        for j in range(nx):
            for copy in range(copies(code[i, j])):
                rows = stencil[pixels_of(code[i, j], copy)]
                for p in range(2):
                    row = number(dof, i, j, p, copy)
                    if row < 0:
                        continue
                    at = start[row] if fill else 0
                    for di in range(2):
                        for dj in range(-di, 2):
                            if i + di < ny and 0 <= j + dj < nx:
                                other = copy
                                if di != 0 or dj != 0:
                                    other = copy_towards(code[i + di, j + dj], di, dj)
                                for q in range(2):
                                    column = number(dof, i + di, j + dj, q, other)
                                    value = rows[1 + di, 1 + dj, p, q]
                                    if column == row or (column > row and value != 0.0):
                                        if fill:
                                            indices[at] = column
                                            data[at] = value
                                        at += 1
                    if not fill:
                        start[row + 1] = at
