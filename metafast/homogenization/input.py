"""Checks of arguments that several functions of homogenization share."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from metafast._base.checks import require_array, require_count
from metafast._base.typing import FloatArray

_CHANNELS = (3, 4)  # of a picture
_LEAST_CELL = 8  # pixels a side; smaller cells are no one's
LARGEST_SIDE = 512  # elements; the memory of the largest front grows with the square of it


def require_densities(densities: Any) -> FloatArray:
    """Return a contiguous batch (n, h, w) of densities in [0, 1]; one cell becomes n = 1."""
    array = require_array("densities", densities)
    if array.ndim == 2:
        array = array[None]
    if array.ndim != 3 or 0 in array.shape:
        raise ValueError(
            f"densities have shape {array.shape}; non-empty (n, h, w) is needed, or (h, w)"
        )
    with np.errstate(invalid="ignore"):
        wrong = ~((array >= 0) & (array <= 1))
    if wrong.any():
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"densities{list(where)} is {array[where]}; numbers from 0 to 1 are needed, so clip "
            "them first, for instance numpy.clip(densities, 0, 1)"
        )
    return np.ascontiguousarray(array)


def require_refine(shape: tuple[int, ...], refine: Any) -> int:
    """Return the elements per pixel side, unless cells (n, h, w) become too large with them."""
    _, h, w = shape
    count = require_count("refine", refine)
    if max(h, w) * count > LARGEST_SIDE:
        raise ValueError(
            f"cells are {h * count}x{w * count} elements with refine {count}; at most "
            f"{LARGEST_SIDE} per side fit into memory: lower refine or use smaller cells"
        )
    return count


def require_sides(name: str, h: int, w: int) -> None:
    """Refuse cells one pixel wide, whose pixels are their own neighbours, and huge ones."""
    if not (min(h, w) >= 2 and max(h, w) <= LARGEST_SIDE):
        raise ValueError(f"{name} are {h}x{w} pixels; 2 to {LARGEST_SIDE} a side are needed")


def warn_of_axes(shape: tuple[int, ...], stacklevel: int = 3) -> None:
    """Warn if the shape (n, h, w) of cells looks like (h, w, n): only the first two are equal."""
    n, h, w = shape
    if n == h != w and n >= _LEAST_CELL:
        picture = ", or one colour picture" if w in _CHANNELS else ""
        warnings.warn(
            f"cells of shape {tuple(shape)} are taken as {n} cells of {h}x{w} pixels; if they are "
            f"(h, w, n){picture}, use numpy.moveaxis(cells, 2, 0) or metafast.read_cells",
            RuntimeWarning,
            stacklevel=stacklevel,
        )
