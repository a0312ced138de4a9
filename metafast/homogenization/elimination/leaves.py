"""Leaves of the elimination: complements of small blocks, looked up or assembled.

A leaf has at most nine pixels, so at most 512 void/solid patterns: for binary cells the complements
of all patterns are computed once per pair of materials, and a leaf costs one look-up for each
lane. Leaves alike in shape and prescribed displacements share a table. For pixels of any
density a leaf is assembled entry by entry, a short sum of ``rho_e ke[t]`` each, and eliminated
like other fronts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from metafast._base.typing import FloatArray, IntArray
from metafast.homogenization.elimination.dissection import LEAF_PIXELS
from metafast.homogenization.lanes import LANES
from metafast.q4 import product

LOWER = np.tril_indices(11)


@dataclass(frozen=True)
class LeafKind:
    """Local numbering of a leaf that is looked up: pivots first, then border, jumps last.

    Attributes
    ----------
    variables : (elements, 11)
        Local number of the eight displacements and three jumps of each element, -1 where absent.
    classes : (elements,)
        Edges of the seam that each element has.
    pivots, size : int
    start, stride : int
        First entry of its table and entries that one pattern takes, a multiple of the lanes.
    """

    variables: IntArray
    classes: IntArray
    pivots: int
    size: int
    start: int
    stride: int


@dataclass
class LeafTables:
    """Tables of all leaves of one plan, as they are added to it."""

    kinds: list[LeafKind] = field(default_factory=list)
    starts: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    places: list[IntArray] = field(default_factory=list)
    pixels: list[IntArray] = field(default_factory=list)
    terms_start: list[IntArray] = field(default_factory=list)
    term_element: list[IntArray] = field(default_factory=list)
    term_entry: list[IntArray] = field(default_factory=list)
    known: dict[bytes, int] = field(default_factory=dict)
    table_size: int = 0
    place_count: int = 0
    term_count: int = 0
    start_count: int = 0

    def kind(self, variables: IntArray, classes: IntArray, pivots: int, size: int) -> LeafKind:
        """The table of leaves with this numbering."""
        key = variables.tobytes() + classes.tobytes() + bytes([pivots, size])
        if key not in self.known:
            border = size - pivots
            stride = -(-(border * (border + 1) // 2) // LANES) * LANES
            kind = LeafKind(variables, classes, pivots, size, self.table_size, stride)
            self.known[key] = len(self.kinds)
            self.kinds.append(kind)
            self.table_size += stride << len(variables)
        return self.kinds[self.known[key]]


def _places(variables: IntArray, names: IntArray) -> IntArray:
    """Index of each of `variables` in `names`, -1 where it is absent."""
    order = np.argsort(names)
    index = np.minimum(np.searchsorted(names, variables, sorter=order), len(names) - 1)
    return np.where(names[order[index]] == variables, order[index], -1)


def table_leaf(
    leaves: LeafTables, variables: IntArray, classes: IntArray, elements: IntArray,
    pivots: IntArray, border: IntArray,
) -> int:  # fmt: skip
    """Add a leaf that is looked up, and return its index.

    Parameters
    ----------
    variables : (elements, 11)
        Unknowns and jumps of the leaf's elements.
    classes, elements : (elements,)
    pivots, border : (p,), (b,)
        Unknowns in the order of elimination, jumps last in the border.
    """
    names = np.concatenate([np.sort(pivots), np.sort(border)])  # the same for all leaves alike
    kind = leaves.kind(_places(variables, names), classes, len(pivots), len(names))
    rank = np.argsort(np.argsort(border))  # position of each border row in the sorted border
    row = np.argsort(rank)  # row of the complement of each unknown of the sorted border
    a, b = np.tril_indices(len(border))
    i, j = np.maximum(row[a], row[b]), np.minimum(row[a], row[b])
    places = np.zeros(kind.stride, dtype=np.int64)  # padding goes to the first zero
    places[: len(a)] = i * (i + 3) // 2 + 1 + j
    key = b"places" + places.tobytes()
    if key not in leaves.known:
        leaves.known[key] = leaves.place_count
        leaves.places.append(places)
        leaves.place_count += kind.stride
    leaves.starts.append(
        (kind.start, kind.stride, len(elements), leaves.known[key], len(border))
    )  # fmt: skip
    leaves.pixels.append(np.pad(elements, (0, LEAF_PIXELS - len(elements))))
    return len(leaves.starts) - 1


def element_terms(
    leaves: LeafTables, variables: IntArray, classes: IntArray, elements: IntArray,
    names: IntArray,
) -> int:  # fmt: skip
    """Add a leaf that is assembled, and return where the terms of its packed entries start.

    Parameters
    ----------
    variables : (elements, 11)
    classes : (elements,)
    elements : (elements,)
        Elements, counted from the leaf's first one.
    names : (size,)
        Unknowns in the order of elimination, jumps last.
    """
    local = _places(variables, names)
    row, column = local[:, LOWER[0]], local[:, LOWER[1]]
    inside = (row >= 0) & (column >= 0)
    i, j = np.maximum(row, column), np.minimum(row, column)
    entry = (i * (i + 1) // 2 + j)[inside]
    element = np.broadcast_to(elements[:, None], row.shape)[inside]
    which = (66 * classes[:, None] + np.arange(66))[inside]
    by_entry = np.argsort(entry, kind="stable")
    entries = len(names) * (len(names) + 1) // 2
    counts = np.bincount(entry, minlength=entries)
    key = counts.tobytes() + element[by_entry].tobytes() + which[by_entry].tobytes()
    if key not in leaves.known:
        leaves.known[key] = leaves.start_count
        leaves.terms_start.append(leaves.term_count + np.cumsum([0, *counts]))
        leaves.term_element.append(element[by_entry])
        leaves.term_entry.append(which[by_entry])
        leaves.start_count += entries + 1
        leaves.term_count += len(by_entry)
    return leaves.known[key]


def class_matrices(stiffness: FloatArray, periodic: bool) -> FloatArray:
    """Element matrices (4, 11, 11) in eight displacements and three jumps.

    Class 1 has nodes on the seam in x (right), class 2 on the seam in y (below the last row of a
    periodic cell, the upper edge of a quarter), class 3 on both. With the jumps' share G in the
    nodes' displacements the matrix is ``[I G]^T k [I G]``.

    Parameters
    ----------
    stiffness : (8, 8)
        Element stiffness of the material.
    periodic : bool
        Whether the grid is a whole periodic cell, or the quarter of a mirror-symmetric one.
    """
    result = np.zeros((4, 11, 11))
    row, sign = ((0, 1), -1.0) if periodic else ((3, 2), 1.0)
    for which in range(4):
        moves = np.eye(8, 11)
        if which & 1:
            moves[[2, 4], 8] = 1.0  # u_x of the right nodes
        if which & 2:
            moves[[2 * node + 1 for node in row], 9] = sign
            moves[[2 * node for node in row], 10] = sign
        result[which] = product(product(moves.T, stiffness), moves)
    return result
