"""Property coordinates: logarithmic by default, linear as in the paper.

Logarithmic coordinates are ``(ln C11, C12/sqrt(C11 C22), ln C22, ln C33)``: equal steps are equal
ratios of stiffness, so a small deviation stays small in a soft cell. Both kinds are scaled to
[0, 1] over a database's ranges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from metafast._base.checks import require_choice
from metafast._base.typing import FloatArray

CoordinateKind = Literal["log", "linear"]

_STABLE_RATIO = 0.95  # largest |C12|/sqrt(C11 C22) that `stable` returns


@dataclass(frozen=True, eq=False)
class PropertyCoordinates:
    """Invertible map between properties (C11, C12, C22, C33) and unit coordinates.

    Parameters
    ----------
    kind : {"log", "linear"}
    low, high : (4,) arrays
        Unscaled coordinates that map to 0 and 1.
    """

    kind: CoordinateKind
    low: FloatArray
    high: FloatArray

    @classmethod
    def spanning(cls, properties: FloatArray, kind: CoordinateKind = "log") -> PropertyCoordinates:
        """Coordinates whose unit cube is the bounding box of `properties` (n, 4)."""
        require_choice("coordinates", kind, ("log", "linear"))
        raw = _raw(properties, kind)
        low, high = raw.min(0), raw.max(0)
        flat = high - low <= 1e-9 * np.maximum(1.0, np.abs(high))
        margin = np.where(flat, 0.5, 0.0)
        return cls(kind, low - margin, high + margin)

    def to_unit(self, properties: FloatArray) -> FloatArray:
        """Unit coordinates (..., 4) of properties (..., 4)."""
        return np.asarray((_raw(properties, self.kind) - self.low) / (self.high - self.low))

    def to_properties(self, unit: FloatArray) -> FloatArray:
        """Properties (..., 4) of unit coordinates (..., 4)."""
        raw = self.low + (self.high - self.low) * unit
        if self.kind == "linear":
            return np.asarray(raw)
        c11, c22, c33 = np.exp(raw[..., 0]), np.exp(raw[..., 2]), np.exp(raw[..., 3])
        return np.stack([c11, raw[..., 1] * np.sqrt(c11 * c22), c22, c33], axis=-1)

    def stable(self, unit: FloatArray) -> FloatArray:
        """Unit coordinates (..., 4) with C12 clipped so that C is positive definite.

        Every point of the logarithmic unit cube is stable; linear coordinates need the clip.
        """
        if self.kind == "log":
            return unit
        p = self.to_properties(unit)
        limit = _STABLE_RATIO * np.sqrt(p[..., 0] * p[..., 2])
        p[..., 1] = np.clip(p[..., 1], -limit, limit)
        return self.to_unit(p)

    def gradient_to_unit(self, properties: FloatArray, gradient: FloatArray) -> FloatArray:
        """Convert derivatives (n, 4) by the properties to derivatives by the unit coordinates."""
        span = self.high - self.low
        if self.kind == "linear":
            return np.asarray(gradient * span)
        c11, c12, c22, c33 = properties.T
        d11, d12, d22, d33 = gradient.T
        half = 0.5 * c12 * d12
        moved = [c11 * d11 + half, np.sqrt(c11 * c22) * d12, c22 * d22 + half, c33 * d33]
        return np.stack(moved, axis=1) * span

    def gradient_to_properties(self, properties: FloatArray, gradient: FloatArray) -> FloatArray:
        """Convert derivatives (n, 4) by the unit coordinates to derivatives by the properties."""
        g = gradient / (self.high - self.low)
        if self.kind == "linear":
            return np.asarray(g)
        c11, c12, c22, c33 = properties.T
        root = np.sqrt(c11 * c22)
        slope = 0.5 * g[:, 1] * c12 / root
        moved = [(g[:, 0] - slope) / c11, g[:, 1] / root, (g[:, 2] - slope) / c22, g[:, 3] / c33]
        return np.stack(moved, axis=1)


# unscaled logarithms: a distance is a ratio of stiffness, the same for every database
LOGARITHMS = PropertyCoordinates("log", np.zeros(4), np.ones(4))


def _raw(properties: FloatArray, kind: CoordinateKind) -> FloatArray:
    p = np.asarray(properties, dtype=float)
    if kind == "linear":
        return p
    c11, c12, c22, c33 = p[..., 0], p[..., 1], p[..., 2], p[..., 3]
    ratio = c12 / np.sqrt(c11 * c22)
    return np.stack([np.log(c11), ratio, np.log(c22), np.log(c33)], axis=-1)
