"""Cells as bits on the training device, unpacked a batch at a time."""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import Tensor

from metafast._base.typing import ByteArray, FloatArray
from metafast.database import CellDatabase


class PackedCells:
    """All cells of a database as the networks see them: 79 bytes for a quarter of 50x50.

    250,000 of them are 20 MB, so the whole set lives on the device, GPU or not, and nothing is
    copied while training runs.

    Parameters
    ----------
    database : CellDatabase
    wanted : (n, 4) array
        Standardised properties.
    device : torch.device
    """

    def __init__(self, database: CellDatabase, wanted: FloatArray, device: torch.device) -> None:
        _, h, w = database.shape
        self.quarter = database.symmetric
        self.rows, self.cols = (h // 2, w // 2) if self.quarter else (h, w)
        packed = np.packbits(database.distinct_pixels(), axis=1)
        self._packed = torch.from_numpy(packed).to(device)
        self._wanted = torch.from_numpy(wanted.astype(np.float32)).to(device)
        self._shift = torch.arange(7, -1, -1, dtype=torch.uint8, device=device)

    def __len__(self) -> int:
        return len(self._packed)

    def take(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels (n, 1, rows, cols) in {0, 1} and standardised properties (n, 4)."""
        bits = (self._packed[rows][:, :, None] >> self._shift) & 1
        pixels = bits.flatten(1)[:, : self.rows * self.cols].float()
        return pixels.reshape(-1, 1, self.rows, self.cols), self._wanted[rows]

    def shifted(self, pixels: Tensor, shift: Tensor) -> Tensor:
        """The same lattices, cut half a period further down, across, or both.

        Their stiffness is the same, and mirror-symmetric cells stay so: their quarter is turned
        over.

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


def fingerprint(database: CellDatabase) -> str:
    """SHA-256 of a database's pixels and properties."""
    digest = hashlib.sha256(np.ascontiguousarray(database.properties).tobytes())
    pixels: ByteArray = np.packbits(database.distinct_pixels(), axis=1)
    digest.update(pixels.tobytes())
    return digest.hexdigest()
