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
    require_cells,
    require_count,
    require_number,
    require_threads,
)
from metafast._jit import jit, numba_threads
from metafast._typing import AnyArray, BoolArray, ByteArray, FloatArray, IntArray
from metafast.homogenization.numbering import Kind
from metafast.material import Material

LARGEST_SIDE = 512  # elements; the largest front of a periodic cell grows with the square of it


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

    def shares(self, pixels: ByteArray) -> tuple[FloatArray, FloatArray]:
        """Densities (n, phases * elements) and element stiffnesses (phases, 8, 8) of pixels."""
        solid, void = self.stiffness
        if self.void is None:
            return np.where(pixels != 0, 1.0, self.ratio), solid[None]
        share = pixels.astype(float)
        return np.concatenate([share, 1.0 - share], axis=1), np.stack([solid, void])


def is_mirror_symmetric(cells: Any, threads: int | None = None) -> BoolArray:
    """Whether each cell (n, h, w) is its own mirror image about both axes, shape (n,)."""
    cells = np.ascontiguousarray(cells)
    result = np.empty(len(cells), dtype=np.bool_)
    with numba_threads(require_threads(threads)):
        _compare_mirrors(cells, result)
    return result


@jit(parallel=True)
def _compare_mirrors(cells: AnyArray, result: BoolArray) -> None:
    """The rule of `is_mirror_symmetric`; a row's pixels are compared without a branch."""
    n, h, w = cells.shape
    for k in prange(n):
        different = 0
        for r in range((h + 1) // 2):
            for c in range(w):
                value = cells[k, r, c]
                different += value != cells[k, h - 1 - r, c]
                different += value != cells[k, r, w - 1 - c]
            if different:
                break
        result[k] = different == 0


def require_material(name: str, material: Any) -> Material | None:
    """Return `material`, checked; None stays None."""
    if material is not None and not isinstance(material, Material):
        raise ValueError(f"{name} is {material!r}; a metafast.Material is needed")
    return material


def require_phases(material: Any, void_stiffness: Any, void_material: Any) -> Phases:
    """The two materials that the public functions of this folder take, checked."""
    solid = require_material("material", material) or Material()
    ratio = require_number("void_stiffness", void_stiffness, above=0.0, below=1.0 + 1e-12)
    void = require_material("void_material", void_material)
    if void is not None and void.plane != solid.plane:
        raise ValueError(
            f"material is in plane {solid.plane} and void_material in plane {void.plane}; both "
            "must be in the same"
        )
    return Phases(solid, void, ratio)


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


def require_solvable(cells: Any, refine: Any = 1) -> ByteArray:
    """Binary cells of a size that can be solved, pixels split and thin cells doubled."""
    return two_wide(refined(require_cells(cells), refine))


def refined(cells: ByteArray, refine: Any) -> ByteArray:
    """Cells with each pixel split into refine x refine elements."""
    refine = require_count("refine", refine)
    _, h, w = cells.shape
    if max(h, w) * refine > LARGEST_SIDE:
        raise ValueError(
            f"cells are {h * refine}x{w * refine} elements with refine {refine}; at most "
            f"{LARGEST_SIDE} per side fit into memory: lower refine or use smaller cells"
        )
    return cells.repeat(refine, axis=1).repeat(refine, axis=2) if refine > 1 else cells


def two_wide(cells: ByteArray) -> ByteArray:
    """Two periods of cells one pixel wide, whose elements would meet themselves: the same C."""
    _, h, w = cells.shape
    return np.tile(cells, (1, 2 if h == 1 else 1, 2 if w == 1 else 1))


def block_pixels(cells: AnyArray, members: IntArray, block: tuple[int, int]) -> AnyArray:
    """Pixels (m, rows * cols) of the members' blocks, which begin in the upper left corner."""
    chosen = cells if len(members) == len(cells) else cells[members]
    return np.asarray(chosen[:, : block[0], : block[1]].reshape(len(members), -1))


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
