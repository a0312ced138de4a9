"""Solid share along a gradation: a function of the place on it, fitted to the family's cells."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from metafast._base.checks import require_properties
from metafast._base.typing import FloatArray
from metafast.properties.coordinates import LOGARITHMS
from metafast.properties.fitted_gradation import SMOOTHING_WIDTH, local_lines
from metafast.properties.gradation import Gradation
from metafast.properties.solid_share import ShareValues, require_shares


class SolidShareAlong:
    """Expected solid share of the cells at each place of a gradation.

    Properties beside the curve have the share of the nearest place. Derivatives are along the
    curve, which is all that variables on it can use.

    Parameters
    ----------
    gradation : Gradation
    properties : (n, 4) array
        C11, C12, C22, C33 of the family's cells.
    shares : (n,) array
        Their solid shares.

    Raises
    ------
    ValueError
        If there is not one share for every cell, or all cells are at one place of the gradation.
    """

    def __init__(self, gradation: Gradation, properties: Any, shares: Any) -> None:
        cells, solid = require_properties(properties), require_shares(shares)
        if len(solid) != len(cells):
            raise ValueError(
                f"{len(solid)} shares came for {len(cells)} cells; one for each is needed"
            )
        self._points, self._length = gradation.even().log_length()
        self._tangents = np.gradient(self._points, axis=0)
        self._tangents /= np.linalg.norm(self._tangents, axis=1, keepdims=True)
        self._tree = cKDTree(self._points)
        place = self._place(LOGARITHMS.to_unit(cells))[0]
        first, last = float(place.min()), float(place.max())
        if not last > first:
            raise ValueError(
                f"all {len(cells)} cells are at one place of {gradation.name!r}; cells at "
                "different values of its parameter are needed"
            )
        self._where, smooth = local_lines(place, solid[:, None], SMOOTHING_WIDTH * (last - first))
        self._shares = smooth[:, 0]

    def at(self, properties: FloatArray) -> ShareValues:
        """Solid shares at properties (n, 4) on the curve and their derivatives along it."""
        place, tangent = self._place(LOGARITHMS.to_unit(properties))
        piece = np.clip(np.searchsorted(self._where, place) - 1, 0, len(self._where) - 2)
        rise = (self._shares[piece + 1] - self._shares[piece]) / np.diff(self._where)[piece]
        inside = (place > self._where[0]) & (place < self._where[-1])
        gradient = np.where(inside, rise, 0.0)[:, None] * tangent
        value = np.interp(place, self._where, self._shares)
        return ShareValues(value, LOGARITHMS.gradient_to_properties(properties, gradient))

    def _place(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Places (n,) on the curve nearest to points (n, 4) in logarithms, and its tangents there.

        The curve is straight near each of its points.
        """
        row = self._tree.query(points)[1]
        tangent = self._tangents[row]
        along = ((points - self._points[row]) * tangent).sum(axis=1)
        return self._length[row] + along, tangent
