"""Which properties can be had: signed distance to the boundary of the property cloud (section 5.1).

The cloud marks nodes of a Cartesian grid over unit coordinates; closing fills pinholes; the signed
distance of the nodes and its finite-difference gradient are both interpolated multilinearly.
Interpolating the nodal gradient, rather than differentiating the interpolant, is what the
optimiser needs: it does not jump across grid planes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.ndimage import binary_closing, distance_transform_edt
from scipy.spatial import cKDTree

from metafast._base.checks import require_count, require_properties
from metafast._base.typing import BoolArray, FloatArray
from metafast.properties.coordinates import CoordinateKind, PropertyCoordinates

_PAD = 2  # free nodes around the unit cube, so that the outside has a distance too
_MOST_NODES = 64  # 64^4 nodes with distance and gradient take 0.7 GB


@dataclass(frozen=True, eq=False)
class PropertySpace:
    """Signed distance field over a grid of property coordinates.

    Attributes
    ----------
    coordinates : PropertyCoordinates
    distance : (nodes, nodes, nodes, nodes) array
        Signed distance at the grid nodes in unit coordinates, > 0 inside.
    gradient : (nodes, nodes, nodes, nodes, 4) array
        Its derivatives by the unit coordinates.
    cloud : (n, 4) array
        The cells' unit coordinates.
    """

    coordinates: PropertyCoordinates
    distance: FloatArray
    gradient: FloatArray
    cloud: FloatArray

    @classmethod
    def from_properties(
        cls,
        properties: Any,
        nodes: int = 24,
        *,
        coordinates: CoordinateKind = "log",
        closing: int = 1,
    ) -> PropertySpace:
        """Build the field from a cloud of properties.

        Parameters
        ----------
        properties : (n, 4) array
            C11, C12, C22, C33 of the cells at hand.
        nodes : int
            Grid nodes per axis, margins included. With many more than the cloud can fill, holes
            open inside and the optimiser avoids them.
        coordinates : {"log", "linear"}
        closing : int
            Rounds of morphological closing.

        Raises
        ------
        ValueError
            If the properties are not those of stable cells or the grid is too small.
        """
        cloud = require_properties(properties)
        nodes = require_count("nodes", nodes, 2 * _PAD + 3)
        if nodes > _MOST_NODES:
            raise ValueError(f"nodes is {nodes}; at most {_MOST_NODES} per axis fit into memory")
        axes = PropertyCoordinates.spanning(cloud, coordinates)
        step = 1.0 / (nodes - 1 - 2 * _PAD)
        unit = axes.to_unit(cloud)
        index = np.rint(unit / step).astype(int) + _PAD
        occupied = np.zeros((nodes,) * 4, dtype=bool)
        occupied[tuple(index.T)] = True
        if require_count("closing", closing, 0):
            occupied |= binary_closing(occupied, iterations=closing)
        inside = np.asarray(distance_transform_edt(occupied))
        outside = np.asarray(distance_transform_edt(~occupied))
        distance = step * np.where(occupied, inside - 0.5, 0.5 - outside)
        gradient = np.stack([np.gradient(distance, step, axis=k) for k in range(4)], axis=-1)
        return cls(axes, distance, gradient, unit)

    @property
    def step(self) -> float:
        """Spacing of the grid in unit coordinates."""
        return 1.0 / float(self.distance.shape[0] - 1 - 2 * _PAD)

    def innermost(self) -> FloatArray:
        """Unit coordinates (4,) of the node farthest inside: a safe place to start from."""
        node = np.unravel_index(int(self.distance.argmax()), self.distance.shape)
        return np.asarray((np.array(node) - _PAD) * self.step)

    def contains(self, properties: Any) -> BoolArray:
        """Which of the properties (n, 4) lie inside, shape (n,)."""
        return np.asarray(self.signed_distance(properties)[0] > 0)

    def recheck(self, properties: Any) -> tuple[BoolArray, FloatArray]:
        """Whether a cell really is near: the grid is coarse, and closing fills holes.

        Parameters
        ----------
        properties : (m, 4) array
            C11, C12, C22, C33, for instance those of a macro optimum.

        Returns
        -------
        near : (m,) bool array
            Whether the nearest cell is within one step of the grid in every coordinate.
        gap : (m,) array
            Maximum norm of the distance to that cell in unit coordinates (Eq. 16).

        Raises
        ------
        ValueError
            If the properties are not those of stable cells.
        """
        unit = self.coordinates.to_unit(require_properties(properties))
        gap = np.asarray(self._tree.query(unit, p=np.inf)[0])
        return gap <= self.step, gap

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.cloud)

    def signed_distance(self, properties: Any) -> tuple[FloatArray, FloatArray]:
        """Signed distance (n,) in unit coordinates and its gradient (n, 4) by the properties.

        Parameters
        ----------
        properties : (n, 4) array
            C11, C12, C22, C33.

        Raises
        ------
        ValueError
            If the properties are not those of stable cells.
        """
        p = require_properties(properties)
        distance, gradient = self.signed_distance_at(self.coordinates.to_unit(p))
        return distance, self.coordinates.gradient_to_properties(p, gradient)

    def signed_distance_at(self, unit: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Signed distance (n,) and gradient (n, 4) by, and at, the unit coordinates (n, 4)."""
        position = unit / self.step + _PAD
        corner = np.clip(np.floor(position).astype(int), 0, self.distance.shape[0] - 2)
        t = position - corner
        distance = np.zeros(len(unit))
        gradient = np.zeros((len(unit), 4))
        for bits in np.ndindex(2, 2, 2, 2):
            offset = np.array(bits)
            weight = np.where(offset, t, 1.0 - t).prod(axis=1)
            node = tuple((corner + offset).T)
            distance += weight * self.distance[node]
            gradient += weight[:, None] * self.gradient[node]
        return distance, gradient
