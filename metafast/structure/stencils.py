"""Stiffness stencils: the sixteen possible rows of the stiffness of a pixel body.

Each solid pixel is one Q4 element, with mean dilatation in plane strain; void pixels and prescribed
degrees of freedom do not appear. A node's row of the stiffness depends only on which of its four
pixels are solid, so sixteen stencils, computed once, replace the assembly. Each copy of a node
where pixels touch only at a corner has the stencil of its own pixel.

Legend
------
stencil (16, 3, 3, 2, 2)        stencil[code, 1+di, 1+dj, p, q]: force in direction p on a node of
                                this code (`metafast.structure.nodes`) by displacement q of the node
                                di rows below and dj columns to the right
"""

from __future__ import annotations

import numpy as np

from metafast import q4
from metafast._base.typing import FloatArray
from metafast.material import Material
from metafast.structure.nodes import PIXELS


def node_stencils(material: Material) -> FloatArray:
    """Rows of the stiffness (16, 3, 3, 2, 2) for each way a node can be surrounded by solid."""
    element = q4.material_stiffness(material).reshape(4, 2, 4, 2)
    corners = [(1 - y, x) for x, y in q4.NODE_OFFSETS]  # row below the pixel's upper left, column
    stencil = np.zeros((16, 3, 3, 2, 2))
    for code in range(16):
        for bit, (pi, pj) in enumerate(PIXELS):
            if code >> bit & 1:
                own = corners.index((-pi, -pj))
                for other, (ci, cj) in enumerate(corners):
                    stencil[code, 1 + pi + ci, 1 + pj + cj] += element[own, :, other, :]
    # Shear couplings of neighbouring pixels cancel; the rounding error left would only add entries.
    stencil[np.abs(stencil) < 1e-14 * np.abs(element).max()] = 0.0
    return stencil
