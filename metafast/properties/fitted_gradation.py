"""What the cells of a family really follow: a smooth curve through their own properties."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from metafast._base.checks import require_number
from metafast._base.typing import FloatArray
from metafast.properties.coordinates import LOGARITHMS
from metafast.properties.gradation import Gradation

WIDTH = 0.025  # of the smoothing, as a share of the length, where nobody says another
_POINTS = 400  # of the smooth curve
_LEAST_SPREAD = 0.05  # variance of cells' places, in squared widths, that a slope needs


def own_gradation(gradation: Gradation, properties: FloatArray, width: float) -> Gradation:
    """Local linear regression of cells' properties over their place along a gradation.

    Cells within a tolerance of a gradation in units of E can be far from it in the ratios of their
    stiffness where the gradation is soft, and ratios are what a displacement depends on. The
    regression is done in logarithmic coordinates, over the length of the gradation there.

    Parameters
    ----------
    gradation : Gradation
        What the cells were chosen for.
    properties : (m, 4) array
        C11, C12, C22, C33 of the cells.
    width : float
        Of the Gaussian weights, as a share of the length of the part that has cells.

    Returns
    -------
    Gradation
        With the parameter of `gradation`, from the first to the last cell's.

    Raises
    ------
    ValueError
        If `width` is out of range, or all cells are at one place of the gradation.
    """
    require_number("width", width, above=0.0, below=1.0)
    fine = gradation.even()
    (knots, length), cells = fine.log_length(), LOGARITHMS.to_unit(properties)
    place = length[cKDTree(knots).query(cells)[1]]
    first, last = place.min(), place.max()
    if not last > first:
        raise ValueError(f"all {len(cells)} cells are at one place of {gradation.name!r}")
    reach = width * (last - first)
    where = np.linspace(first, last, _POINTS)
    smooth = np.array([_local_line((place - x) / reach, cells) for x in where])
    parameter = np.interp(where, length, fine.parameter)
    rises = np.append(True, np.diff(parameter) > 0)
    name = f"{gradation.name}, as its cells follow it"
    return Gradation(parameter[rises], LOGARITHMS.to_properties(smooth[rises]), name)


def _local_line(offset: FloatArray, values: FloatArray) -> FloatArray:
    """Value at offset 0 of the line that Gaussian weights fit to values (m, 4) at offsets (m,)."""
    nearest = np.abs(offset).min()
    weight = np.exp(0.5 * (nearest**2 - offset**2))  # the nearest cell counts in any gap
    total, first, second = weight.sum(), weight @ offset, weight @ offset**2
    spread = total * second - first**2
    mean = weight @ values / total
    # cells close together give no slope: beside a gap their noise would become one
    spread = max(spread, _LEAST_SPREAD * total**2)
    slope = (total * ((weight * offset) @ values) - first * (weight @ values)) / spread
    # nor does a slope hold farther than the width of what it was fitted to
    return np.asarray(mean - slope * np.clip(first / total, -1.0, 1.0))
