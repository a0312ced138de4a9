"""Probabilities of pixels to binary cells: thresholds, repair, pieces joined (section 3.2)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import label

from metafast._base.typing import BoolArray, ByteArray, FloatArray
from metafast.cells.repair import Limits, repair
from metafast.cells.symmetry import mirror
from metafast.generative.joining import joined

_THRESHOLDS = (0.9, 0.8, 0.7, 0.6, 0.5)  # the paper's, then the highest at which a cell holds
_ROUNDS = 4  # of joining; repair may cut a strip again

# of all cells at once, so that none is joined to the next
_WITHIN_A_CELL = np.stack([np.zeros((3, 3)), [[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.zeros((3, 3))])

# solid pixels to repaired cells, and which of these are whole
Read = Callable[[BoolArray], tuple[ByteArray, BoolArray]]


def read_cells(
    chance: FloatArray, quarter: bool, *, walk: bool, join: bool
) -> tuple[ByteArray, FloatArray, BoolArray, BoolArray]:
    """Binary cells, their thresholds, which are whole, and which have been joined.

    Parameters
    ----------
    chance : (n, h, w) array
    quarter : bool
        Whether cells are mirror-symmetric.
    walk : bool
        One threshold for all, the highest at which most are whole; else each its own.
    join : bool
        Whether pieces are joined where no threshold gives a whole cell.
    """
    _, h, w = chance.shape
    clean = _repaired if quarter and h == w else _without_specks
    part = np.s_[: h // 2, : w // 2] if quarter else np.s_[:, :]

    def read(solid: BoolArray) -> tuple[ByteArray, BoolArray]:
        cells = clean(solid)
        return cells, in_one_piece(cells[:, *part])

    cells, threshold, whole = (_alike if walk else _each_whole)(chance, read)
    strips = np.zeros(len(cells), bool)
    for _ in range(_ROUNDS if join else 0):
        rows = np.flatnonzero(~whole)
        if not len(rows):
            break
        if not walk:
            threshold[rows[~strips[rows]]] = _THRESHOLDS[-1]
        for k in rows:
            solid = cells[k][part] > 0 if strips[k] else chance[k][part] > threshold[k]
            piece = joined(chance[k][part], solid)[None]
            made, held = read(mirror(piece.astype(np.uint8)) > 0 if quarter else piece)
            cells[k], whole[k] = made[0], held[0]
        strips[rows] = True
    return cells, threshold, whole, strips & whole


def _alike(chance: FloatArray, read: Read) -> tuple[ByteArray, FloatArray, BoolArray]:
    """Binary cells by the one threshold, the highest if equal, at which most are whole."""
    made = [read(chance > threshold) for threshold in _THRESHOLDS]
    best = int(np.argmax([whole.sum() for _, whole in made]))
    return made[best][0], np.full(len(chance), _THRESHOLDS[best]), made[best][1]


def _each_whole(chance: FloatArray, read: Read) -> tuple[ByteArray, FloatArray, BoolArray]:
    """Binary cells, each by the highest threshold at which it is whole, and whether it is."""
    cells, whole = read(chance > _THRESHOLDS[0])
    threshold = np.full(len(cells), _THRESHOLDS[0])
    for lower in _THRESHOLDS[1:]:
        rows = np.flatnonzero(~whole)
        again, better = read(chance[rows] > lower)
        cells[rows[better]] = again[better]
        threshold[rows[better]] = lower
        whole[rows[better]] = True
    return cells, threshold, whole


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


def in_one_piece(cells: ByteArray) -> BoolArray:
    """Which cells (n, h, w) are one solid, joined by edges, that reaches all four sides.

    A mirror-symmetric cell is one exactly if its quarter is.
    """
    parts = label(cells, _WITHIN_A_CELL)[0]
    solid = cells > 0
    most = parts.max(axis=(1, 2))
    least = np.where(solid, parts, most[:, None, None]).min(axis=(1, 2))
    sides = (solid[:, 0], solid[:, -1], solid[:, :, 0], solid[:, :, -1])
    reaches = np.logical_and.reduce([side.any(axis=1) for side in sides])
    return np.asarray((most == least) & reaches)
