"""The cells grown so far, and what decides whether a child joins them."""

from __future__ import annotations

import numpy as np

from metafast._typing import AnyArray, BoolArray, ByteArray, FloatArray, IntArray
from metafast.database.children import Children, Recipe, pack_quarters, unpack_quarters
from metafast.database.scores import ScoreGrid

_VOXEL = 0.012  # of C11, C12, C22, C33, in units of E, where they are large
_RATIO = 0.15  # of C11, C22, C33, where they are small
_COUPLING = 0.02  # of C12/sqrt(C11 C22), where C11 or C22 is small
_COARSE = 0.03  # voxel of C11, C12, C22, in units of E, whose number tells how much is covered


class Population:
    """Quarter cells as bits with properties, parents and places, as growable arrays."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.size = 0
        self.grid = ScoreGrid(recipe.material)
        self._columns: dict[str, AnyArray] = {}
        self._shapes: set[bytes] = set()
        self._voxels: set[int] = set()
        self._coarse: set[int] = set()

    def column(self, name: str) -> AnyArray:
        """Of all cells: "packed", "properties", "parents", or the places "nodes" and "unit"."""
        return self._columns[name][: self.size]

    @property
    def covered(self) -> int:
        """Voxels of 0.03 E in (C11, C12, C22) that hold a cell."""
        return len(self._coarse)

    def append(self, packed: ByteArray, properties: FloatArray, parents: IntArray) -> None:
        """Take in cells without asking."""
        nodes, unit = self.grid.place(properties)
        rows: dict[str, AnyArray] = {"packed": packed, "properties": properties}
        rows |= {"parents": parents, "nodes": nodes, "unit": unit}
        end = self.size + len(packed)
        for name, values in rows.items():
            column = self._columns.get(name)
            if column is None or end > len(column):
                grown = np.empty((max(2 * end, 1024), *values.shape[1:]), values.dtype)
                if column is not None:
                    grown[: self.size] = column[: self.size]
                self._columns[name] = column = grown
            column[self.size : end] = values
        self.size = end
        self._shapes.update(row.tobytes() for row in packed)
        self._voxels.update(self._voxels_of(properties))
        coarse = np.floor(properties[:, :3] / (_COARSE * self.recipe.material.young))
        self._coarse.update(_keys(coarse).tolist())

    def add(self, children: Children, parents: IntArray) -> int:
        """Keep children, rows of a chunk with these parents, that are new and not crowded.

        Each brings its transpose, with C11 and C22 swapped. Returns how many joined.
        """
        rows, packed, properties = children
        if not len(rows):
            return 0
        quarters = unpack_quarters(packed, self.recipe.size)
        turned = pack_quarters(np.ascontiguousarray(quarters.transpose(0, 2, 1)))
        keep = self._fresh(packed, turned)
        keep[keep] = self._roomy(properties[keep])
        packed, turned, properties = packed[keep], turned[keep], properties[keep]
        other = (turned != packed).any(axis=1)
        origin = self.size + np.flatnonzero(other)
        self.append(packed, properties, parents[rows[keep]])
        self.append(turned[other], properties[other][:, [2, 1, 0, 3]], origin)
        return len(packed) + int(other.sum())

    def _fresh(self, packed: ByteArray, turned: ByteArray) -> BoolArray:
        """Which shapes are known neither as they are nor transposed."""
        seen: set[bytes] = set()
        fresh = np.zeros(len(packed), dtype=bool)
        for row, (bits, other) in enumerate(zip(packed, turned, strict=True)):
            shape, transpose = bits.tobytes(), other.tobytes()
            if shape not in self._shapes and shape not in seen:
                fresh[row] = True
                seen.update((shape, transpose))
        return fresh

    def _roomy(self, properties: FloatArray) -> BoolArray:
        """Which cells lie in empty voxels."""
        seen: set[int] = set()
        keep = np.zeros(len(properties), dtype=bool)
        for row, voxel in enumerate(self._voxels_of(properties)):
            if voxel not in self._voxels and voxel not in seen:
                keep[row] = True
                seen.add(voxel)
        return keep

    def _voxels_of(self, properties: FloatArray) -> list[int]:
        """Voxel of each row: as wide in a modulus as it is large, down from a linear width."""
        scaled = properties / self.recipe.material.young
        moduli = scaled[:, [0, 2, 3]]
        least = _VOXEL / _RATIO
        linear = moduli >= least
        # continuous where the two meet
        steps = np.where(linear, moduli / _VOXEL, (1.0 + np.log(moduli / least)) / _RATIO)
        anisotropy = scaled[:, 1] / np.sqrt(scaled[:, 0] * scaled[:, 2])
        stiff = linear[:, 0] & linear[:, 1]
        coupling = np.where(stiff, scaled[:, 1] / _VOXEL, 2048.0 + anisotropy / _COUPLING)
        voxels: list[int] = _keys(np.floor(np.column_stack([steps, coupling]))).tolist()
        return voxels


def _keys(voxels: FloatArray) -> IntArray:
    """One number for each voxel (n, d) of whole coordinates between -4096 and 4095."""
    key = np.zeros(len(voxels), dtype=np.int64)
    for column in voxels.astype(np.int64).T:
        key = key * 8192 + (np.clip(column, -4096, 4095) + 4096)
    return key
