"""What is solved: the checked cells, their two materials, quarters of mirror-symmetric cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from metafast._base.checks import (
    require_array,
    require_count,
)
from metafast._base.typing import AnyArray, ByteArray, FloatArray, IntArray
from metafast.cells.symmetry import is_mirror_symmetric
from metafast.homogenization.elimination.numbering import Kind

LARGEST_SIDE = 512  # elements; the memory of the largest front grows with the square of it


def require_densities(densities: Any) -> FloatArray:
    """Return a contiguous batch (n, h, w) of densities in [0, 1]; one cell becomes n = 1."""
    if np.iscomplexobj(densities):
        raise ValueError("densities are complex; real numbers from 0 to 1 are needed")
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
    """Return elements per pixel side, if cells (n, h, w) are not too large with them."""
    _, h, w = shape
    count = require_count("refine", refine)
    if max(h, w) * count > LARGEST_SIDE:
        raise ValueError(
            f"cells are {h * count}x{w * count} elements with refine {count}; at most "
            f"{LARGEST_SIDE} per side fit into memory: lower refine or use smaller cells"
        )
    return count


def require_two_wide(name: str, h: int, w: int) -> None:
    """Refuse cells of one pixel across, which would be their own neighbours, and huge ones."""
    if not (min(h, w) >= 2 and max(h, w) <= LARGEST_SIDE):
        raise ValueError(f"{name} are {h}x{w} pixels; 2 to {LARGEST_SIDE} a side are needed")


def two_wide(cells: ByteArray) -> ByteArray:
    """Two periods of cells one pixel wide, whose elements would meet themselves: the same C."""
    _, h, w = cells.shape
    if min(h, w) > 1:
        return cells
    return np.tile(cells, (1, 2 if h == 1 else 1, 2 if w == 1 else 1))


def block_pixels(cells: AnyArray, members: IntArray, block: tuple[int, int]) -> AnyArray:
    """Pixels (m, rows, cols) of the members' blocks, which begin in the upper left corner."""
    chosen = cells if len(members) == len(cells) else cells[members]
    return chosen[:, : block[0], : block[1]]


def solved_blocks(cells: Any, threads: int) -> Iterator[tuple[IntArray, Kind, tuple[int, int]]]:
    """Members of each kind of cell and the size (rows, cols) of the block that is solved."""
    _, h, w = cells.shape
    if h % 2 or w % 2 or min(h, w) < 4:
        symmetric = np.zeros(len(cells), dtype=bool)
    else:
        symmetric = is_mirror_symmetric(cells, threads)
    quarters, whole = np.flatnonzero(symmetric), np.flatnonzero(~symmetric)
    if len(quarters):
        yield quarters, "quarter", (h // 2, w // 2)
    if len(whole):
        yield whole, "periodic", (h, w)
