"""What is solved: the checked cells, their two materials, quarters of mirror-symmetric cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import prange

from metafast import q4
from metafast._checks import (
    require_array,
    require_count,
    require_number,
    require_threads,
)
from metafast._jit import jit, numba_threads
from metafast._typing import AnyArray, BoolArray, ByteArray, FloatArray, IntArray
from metafast.homogenization.numbering import Kind
from metafast.material import Material

LARGEST_SIDE = 512  # elements; the memory of the largest front grows with the square of it
VOID_STIFFNESS = 1e-9
# softest void, relative to the solid: for the stiffness alone, and where displacements matter
SOFTEST, SOFTEST_FIELDS = 1e-12, 1e-10


@dataclass(frozen=True)
class Phases:
    """The materials of solid and void pixels.

    Attributes
    ----------
    solid : Material
    void : Material or None
        None: the solid's stiffness times `ratio`.
    ratio : float
    """

    solid: Material
    void: Material | None
    ratio: float

    @property
    def stiffness(self) -> tuple[FloatArray, FloatArray]:
        """Element stiffness (8, 8) of a solid and of a void pixel."""
        solid = q4.stiffness(self.solid.stiffness)
        if self.void is None:
            return solid, self.ratio * solid
        return solid, q4.stiffness(self.void.stiffness)

    @property
    def matrices(self) -> FloatArray:
        """Element stiffness (phases, 8, 8) that the shares belong to."""
        solid, void = self.stiffness
        return solid[None] if self.void is None else np.stack([solid, void])

    def shares(self, elements: ByteArray) -> FloatArray:
        """Share (n, phases * elements) of each of `matrices` in binary elements."""
        if self.void is None:
            return np.where(elements != 0, 1.0, self.ratio)
        share = elements.astype(float)
        return np.concatenate([share, 1.0 - share], axis=1)


def is_mirror_symmetric(cells: Any, threads: int | None = None) -> BoolArray:
    """Whether each cell (n, h, w) is its own mirror image about both axes, shape (n,)."""
    cells = np.ascontiguousarray(cells).view()
    cells.setflags(write=False)  # numba compiles for read-only arrays apart
    result = np.empty(len(cells), dtype=np.bool_)
    with numba_threads(require_threads(threads)):
        _compare_mirrors(cells, result)
    return result


@jit(parallel=True)
def _compare_mirrors(cells: AnyArray, result: BoolArray) -> None:
    """The rule of `is_mirror_symmetric`; a row's pixels are compared without a branch."""
    n, h, w = cells.shape
    for k in prange(n):
        different = False
        for r in range((h + 1) // 2):
            row, mirror = cells[k, r], cells[k, h - 1 - r]
            for c in range(w):
                different |= row[c] != mirror[c]
            for c in range(w // 2):
                different |= row[c] != row[w - 1 - c]
            if different:
                break
        result[k] = not different


def require_material(name: str, material: Any) -> Material | None:
    """Return `material`, checked; None stays None."""
    if material is not None and not isinstance(material, Material):
        raise ValueError(f"{name} is {material!r}; a metafast.Material is needed")
    return material


def require_phases(
    material: Any, void_stiffness: Any, void_material: Any, softest: float = SOFTEST
) -> Phases:
    """The two materials that the public functions of this folder take, checked.

    Solid parts that float in void move by forces that rounding makes, divided by the stiffness of
    void: the stiffness of a cell feels that little, displacements feel it fully.
    """
    solid = require_material("material", material) or Material()
    ratio = require_number("void_stiffness", void_stiffness, above=softest, below=1.0, closed=True)
    void = require_material("void_material", void_material)
    if void is None:
        return Phases(solid, None, ratio)
    if void.plane != solid.plane:
        raise ValueError(
            f"material is in plane {solid.plane} and void_material in plane {void.plane}; both "
            "must be in the same"
        )
    if ratio != VOID_STIFFNESS:
        raise ValueError("both void_stiffness and void_material are given; leave one of them out")
    if not softest <= void.young / solid.young <= 1.0 / softest:
        raise ValueError(
            f"void_material has young {void.young:g} and material {solid.young:g}; float64 needs "
            f"a ratio between {softest:g} and {1.0 / softest:g}"
        )
    return Phases(solid, void, ratio)


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
