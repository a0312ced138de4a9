"""Mirror symmetry of a pixel body: its pixels, supports, prescribed displacements and loads."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import BoolArray, FloatArray
from metafast.problems.symmetry import Symmetry, are_alike, component_signs, flipped
from metafast.structure.loads import PixelLoads

_SAME = 1e-12  # relative difference of values that are equal but for rounding
_PAYS = 4_000  # unknowns from which half of them are worth a change of basis
_NEAR = 0.05  # asymmetry of a displacement to start from, relative to its largest entry


def mirrors_of(
    solid: BoolArray,
    prescribed: BoolArray,
    fields: list[FloatArray],
    loads: list[PixelLoads | None],
    within: Symmetry,
) -> Symmetry:
    """Mirrors of a body and all of its load cases; none where there are springs.

    Parameters
    ----------
    solid : (ny, nx) bool array
    prescribed : (ny+1, nx+1, 2) bool array
        Prescribed degrees of freedom.
    fields : list of (ny+1, nx+1, 2) arrays
        Prescribed displacements of each load case.
    loads : list of PixelLoads or None
        Loads of each load case.
    within : Symmetry
        Mirrors to look for.
    """
    if not (within.x or within.y) or 2 * np.count_nonzero(solid) < _PAYS:
        return Symmetry()
    if any(each is not None and each.springs for each in loads):
        return Symmetry()
    values = [*fields, *(each.force for each in loads if each is not None)]
    return Symmetry(
        x=within.x and _is_mirrored(solid, prescribed, values, True, False),
        y=within.y and _is_mirrored(solid, prescribed, values, False, True),
    )


def is_nearly_symmetric(field: FloatArray, symmetry: Symmetry) -> bool:
    """Whether a displacement (ny+1, nx+1, 2), NaN where it is not known, is about symmetric."""
    known = ~np.isnan(field)
    most = _NEAR * float(np.abs(field[known]).max(initial=0.0))
    for mirror in symmetry.mirrors[1:]:
        image = component_signs(*mirror) * flipped(field, *mirror)
        differences = np.abs(image - field)[known & ~np.isnan(image)]
        if differences.max(initial=0.0) > most:
            return False
    return True


def _is_mirrored(
    solid: BoolArray, prescribed: BoolArray, values: list[FloatArray], x: bool, y: bool
) -> bool:
    ny, nx = solid.shape
    if (x and nx % 2) or (y and ny % 2):
        return False
    signs = component_signs(x, y)
    return (
        np.array_equal(solid, flipped(solid, x, y))
        and np.array_equal(prescribed, flipped(prescribed, x, y))
        and all(are_alike(value, signs * flipped(value, x, y), _SAME) for value in values)
    )
