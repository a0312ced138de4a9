"""Which cells are solved how: quarters of mirror-symmetric cells, the others whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from metafast import q4
from metafast._checks import require_cells, require_count, require_number
from metafast._typing import BoolArray, ByteArray, FloatArray, IntArray
from metafast.homogenization.plan import LANES, System
from metafast.material import Material

_LARGEST_SIDE = 512  # elements; the largest front of a periodic cell grows with the square of it


def is_mirror_symmetric(cells: Any) -> BoolArray:
    """Whether each cell (n, h, w) is its own mirror image about both axes, shape (n,)."""
    cells = np.asarray(cells)
    vertical = (cells == cells[:, ::-1]).all((1, 2))
    return np.asarray(vertical & (cells == cells[:, :, ::-1]).all((1, 2)))


def checked_input(
    cells: Any, material: Material | None, void_stiffness: float
) -> tuple[ByteArray, Material, float]:
    """The arguments that all public functions of this folder share, checked."""
    if material is not None and not isinstance(material, Material):
        raise ValueError(f"material is {material!r}; a metafast.Material is needed")
    void = require_number("void_stiffness", void_stiffness, above=0.0, below=1.0 + 1e-12)
    return require_cells(cells), material or Material(), void


def refined(cells: ByteArray, refine: int) -> ByteArray:
    """Cells with each pixel split into refine x refine elements."""
    refine = require_count("refine", refine)
    _, h, w = cells.shape
    if max(h, w) * refine > _LARGEST_SIDE:
        raise ValueError(
            f"cells are {h * refine}x{w * refine} elements with refine {refine}; at most "
            f"{_LARGEST_SIDE} per side fit into memory: lower refine or use smaller cells"
        )
    return cells.repeat(refine, axis=1).repeat(refine, axis=2) if refine > 1 else cells


def two_wide(cells: ByteArray) -> ByteArray:
    """Two periods of cells one pixel wide, whose elements would meet themselves: the same C."""
    _, h, w = cells.shape
    return np.tile(cells, (1, 2 if h == 1 else 1, 2 if w == 1 else 1))


def solved_blocks(cells: ByteArray) -> Iterator[tuple[IntArray, System, tuple[int, int]]]:
    """Members of each kind of cell with the systems that solve them and the solved block's size."""
    _, h, w = cells.shape
    symmetric = is_mirror_symmetric(cells)
    # the quarter of a 2x2 cell has no free displacement at all: those few cells go whole
    if h % 2 or w % 2 or min(h, w) < 4:
        symmetric[:] = False
    quarters, whole = np.flatnonzero(symmetric), np.flatnonzero(~symmetric)
    if len(quarters):
        yield quarters, "normal", (h // 2, w // 2)
        yield quarters, "shear", (h // 2, w // 2)
    if len(whole):
        yield whole, "periodic", (h, w)


def density_batches(
    cells: ByteArray, members: IntArray, block: tuple[int, int], void: float, pixels: int
) -> Iterator[tuple[slice, FloatArray]]:
    """Pixel stiffnesses (m, elements) of the members, at most `pixels` elements at a time.

    Ctrl-C is looked for between batches.
    """
    size = max(LANES, pixels // (block[0] * block[1]) // LANES * LANES)
    for start in range(0, len(members), size):
        part = slice(start, min(start + size, len(members)))
        solid = cells[members[part], : block[0], : block[1]].reshape(-1, block[0] * block[1])
        yield part, np.where(solid != 0, 1.0, void)


def element_matrix(material: Material) -> FloatArray:
    """Lower triangle (66,) of the element matrix ``[[K, F], [F^T, C0]]`` by rows."""
    c = material.stiffness
    full = np.block([[q4.stiffness(c), q4.load(c)], [q4.load(c).T, c]])
    return np.asarray(full[np.tril_indices(11)])
