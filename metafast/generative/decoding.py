"""Latent points to cells: decode, threshold, repair, homogenize (section 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._base.checks import require_array
from metafast._base.typing import BoolArray, ByteArray, FloatArray
from metafast.generative.reading import read_cells
from metafast.generative.vae import CellVAE
from metafast.homogenization import homogenize, properties_of

_GREYEST = 0.175  # mean non-discreteness of the database blurred by one pixel


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
        which it does not. If there is none, pieces are joined at 0.5, or if they are not to be the
        cell is left as it is at 0.9. On a straight walk one threshold serves all cells, lest
        properties jump.
    properties : (n, 4) array
        C11, C12, C22, C33 by homogenization.
    clear : (n,) bool array
        The probabilities are no greyer than cells of the database with boundaries blurred by a
        Gaussian of one pixel are on average: measure of non-discreteness at most 0.175.
    connected : (n,) bool array
        The solid is one piece that reaches all four sides. The properties of the others are those
        of what is there.
    joined : (n,) bool array
        Which of these are so only because pieces were joined.
    """

    z: FloatArray
    cells: ByteArray
    threshold: FloatArray
    properties: FloatArray
    clear: BoolArray
    connected: BoolArray
    joined: BoolArray


def decode_cells(vae: CellVAE, z: Any, *, walk: bool = False, join: bool = False) -> DecodedCells:
    """Decode, repair and homogenize.

    Parameters
    ----------
    vae : CellVAE
    z : (n, latent) array
    walk : bool
        Read all cells at the threshold at which most of them are in one piece.
    join : bool
        Join the pieces of cells that no threshold gives in one, by bars where the model holds solid
        most likely.
    """
    points = np.atleast_2d(require_array("z", z))
    chance = vae.decode(points)
    cells, threshold, connected, joined = read_cells(chance, vae.quarter, walk=walk, join=join)
    stiffness = homogenize(cells, vae.phases)
    return DecodedCells(
        points,
        cells,
        threshold,
        properties_of(stiffness),
        non_discreteness(chance) <= _GREYEST,
        connected,
        joined,
    )


def non_discreteness(chance: FloatArray) -> FloatArray:
    """Measure of non-discreteness (n,) of grey cells (n, h, w), 4 mean p (1 - p) (Sigmund 2007)."""
    return np.asarray(4.0 * (chance * (1.0 - chance)).mean(axis=(1, 2)))
