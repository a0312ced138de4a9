"""Property space of a database: signed distance to its boundary (section 5.1).

The cloud of properties marks nodes of a Cartesian grid over unit coordinates; closing fills
pinholes; the signed distance of the nodes and its finite-difference gradient are both interpolated
multilinearly. The nodal gradient is interpolated, rather than the interpolant differentiated,
because the optimiser needs a gradient that does not jump across grid planes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.ndimage import binary_closing, distance_transform_edt

from metafast._base.checks import require_count, require_properties
from metafast._base.one_line import one_line
from metafast._base.typing import FloatArray
from metafast.properties.coordinates import CoordinateKind, PropertyCoordinates

_PAD = 2  # empty nodes around the unit cube, so that points outside have a distance too
_MOST_NODES = 64  # 64^4 nodes with distance and gradient take 0.7 GB


class SignedDistance(NamedTuple):
    """Signed distance to the boundary of a property space.

    Attributes
    ----------
    distance : (n,) array
        Distance in unit coordinates, > 0 inside.
    gradient : (n, 4) array
        Derivatives by the properties or by the unit coordinates, as the method says.
    """

    distance: FloatArray
    gradient: FloatArray


@dataclass(frozen=True, eq=False)
class PropertySpace:
    """Signed distance field over a grid of property coordinates.

    Attributes
    ----------
    coordinates : PropertyCoordinates
    distance : (nodes, nodes, nodes, nodes) array
        Signed distance at the grid nodes in unit coordinates, > 0 inside.
    gradient : (nodes, nodes, nodes, nodes, 4) array
        Derivatives of the distance by the unit coordinates.
    """

    coordinates: PropertyCoordinates
    distance: FloatArray
    gradient: FloatArray

    __repr__ = one_line

    @classmethod
    def from_properties(
        cls,
        properties: Any,
        nodes: int = 24,
        *,
        coordinates: CoordinateKind = "log",
        closing: int = 1,
    ) -> PropertySpace:
        """Build the distance field of a cloud of properties.

        Parameters
        ----------
        properties : (n, 4) array
            C11, C12, C22, C33 of the available cells.
        nodes : int
            Grid nodes per axis, margins included. A grid much finer than the cloud is dense has
            holes inside, which the optimiser avoids.
        coordinates : {"log", "linear"}
        closing : int
            Iterations of morphological closing.

        Raises
        ------
        ValueError
            If a stiffness is not stable or the grid is too small.
        """
        cloud = require_properties(properties)
        nodes = require_nodes("nodes", nodes)
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
        return cls(axes, distance, gradient)

    @property
    def step(self) -> float:
        """Spacing of the grid in unit coordinates."""
        return 1.0 / float(self.distance.shape[0] - 1 - 2 * _PAD)

    def innermost(self) -> FloatArray:
        """Unit coordinates (4,) of the node farthest from the boundary: a safe starting point."""
        node = np.unravel_index(int(self.distance.argmax()), self.distance.shape)
        return np.asarray((np.array(node) - _PAD) * self.step)

    def signed_distance(self, properties: Any) -> SignedDistance:
        """Signed distance (n,) of properties (n, 4) and its gradient by the properties.

        Parameters
        ----------
        properties : (n, 4) array
            C11, C12, C22, C33.

        Returns
        -------
        SignedDistance

        Raises
        ------
        ValueError
            If a stiffness is not stable.
        """
        p = require_properties(properties)
        distance, gradient = self.signed_distance_at(self.coordinates.to_unit(p))
        return SignedDistance(distance, self.coordinates.gradient_to_properties(p, gradient))

    def signed_distance_at(self, unit: FloatArray) -> SignedDistance:
        """Signed distance (n,) at unit coordinates (n, 4) and its gradient by them."""
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
        return SignedDistance(distance, gradient)


def require_nodes(name: str, nodes: Any) -> int:
    """Return a number of grid nodes per axis that holds a space and fits into memory."""
    count = require_count(name, nodes, 2 * _PAD + 3)
    if count > _MOST_NODES:
        raise ValueError(f"{name} is {count}; at most {_MOST_NODES} per axis fit into memory")
    return count
