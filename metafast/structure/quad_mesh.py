"""Mesh of the held pixels for solvers from outside: nodes, elements, supports and loads.

What is solid, what is held and which nodes bear loads is decided as in `metafast.structure`;
numbers, elements and equations are the judges' own. Corners that two pixels touch in carry no load:
they are two nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from metafast._base.typing import FloatArray, IntArray
from metafast.problems import Problem
from metafast.structure.input import require_pixels
from metafast.structure.loads import MacroLoads, PixelLoads, pixel_loads
from metafast.structure.nodes import corner_contacts, node_codes
from metafast.structure.supports import support


@dataclass(frozen=True, eq=False)
class QuadMesh:
    """Four-node elements of a body.

    Attributes
    ----------
    places : (n, 2) int array
        Row and column of the nodes in the image, row 0 at the top.
    elements : (e, 4) int array
        Nodes counterclockwise from the lower left.
    held : (k, 2) int array
        Node and component of the prescribed displacements.
    values : (k,) array
        The prescribed displacements in cell widths.
    side : int
        Elements per cell side.
    shape : (int, int)
        Node rows and columns of the image.
    force : (n, 2) array
        Dead loads on the nodes, in units of E times a cell's width per thickness.
    springs : (s, 2n) sparse array
        Weights of the springs on the components of the nodes, node by node.
    stiffness : (s,) array
        Of the springs, in units of E per thickness.
    """

    places: IntArray
    elements: IntArray
    held: IntArray
    values: FloatArray
    side: int
    shape: tuple[int, int]
    force: FloatArray
    springs: sparse.csr_array
    stiffness: FloatArray

    @property
    def coordinates(self) -> FloatArray:
        """Places (n, 2) of the nodes, x to the right and y upward, in cell widths."""
        i, j = self.places.T
        return np.stack([j, self.shape[0] - 1 - i], axis=1) / self.side

    def spread(self, u: FloatArray) -> FloatArray:
        """Displacement (ny+1, nx+1, 2) from that of the nodes (n, 2): as `StructureResponse`."""
        i, j = self.places.T
        total, count = np.zeros((*self.shape, 2)), np.zeros(self.shape)
        np.add.at(total, (i, j), u)
        np.add.at(count, (i, j), 1.0)
        with np.errstate(invalid="ignore"):
            return np.asarray(total / count[..., None])

    def gather(self, field: FloatArray) -> FloatArray:
        """Displacement (n, 2) of the nodes from a field (ny+1, nx+1, 2)."""
        return np.asarray(field[tuple(self.places.T)])


def quad_mesh(pixels: Any, problem: Problem, refine: int = 1) -> QuadMesh:
    """Number the nodes of a body.

    Parameters
    ----------
    pixels : (rows*p, cols*p) binary array
    problem : Problem
    refine : int
        Elements per pixel side.
    """
    image, side = require_pixels(pixels, problem, refine)
    held = support(image, problem, side)
    apart = corner_contacts(node_codes(held.solid))
    r, c = np.nonzero(held.solid)
    i = np.stack([r + 1, r + 1, r, r], axis=1)
    j = np.stack([c, c + 1, c + 1, c], axis=1)
    below = np.array([False, False, True, True])  # whether the pixel lies below its corner
    copy = apart[i, j] & below
    width = apart.shape[1]
    keys, elements = np.unique((i * width + j) * 2 + copy, return_inverse=True)
    places = np.stack(np.divmod(keys // 2, width), axis=1)
    prescribed = held.prescribed[tuple(places.T)]
    fixed = np.argwhere(np.isfinite(prescribed))
    values = prescribed[tuple(fixed.T)]
    shape = (apart.shape[0], width)
    loads = pixel_loads(MacroLoads.of(problem), held.solid, side, problem.name)
    outside = _loads_on(places, shape, loads)
    return QuadMesh(places, elements.reshape(i.shape), fixed, values, side, shape, *outside)


def _loads_on(
    places: IntArray, shape: tuple[int, int], loads: PixelLoads | None
) -> tuple[FloatArray, sparse.csr_array, FloatArray]:
    """Dead loads (n, 2), spring weights (s, 2n) and stiffnesses; two nodes at a place share."""
    if loads is None:
        return np.zeros((len(places), 2)), sparse.csr_array((0, 2 * len(places))), np.zeros(0)
    count = np.zeros(shape)
    np.add.at(count, tuple(places.T), 1.0)
    share = 1.0 / count[tuple(places.T)]
    rows = np.zeros((len(loads.springs), len(places), 2))
    for row, spring in zip(rows, loads.springs, strict=True):
        weights = np.zeros(shape)
        weights[spring.i, spring.j] = spring.weights
        row[:, spring.component] = share * weights[tuple(places.T)]
    stiffness = np.array([spring.stiffness for spring in loads.springs])
    springs = sparse.csr_array(rows.reshape(len(rows), 2 * len(places)))
    return share[:, None] * loads.force[tuple(places.T)], springs, stiffness
