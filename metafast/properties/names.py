"""Names of the properties: the four stiffnesses, and ratios of two of them."""

from __future__ import annotations

import numpy as np

from metafast._base.checks import require_choice
from metafast._base.typing import FloatArray

PROPERTIES = ("C11", "C12", "C22", "C33")
STIFFNESSES = (*PROPERTIES, "C13", "C23")  # all of a stiffness matrix
NAMES = (*PROPERTIES, "poisson", "anisotropy")
_SWAPPED = [2, 1, 0, 3, 5, 4]


def swapped(properties: FloatArray) -> FloatArray:
    """Properties (..., 4), or all stiffnesses (..., 6), of the transposed cells."""
    values = np.asarray(properties)
    return values[..., _SWAPPED[: values.shape[-1]]]


def by_name(properties: FloatArray) -> dict[str, FloatArray]:
    """C11, C12, C22, C33, each (n,), of properties (n, 4)."""
    return dict(zip(PROPERTIES, np.asarray(properties).T, strict=True))


def require_name(name: str) -> str:
    """Return the name of a property, checked.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    return require_choice("name", name, NAMES)


def value_of(c: FloatArray, name: str) -> FloatArray:
    """Values (n,) of the named property for cells with C11, C12, C22, C33 (n, 4).

    "poisson" is C12/C22, Poisson's ratio under stress along 1; "anisotropy" is log(C22/C11).
    """
    if name == "anisotropy":
        return np.asarray(np.log(c[:, 2] / c[:, 0]))
    if name == "poisson":
        return np.asarray(c[:, 1] / c[:, 2])
    return np.asarray(c[:, PROPERTIES.index(name)])


def derivative_of(c: FloatArray, name: str) -> FloatArray:
    """Derivatives (n, 4) of `value_of` with respect to C11, C12, C22, C33."""
    slope = np.zeros_like(c)
    if name == "anisotropy":
        slope[:, 0], slope[:, 2] = -1.0 / c[:, 0], 1.0 / c[:, 2]
    elif name == "poisson":
        slope[:, 1], slope[:, 2] = 1.0 / c[:, 2], -c[:, 1] / c[:, 2] ** 2
    else:
        slope[:, PROPERTIES.index(name)] = 1.0
    return slope
