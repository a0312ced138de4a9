"""Anchors: stiff springs in the factor of a body that its supports alone do not hold.

An anchor stands on one degree of freedom and enters the tangent of one element there. The springs
that really hold the body follow, and the anchors leave, in `metafast.structure.spring_factor`.
"""

from __future__ import annotations

import numpy as np

from metafast import q4
from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray
from metafast.material import Material

_CORNER = 3  # of the pixel to the lower right of a node, which the node is


def element_numbers(solid: BoolArray) -> AnyArray:
    """Numbers (ny, nx) of the solid pixels, row by row, as int32; -1 for void."""
    element = np.full(solid.shape, -1, np.int32)
    element[solid] = np.arange(np.count_nonzero(solid), dtype=np.int32)
    return element


def rest_tangents(material: Material, count: int) -> FloatArray:
    """Lower triangles (count, 36), by rows, of the elements' stiffness."""
    return np.tile(q4.material_stiffness(material)[np.tril_indices(8)], (count, 1))


def add_anchors(
    anchors: IntArray, stiffness: float, element: AnyArray, tangents: FloatArray
) -> None:
    """Add anchors to the tangents of elements.

    Parameters
    ----------
    anchors : (a, 3) int array
        As in `metafast.structure.supports.Supported`.
    stiffness : float
    element : (ny, nx) int array
        Number of each pixel's element.
    tangents : (e, 36) array
    """
    i, j, p = anchors.T
    k = 2 * _CORNER + p
    np.add.at(tangents, (element[i, j], k * (k + 3) // 2), stiffness)
