"""Latent points to cells: decode, threshold, repair, homogenize (section 3.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import label

from metafast._checks import require_array
from metafast._typing import BoolArray, ByteArray, FloatArray
from metafast.generative.vae import CLEAR, CellVAE
from metafast.homogenization import homogenize, properties_of
from metafast.homogenization.mirror import mirror
from metafast.repair import Limits, repair

_THRESHOLDS = (0.9, 0.8, 0.7, 0.6, 0.5)  # the paper's, then the highest at which a cell holds
_BLURRED = 3  # pixels: a block this wide with no pixel that is surely solid or void


@dataclass(frozen=True, eq=False)
class DecodedCells:
    """Cells at points of the latent space, with the properties that they really have.

    Attributes
    ----------
    z : (n, latent) array
    cells : (n, h, w) array
        Binary: solid where the probability exceeds `threshold`, repaired (section 3.2): square
        mirror-symmetric cells as grown ones are, others without single pixels.
    threshold : (n,) array
        0.9 as in the paper; where the cell would then fall apart, the highest of 0.8 to 0.5 at
        which it does not.
    properties : (n, 4) array
        C11, C12, C22, C33 by homogenization.
    clear : (n,) bool array
        No block of 3x3 pixels is grey throughout (a probability between 0.1 and 0.9): boundaries
        may be blurred by two pixels, regions may not.
    connected : (n,) bool array
        The solid is one piece that reaches all four sides.
    """

    z: FloatArray
    cells: ByteArray
    threshold: FloatArray
    properties: FloatArray
    clear: BoolArray
    connected: BoolArray


def decode_cells(vae: CellVAE, z: Any) -> DecodedCells:
    """Decode, repair and homogenize.

    Parameters
    ----------
    vae : CellVAE
    z : (n, latent) array
    """
    points = np.atleast_2d(require_array("z", z))
    chance = vae.decode(points)
    square = vae.shape[0] == vae.shape[1]
    clean = _repaired if vae.quarter and square else _without_specks
    cells, threshold, connected = _whole_cells(chance, clean)
    stiffness = homogenize(cells, vae.material, void_stiffness=vae.void_stiffness)
    return DecodedCells(
        points, cells, threshold, properties_of(stiffness), _without_blur(chance), connected
    )


def _whole_cells(
    chance: FloatArray, clean: Callable[[BoolArray], ByteArray]
) -> tuple[ByteArray, FloatArray, BoolArray]:
    """Binary cells, each by the highest threshold at which it is whole, and whether it is."""
    cells = clean(chance > _THRESHOLDS[0])
    threshold = np.full(len(cells), _THRESHOLDS[0])
    connected = _in_one_piece(cells)
    for lower in _THRESHOLDS[1:]:
        rows = np.flatnonzero(~connected)
        again = clean(chance[rows] > lower)
        whole = _in_one_piece(again)
        cells[rows[whole]] = again[whole]
        threshold[rows[whole]] = lower
        connected[rows[whole]] = True
    return cells, threshold, connected


def _without_blur(chance: FloatArray) -> BoolArray:
    """Whether cells (n, h, w) of probabilities have no block that is grey throughout."""
    grey = np.asarray((chance > 1.0 - CLEAR) & (chance < CLEAR))
    block: tuple[int, ...] = tuple(min(_BLURRED, n) for n in chance.shape[1:])
    blocks: BoolArray = sliding_window_view(grey, block, axis=(1, 2))
    blurred: BoolArray = blocks.all(axis=(3, 4)).reshape(len(grey), -1)
    return np.asarray(~blurred.any(axis=1))


def _repaired(solid: BoolArray) -> ByteArray:
    _, h, w = solid.shape
    quarters = np.ascontiguousarray(solid[:, : h // 2, : w // 2], dtype=np.uint8)
    repair(quarters, Limits())
    return mirror(quarters)


def _without_specks(solid: BoolArray) -> ByteArray:
    """Solid pixels without a solid neighbour become void, void ones without a void one solid."""
    around = np.pad(solid, ((0, 0), (1, 1), (1, 1)), mode="wrap").astype(np.int8)
    count = around[:, :-2, 1:-1] + around[:, 2:, 1:-1] + around[:, 1:-1, :-2] + around[:, 1:-1, 2:]
    return np.where(count == 0, False, np.where(count == 4, True, solid)).astype(np.uint8)


def _in_one_piece(cells: ByteArray) -> BoolArray:
    def whole(cell: ByteArray) -> bool:
        sides = (cell[0], cell[-1], cell[:, 0], cell[:, -1])
        return label(cell)[1] == 1 and all(bool(side.any()) for side in sides)

    return np.array([whole(cell) for cell in cells], dtype=bool)
