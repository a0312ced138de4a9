"""Latent points to cells: decode, threshold, repair, homogenize (section 3.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import label

from metafast._checks import require_array
from metafast._typing import BoolArray, ByteArray, FloatArray
from metafast.generative.vae import CellVAE
from metafast.homogenization import homogenize, properties_of
from metafast.homogenization.mirror import mirror
from metafast.repair import Limits, repair

_THRESHOLDS = (0.9, 0.8, 0.7, 0.6, 0.5)  # the paper's, then the highest at which a cell holds
_GREYEST = 0.24  # mean non-discreteness of the database blurred by one pixel


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
        which it does not, and 0.9 again if there is none. On a walk one threshold serves all cells,
        lest properties jump.
    properties : (n, 4) array
        C11, C12, C22, C33 by homogenization.
    clear : (n,) bool array
        The probabilities are no greyer than cells of the database with boundaries blurred by a
        Gaussian of one pixel are on average: measure of non-discreteness at most 0.24.
    connected : (n,) bool array
        The solid is one piece that reaches all four sides. The properties of the others are those
        of what is there.
    """

    z: FloatArray
    cells: ByteArray
    threshold: FloatArray
    properties: FloatArray
    clear: BoolArray
    connected: BoolArray


def decode_cells(vae: CellVAE, z: Any, *, walk: bool = False) -> DecodedCells:
    """Decode, repair and homogenize.

    Parameters
    ----------
    vae : CellVAE
    z : (n, latent) array
    walk : bool
        Read all cells at the threshold at which most of them are in one piece.
    """
    points = np.atleast_2d(require_array("z", z))
    chance = vae.decode(points)
    square = vae.shape[0] == vae.shape[1]
    clean = _repaired if vae.quarter and square else _without_specks
    read = _alike if walk else _each_whole
    cells, threshold, connected = read(chance, clean)
    stiffness = homogenize(cells, vae.material, void_stiffness=vae.void_stiffness)
    return DecodedCells(
        points,
        cells,
        threshold,
        properties_of(stiffness),
        non_discreteness(chance) <= _GREYEST,
        connected,
    )


def _alike(
    chance: FloatArray, clean: Callable[[BoolArray], ByteArray]
) -> tuple[ByteArray, FloatArray, BoolArray]:
    """Binary cells by the one threshold, the highest if equal, at which most are whole."""
    read = [clean(chance > threshold) for threshold in _THRESHOLDS]
    connected = [_in_one_piece(cells) for cells in read]
    best = int(np.argmax([whole.sum() for whole in connected]))
    return read[best], np.full(len(chance), _THRESHOLDS[best]), connected[best]


def _each_whole(
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


def non_discreteness(chance: FloatArray) -> FloatArray:
    """Measure of non-discreteness (n,) of grey cells (n, h, w), 4 mean p (1 - p) (Sigmund 2007)."""
    return np.asarray(4.0 * (chance * (1.0 - chance)).mean(axis=(1, 2)))


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
