"""Training data: packed cells on the device, whole lineages held out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from metafast._base.typing import BoolArray, ByteArray, FloatArray, IntArray
from metafast.database import CellDatabase
from metafast.generative.vae import Scaling


@dataclass(frozen=True)
class TrainingData:
    """Cells of a database on the training device, divided into training and held-out ones.

    Attributes
    ----------
    cells : PackedCells
        All cells with their standardised properties.
    training, held_out : (n,) tensors of int
        Rows of the cells to train on, and of those for validation.
    scaling : Scaling
        Mean and deviation of the properties of the training cells.
    """

    cells: PackedCells
    training: Tensor
    held_out: Tensor
    scaling: Scaling

    @staticmethod
    def divided(
        database: CellDatabase, share: float, seed: int, device: torch.device
    ) -> TrainingData:
        """Hold out about `share` of the cells, in whole lineages chosen by `seed`.

        Raises
        ------
        ValueError
            If all cells belong to one lineage.
        """
        apart = held_out(database.parents, share, seed)
        if apart.all():
            raise ValueError(
                f"all {len(database)} cells descend from one seed, so none can be held out; use a "
                "database with more seeds, or without parents"
            )
        mean = database.properties[~apart].mean(axis=0)
        deviation = database.properties[~apart].std(axis=0)
        scaling = Scaling(mean, np.where(deviation > 0, deviation, 1.0))
        standardised = (database.properties - scaling.mean) / scaling.deviation
        return TrainingData(
            PackedCells(database, standardised, device),
            torch.from_numpy(np.flatnonzero(~apart)).to(device),
            torch.from_numpy(np.flatnonzero(apart)).to(device),
            scaling,
        )


class PackedCells:
    """Cells as bits on the training device, unpacked one batch at a time.

    A quarter of 50x50 pixels takes 79 bytes and 250,000 quarters take 20 MB, so the whole set stays
    on the device, and nothing is copied during training.

    Parameters
    ----------
    database : CellDatabase
    standardised : (n, 4) array
        Standardised properties.
    device : torch.device
    """

    def __init__(
        self, database: CellDatabase, standardised: FloatArray, device: torch.device
    ) -> None:
        _, h, w = database.shape
        self.quarter = database.symmetric
        self.rows, self.cols = (h // 2, w // 2) if self.quarter else (h, w)
        packed = np.packbits(database.distinct_pixels(), axis=1)
        self._packed = torch.from_numpy(packed).to(device)
        self._standardised = torch.from_numpy(standardised.astype(np.float32)).to(device)
        self._bit = torch.arange(7, -1, -1, dtype=torch.uint8, device=device)

    def __len__(self) -> int:
        return len(self._packed)

    def take(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels (n, 1, rows, cols) in {0, 1} and standardised properties (n, 4) of some rows."""
        bits = (self._packed[rows][:, :, None] >> self._bit) & 1
        pixels = bits.flatten(1)[:, : self.rows * self.cols].float()
        return pixels.reshape(-1, 1, self.rows, self.cols), self._standardised[rows]

    def shifted(self, pixels: Tensor, shift: Tensor) -> Tensor:
        """Pixels moved by half a period down, across, or both: the same lattice, cut elsewhere.

        The stiffness stays the same. Mirror-symmetric cells stay symmetric, and their quarter is
        flipped.

        Parameters
        ----------
        pixels : (n, 1, rows, cols) tensor
        shift : (n,) tensor of int
            0 leaves a cell, 1 moves it down, 2 across, 3 both.
        """
        for bit, axis in ((1, 2), (2, 3)):
            if self.quarter:
                moved = pixels.flip(axis)
            else:
                moved = pixels.roll(pixels.shape[axis] // 2, axis)
            pixels = torch.where((shift & bit)[:, None, None, None] > 0, moved, pixels)
        return pixels


def lineages(parents: IntArray) -> IntArray:
    """Row of the seed (n,) from which each cell was grown; its own row for a seed."""
    n = len(parents)
    root = np.where(parents < 0, np.arange(n), parents)
    while True:
        further = root[root]
        if (further == root).all():
            return root
        root = further


def held_out(parents: IntArray, share: float, seed: int) -> BoolArray:
    """Mask (n,) of about `share` of the cells: lineages in random order until they are enough.

    A grown cell differs from its parent by few pixels, so lineages are not divided. A lineage
    larger than a quarter of the share is held out only if there is no other, and then the smallest
    one. Seeds without children count as lineages of one cell.
    """
    most = max(1, round(share * len(parents)))
    root = lineages(parents)
    seeds, size = np.unique(root, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(seeds))
    order = order[size[order] <= max(1, most // 4)]
    taken = order[np.cumsum(size[order]) <= most]
    if not len(taken):
        taken = order[:1] if len(order) else np.array([int(size.argmin())])
    return np.asarray(np.isin(root, seeds[taken]))


def fingerprint(database: CellDatabase) -> str:
    """SHA-256 of a database's pixels and properties."""
    digest = hashlib.sha256(np.ascontiguousarray(database.properties).tobytes())
    pixels: ByteArray = np.packbits(database.distinct_pixels(), axis=1)
    digest.update(pixels.tobytes())
    return digest.hexdigest()
