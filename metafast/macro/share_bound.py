"""Bound on the mean solid share of the designed cells, as a constraint of the optimiser."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metafast._base.typing import BoolArray, FloatArray
from metafast.macro.variables import Variables
from metafast.properties.solid_share import ShareMap


class ShareBound(NamedTuple):
    """Constraint ``mean share / bound - 1 <= 0`` on the expected shares of the designed cells.

    Attributes
    ----------
    shares : ShareMap
        Expected solid share at any properties.
    bound : float
    designed : (cells,) bool array
    """

    shares: ShareMap
    bound: float
    designed: BoolArray

    def mean(self, properties: FloatArray) -> float:
        """Mean expected share of the designed cells, of properties (cells, 4)."""
        return float(self.shares.at(properties[self.designed]).value.mean())

    def constraint(self, variables: Variables, x: FloatArray) -> tuple[float, FloatArray]:
        """Value of the constraint, and its derivatives (cells, d) by the variables."""
        properties = variables.properties(x)
        share, slope = self.shares.at(properties[self.designed])
        by_property = np.zeros_like(properties)
        by_property[self.designed] = slope / (len(share) * self.bound)
        return float(share.mean()) / self.bound - 1.0, variables.gradient(x, by_property)
