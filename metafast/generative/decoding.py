"""Decoding of latent points to cells: threshold, repair, join, homogenize (section 3.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.ndimage import label

from metafast._base.checks import (
    require_array,
    require_flag,
)
from metafast._base.html import cell_table, spread, titled
from metafast._base.one_line import one_line
from metafast._base.typing import BoolArray, ByteArray, FloatArray
from metafast.cells.paths import cheapest_way, largest_piece, two_wide
from metafast.cells.repair import Limits, repair
from metafast.cells.symmetry import mirror
from metafast.generative.vae import (
    CellVAE,
    require_model,
)
from metafast.homogenization import homogenize, properties_of
from metafast.properties.names import by_name

_GREYEST = 0.175  # mean non-discreteness of database cells blurred by a Gaussian of one pixel
THRESHOLDS = (0.9, 0.8, 0.7, 0.6, 0.5)  # the paper's, then lower ones
_JOINING_ROUNDS = 4  # repair may cut a bar again
_LEAST = 1e-6  # probability below which all pixels are alike
_SOLID_TOLL = 1e-3  # length of a step to a pixel that is solid already
_SIDES = (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1])

# neighbours within a cell, none in the next cell of a batch
_WITHIN_A_CELL = np.stack([np.zeros((3, 3)), [[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.zeros((3, 3))])

# solid pixels to repaired cells, and which of these are in one piece
Clean = Callable[[BoolArray], tuple[ByteArray, BoolArray]]


@dataclass(frozen=True, eq=False)
class DecodedCells:
    """Binary cells at points of the latent space, with recomputed properties.

    Attributes
    ----------
    z : (n, latent) array
    cells : (n, h, w) array
        Binary: solid where the probability exceeds `threshold`, then repaired (section 3.2). Square
        mirror-symmetric cells keep the widths of grown ones, others lose single pixels.
    threshold : (n,) array
        0.9 as in the paper. A cell that would fall apart takes the highest of 0.8 to 0.5 at which
        it does not. If there is none, its pieces are joined at 0.5, or it stays as it is at 0.9. On
        a straight walk one threshold serves all cells, so that properties do not jump, unless the
        walk is read so that a property rises.
    properties : (n, 4) array
        C11, C12, C22, C33 by homogenization.
    clear : (n,) bool array
        Whether the measure of non-discreteness of the probabilities is at most 0.175, its mean over
        cells of the database whose boundaries are blurred by a Gaussian of one pixel.
    connected : (n,) bool array
        Whether the solid is one piece that reaches all four sides. The properties of the others
        are those of all their pieces.
    joined : (n,) bool array
        Whether a connected cell had to be joined from pieces.
    """

    z: FloatArray
    cells: ByteArray
    threshold: FloatArray
    properties: FloatArray
    clear: BoolArray
    connected: BoolArray
    joined: BoolArray

    __repr__ = one_line

    def _repr_html_(self) -> str:
        shown = spread(len(self.cells))
        below = by_name(self.properties[shown])
        return titled(repr(self), cell_table(self.cells[shown], below))


class BinaryCells(NamedTuple):
    """Cells (n, h, w), thresholds (n,), whether connected (n,) and whether joined (n,)."""

    cells: ByteArray
    threshold: FloatArray
    connected: BoolArray
    joined: BoolArray


def decode_cells(vae: CellVAE, z: Any, *, walk: bool = False, join: bool = False) -> DecodedCells:
    """Decode, threshold, repair and homogenize.

    Parameters
    ----------
    vae : CellVAE
    z : (n, latent) array
    walk : bool
        Use one threshold for all cells, the highest at which most of them are in one piece.
    join : bool
        Join the pieces of cells that no threshold gives in one, by bars where the model finds solid
        most probable.
    """
    require_model(vae)
    require_flag("walk", walk)
    require_flag("join", join)
    points = np.atleast_2d(require_array("z", z))
    chance = vae.decode(points)
    binary = binarise(chance, vae.quarter, walk=walk, join=join)
    return DecodedCells(
        points,
        binary.cells,
        binary.threshold,
        properties_of(homogenize(binary.cells, vae.phases)),
        is_clear(chance),
        binary.connected,
        binary.joined,
    )


def non_discreteness(chance: FloatArray) -> FloatArray:
    """Measure of non-discreteness (n,) of grey cells (n, h, w), 4 mean p (1 - p) (Sigmund 2007)."""
    return np.asarray(4.0 * (chance * (1.0 - chance)).mean(axis=(1, 2)))


def is_clear(chance: FloatArray) -> BoolArray:
    """Whether each decoded cell (n, h, w) is clear, as `DecodedCells` describes it."""
    return non_discreteness(chance) <= _GREYEST


def binarise(
    chance: FloatArray,
    quarter: bool,
    *,
    walk: bool,
    join: bool,
    thresholds: tuple[float, ...] = THRESHOLDS,
) -> BinaryCells:
    """Binary cells from probabilities (n, h, w), as `DecodedCells` describes them.

    Parameters
    ----------
    chance : (n, h, w) array
    quarter : bool
        Whether cells are mirror-symmetric.
    walk, join : bool
        As in `decode_cells`.
    thresholds : tuple of floats
        Thresholds to choose from, the highest first.
    """
    _, h, w = chance.shape
    repaired = _repaired if quarter and h == w else _without_specks
    part = np.s_[: h // 2, : w // 2] if quarter else np.s_[:, :]

    def clean(solid: BoolArray) -> tuple[ByteArray, BoolArray]:
        cells = repaired(solid)
        return cells, in_one_piece(cells[:, *part])

    choose = _one_threshold if walk else _own_thresholds
    cells, threshold, connected = choose(chance, clean, thresholds)
    tried = np.zeros(len(cells), bool)
    for _ in range(_JOINING_ROUNDS if join else 0):
        rows = np.flatnonzero(~connected)
        if not len(rows):
            break
        if not walk:
            threshold[rows[~tried[rows]]] = thresholds[-1]
        for k in rows:
            solid = cells[k][part] > 0 if tried[k] else chance[k][part] > threshold[k]
            piece = join_pieces(chance[k][part], solid)[None]
            again, held = clean(mirror(piece.astype(np.uint8)) > 0 if quarter else piece)
            cells[k], connected[k] = again[0], held[0]
        tried[rows] = True
    return BinaryCells(cells, threshold, connected, tried & connected)


def _one_threshold(
    chance: FloatArray, clean: Clean, thresholds: tuple[float, ...]
) -> tuple[ByteArray, FloatArray, BoolArray]:
    """Cells at the threshold, the highest if equal, at which most are in one piece."""
    trials = [clean(chance > threshold) for threshold in thresholds]
    best = int(np.argmax([connected.sum() for _, connected in trials]))
    return trials[best][0], np.full(len(chance), thresholds[best]), trials[best][1]


def _own_thresholds(
    chance: FloatArray, clean: Clean, thresholds: tuple[float, ...]
) -> tuple[ByteArray, FloatArray, BoolArray]:
    """Cells, each at the highest threshold at which it is in one piece."""
    cells, connected = clean(chance > thresholds[0])
    threshold = np.full(len(cells), thresholds[0])
    for lower in thresholds[1:]:
        rows = np.flatnonzero(~connected)
        again, better = clean(chance[rows] > lower)
        cells[rows[better]] = again[better]
        threshold[rows[better]] = lower
        connected[rows[better]] = True
    return cells, threshold, connected


def _repaired(solid: BoolArray) -> ByteArray:
    """Mirror-symmetric cells, repaired as grown ones are."""
    _, h, w = solid.shape
    quarters = np.ascontiguousarray(solid[:, : h // 2, : w // 2], dtype=np.uint8)
    repair(quarters, Limits())
    return mirror(quarters)


def _without_specks(solid: BoolArray) -> ByteArray:
    """Cells whose single solid pixels have become void, and single void pixels solid."""
    around = np.pad(solid, ((0, 0), (1, 1), (1, 1)), mode="wrap").astype(np.int8)
    count = around[:, :-2, 1:-1] + around[:, 2:, 1:-1] + around[:, 1:-1, :-2] + around[:, 1:-1, 2:]
    return np.where(count == 0, False, np.where(count == 4, True, solid)).astype(np.uint8)


def in_one_piece(cells: ByteArray) -> BoolArray:
    """Whether each cell (n, h, w) is one solid, joined by edges, that reaches all four sides.

    A mirror-symmetric cell is in one piece exactly if its quarter is.
    """
    parts = label(cells, _WITHIN_A_CELL)[0]
    solid = cells > 0
    most = parts.max(axis=(1, 2))
    least = np.where(solid, parts, most[:, None, None]).min(axis=(1, 2))
    sides = (solid[:, 0], solid[:, -1], solid[:, :, 0], solid[:, :, -1])
    reaches = np.logical_and.reduce([side.any(axis=1) for side in sides])
    return np.asarray((most == least) & reaches)


def join_pieces(chance: FloatArray, solid: BoolArray) -> BoolArray:
    """Largest piece (h, w) of a cell, grown until it reaches all four sides.

    The most probable path leads to each side that the piece does not reach: the product of its
    pixels' probabilities is largest, and solid costs nothing. The path becomes solid, two pixels
    wide, and pieces on its way belong to the result.

    Parameters
    ----------
    chance : (h, w) array
        Probability of each pixel being solid.
    solid : (h, w) bool array
        Binary cell, or the quarter of a mirror-symmetric one. A symmetric cell is in one piece that
        reaches its sides exactly if its quarter is: two of the quarter's sides are the mirror axes.
        Other cells reach their sides too, but the places on the left and on the right may differ,
        and such a cell carries no load across a lattice.
    """
    grown = solid.copy()
    if not grown.any():
        grown.ravel()[np.argmax(chance)] = True
    toll = _SOLID_TOLL - np.log(np.clip(chance, _LEAST, 1.0))
    piece = largest_piece(grown)
    for side in _SIDES:
        if not piece[side].any():
            path = cheapest_way(np.where(grown, _SOLID_TOLL, toll), piece, side)
            grown |= two_wide(path & ~grown, chance)
            piece = largest_piece(grown)
    return piece
