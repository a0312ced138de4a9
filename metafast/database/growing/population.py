"""The cells grown so far, and what decides whether a child joins them."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import AnyArray, BoolArray, ByteArray, FloatArray, IntArray
from metafast.database.growing.children import Children, Recipe, pack_quarters, unpack_quarters
from metafast.database.growing.scores import ScoreGrid
from metafast.database.growing.simplicity import boundary_length, simple_length

_VOXEL = 0.012  # of C11, C12, C22, C33, in units of E, where they are large
_RATIO = 0.15  # of C11, C22, C33, where they are small
_COUPLING = 0.02  # of C12/sqrt(C11 C22), where C11 or C22 is small
_COARSE = 0.03  # of C11, C12, C22, in units of E: their number tells how much is covered, and where
_FINE = 0.012  # there is no other cell an intricate one may join; this fine near the end
_ENOUGH = 0.6  # share of all cells that must be there by then
_EASE = 1.5  # logarithm of how much rarer a parent a cell with the longest short boundary is


class Population:
    """Quarter cells as bits with properties, parents and places, as growable arrays."""

    def __init__(self, recipe: Recipe, aim: int) -> None:
        self.recipe, self.aim = recipe, aim
        self.size = 0
        self.grid = ScoreGrid(recipe.phases.solid)
        self._columns: dict[str, AnyArray] = {}
        self._shapes: set[bytes] = set()
        self._voxels: set[int] = set()
        self._coarse: set[int] = set()
        self._fine: set[int] = set()

    def column(self, name: str) -> AnyArray:
        """Of all cells: "packed", "properties", "parents", or the places "nodes" and "unit"."""
        return self._columns[name][: self.size]

    @property
    def covered(self) -> int:
        """Voxels of 0.03 E in (C11, C12, C22) that hold a cell."""
        return len(self._coarse)

    @property
    def ease(self) -> FloatArray | None:
        """How likely cells become parents, the simpler the likelier; None if all alike."""
        if not self.recipe.simple:
            return None
        return np.asarray(np.exp(-_EASE * self.column("share")))

    def append(self, packed: ByteArray, properties: FloatArray, parents: IntArray) -> None:
        """Take in cells without asking."""
        nodes, unit = self.grid.place(properties)
        rows: dict[str, AnyArray] = {"packed": packed, "properties": properties}
        rows |= {"parents": parents, "nodes": nodes, "unit": unit}
        rows["share"] = self._share(unpack_quarters(packed, self.recipe.size), properties)
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
        self._coarse.update(self._around(properties, _COARSE))
        self._fine.update(self._around(properties, _FINE))

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
        if self.recipe.simple:
            keep[keep] = self._simple(quarters[keep], properties[keep])
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

    def _simple(self, quarters: ByteArray, properties: FloatArray) -> BoolArray:
        """Which cells have short boundaries, or properties that no other cell comes near.

        Most voxels that intricate cells find first have room for a simple one, so at first only the
        large ones count, which keeps the way to new properties open.
        """
        share = self._share(quarters, properties)
        keep = share <= 1.0
        early = self.size < _ENOUGH * self.aim
        near = self._around(properties, _COARSE if early else _FINE)
        known = self._coarse if early else self._fine
        seen = {near[row] for row in np.flatnonzero(keep)}
        for row in np.argsort(share, kind="stable"):
            if near[row] not in known and near[row] not in seen:
                keep[row] = True
                seen.add(near[row])
        return np.asarray(keep)

    def _share(self, quarters: ByteArray, properties: FloatArray) -> FloatArray:
        """Length of each boundary as a share of the longest that is short."""
        short = simple_length(properties, self.recipe.phases.solid, self.recipe.size)
        return np.asarray(boundary_length(quarters) / short)

    def _roomy(self, properties: FloatArray) -> BoolArray:
        """Which cells lie in empty voxels."""
        seen: set[int] = set()
        keep = np.zeros(len(properties), dtype=bool)
        for row, voxel in enumerate(self._voxels_of(properties)):
            if voxel not in self._voxels and voxel not in seen:
                keep[row] = True
                seen.add(voxel)
        return keep

    def _around(self, properties: FloatArray, width: float) -> list[int]:
        """Voxel of each row in (C11, C12, C22), so wide in units of E."""
        scaled = properties[:, :3] / self.recipe.phases.solid.young
        voxels: list[int] = _keys(np.floor(scaled / width)).tolist()
        return voxels

    def _voxels_of(self, properties: FloatArray) -> list[int]:
        """Voxel of each row: as wide in a modulus as it is large, down from a linear width."""
        scaled = properties / self.recipe.phases.solid.young
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
