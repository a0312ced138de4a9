"""Probabilities of pixels to binary cells: thresholds, repair, pieces joined (section 3.2)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import label

from metafast._typing import BoolArray, ByteArray, FloatArray
from metafast.generative.joining import joined
from metafast.homogenization.mirror import mirror
from metafast.repair import Limits, repair

_THRESHOLDS = (0.9, 0.8, 0.7, 0.6, 0.5)  # the paper's, then the highest at which a cell holds
_ROUNDS = 4  # of joining; repair may cut a strip again

Clean = Callable[[BoolArray], ByteArray]


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
    cells, threshold, whole = (_alike if walk else _each_whole)(chance, clean)
    strips = np.zeros(len(cells), bool)
    part = np.s_[: h // 2, : w // 2] if quarter else np.s_[:, :]
    for _ in range(_ROUNDS if join else 0):
        rows = np.flatnonzero(~whole)
        if not len(rows):
            break
        if not walk:
            threshold[rows[~strips[rows]]] = _THRESHOLDS[-1]
        for k in rows:
            solid = cells[k][part] > 0 if strips[k] else chance[k][part] > threshold[k]
            piece = joined(chance[k][part], solid)[None]
            cells[k] = clean(mirror(piece.astype(np.uint8)) > 0 if quarter else piece)[0]
        strips[rows] = True
        whole[rows] = in_one_piece(cells[rows])
    return cells, threshold, whole, strips & whole


def _alike(chance: FloatArray, clean: Clean) -> tuple[ByteArray, FloatArray, BoolArray]:
    """Binary cells by the one threshold, the highest if equal, at which most are whole."""
    read = [clean(chance > threshold) for threshold in _THRESHOLDS]
    whole = [in_one_piece(cells) for cells in read]
    best = int(np.argmax([share.sum() for share in whole]))
    return read[best], np.full(len(chance), _THRESHOLDS[best]), whole[best]


def _each_whole(chance: FloatArray, clean: Clean) -> tuple[ByteArray, FloatArray, BoolArray]:
    """Binary cells, each by the highest threshold at which it is whole, and whether it is."""
    cells = clean(chance > _THRESHOLDS[0])
    threshold = np.full(len(cells), _THRESHOLDS[0])
    whole = in_one_piece(cells)
    for lower in _THRESHOLDS[1:]:
        rows = np.flatnonzero(~whole)
        again = clean(chance[rows] > lower)
        better = in_one_piece(again)
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
    """Which cells (n,) are one solid, joined by edges, that reaches all four sides."""

    def whole(cell: ByteArray) -> bool:
        sides = (cell[0], cell[-1], cell[:, 0], cell[:, -1])
        return label(cell)[1] == 1 and all(bool(side.any()) for side in sides)

    return np.array([whole(cell) for cell in cells], dtype=bool)
