"""Gradation fitted to cells: local linear regression of their properties along a curve."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from metafast._base.checks import require_number
from metafast._base.typing import FloatArray
from metafast.properties.coordinates import LOGARITHMS
from metafast.properties.gradation import Gradation

SMOOTHING_WIDTH = 0.025  # default width of the weights, as a fraction of the curve's length
_POINTS = 400  # on the fitted curve
_LEAST_SPREAD = 0.05  # least variance of the cells' positions, in squared widths, for a slope


def fitted_gradation(gradation: Gradation, properties: FloatArray, width: float) -> Gradation:
    """Smooth curve through the properties of cells that were chosen for a gradation.

    Cells within a tolerance in units of E can deviate by large ratios of stiffness where the
    gradation is soft, and displacements depend on ratios. The regression is therefore done in
    logarithmic coordinates, over the length of the gradation in them.

    Parameters
    ----------
    gradation : Gradation
        The curve that the cells were chosen for.
    properties : (m, 4) array
        C11, C12, C22, C33 of the cells.
    width : float
        Standard deviation of the Gaussian weights, as a fraction of the length of the part of the
        gradation that has cells.

    Returns
    -------
    Gradation
        The fitted curve, with the parameter of `gradation` from the first to the last cell.

    Raises
    ------
    ValueError
        If `width` is out of range, or all cells are at one point of the gradation.
    """
    require_number("width", width, above=0.0, below=1.0)
    fine = gradation.even()
    (knots, length), cells = fine.log_length(), LOGARITHMS.to_unit(properties)
    place = length[cKDTree(knots).query(cells)[1]]
    first, last = place.min(), place.max()
    if not last > first:
        raise ValueError(
            f"all {len(cells)} cells are at one point of {gradation.name!r}; cells at different "
            "values of its parameter are needed"
        )
    where, smooth = local_lines(place, cells, width * (last - first))
    parameter = np.interp(where, length, fine.parameter)
    rises = np.append(True, np.diff(parameter) > 0)
    name = f"{gradation.name}, fitted to its cells"
    return Gradation(parameter[rises], LOGARITHMS.to_properties(smooth[rises]), name)


def local_lines(
    place: FloatArray, values: FloatArray, reach: float
) -> tuple[FloatArray, FloatArray]:
    """Local linear regression of values (m, k) over places (m,), at even places (400,).

    Parameters
    ----------
    place : (m,) array
    values : (m, k) array
    reach : float
        Standard deviation of the Gaussian weights.

    Returns
    -------
    where : (400,) array
        From the first place to the last.
    smooth : (400, k) array
    """
    where = np.linspace(place.min(), place.max(), _POINTS)
    return where, np.array([_local_line((place - x) / reach, values) for x in where])


def _local_line(offset: FloatArray, values: FloatArray) -> FloatArray:
    """Value at offset 0 of the weighted line through values (m, 4) at offsets (m,)."""
    nearest = np.abs(offset).min()
    weight = np.exp(0.5 * (nearest**2 - offset**2))  # scaled so that a gap has weight
    total, first, second = weight.sum(), weight @ offset, weight @ offset**2
    spread = total * second - first**2
    mean = weight @ values / total
    # cells close together define no slope: extrapolated into a gap, their noise would dominate
    spread = max(spread, _LEAST_SPREAD * total**2)
    slope = (total * ((weight * offset) @ values) - first * (weight @ values)) / spread
    # a slope is extrapolated by no more than the width that it was fitted over
    return np.asarray(mean - slope * np.clip(first / total, -1.0, 1.0))
