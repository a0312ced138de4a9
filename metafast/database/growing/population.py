"""Population of cells while a database grows, and the acceptance tests for children."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import AnyArray, BoolArray, ByteArray, FloatArray, IntArray
from metafast.database.growing.children import Children, Recipe, pack_quarters, unpack_quarters
from metafast.database.growing.scores import ScoreGrid
from metafast.database.growing.simplicity import boundary_length, simple_length
from metafast.properties.names import swapped

_VOXEL = 0.012  # width in C11, C12, C22, C33 where they are large, in units of E
_RATIO = 0.15  # width in the logarithm of C11, C22, C33 where they are small
_COUPLING = 0.02  # width in C12/sqrt(C11 C22) where C11 or C22 is small
_COARSE = 0.03  # width of voxels in (C11, C12, C22) for coverage and for intricate cells early on
_FINE = 0.012  # width of voxels for intricate cells later
_EARLY = 0.6  # fraction of the size up to which it is early
_EASE = 1.5  # fall of ln(chance to be a parent) for a boundary as long as a simple cell's may be


class Population:
    """Quarter cells as bits with properties, parents and grid positions, as growable arrays.

    Parameters
    ----------
    recipe : Recipe
    target_size : int
        Number of cells that growth aims at.
    """

    def __init__(self, recipe: Recipe, target_size: int) -> None:
        self.recipe, self.target_size = recipe, target_size
        self.size = 0
        self.grid = ScoreGrid(recipe.phases.solid)
        self._columns: dict[str, AnyArray] = {}
        self._shapes: set[bytes] = set()
        self._voxels: set[int] = set()
        self._coarse: set[int] = set()
        self._fine: set[int] = set()

    def column(self, name: str) -> AnyArray:
        """Column of all cells: "packed", "properties", "parents", "nodes", "unit" or "length"."""
        return self._columns[name][: self.size]

    @property
    def covered(self) -> int:
        """Number of voxels of 0.03 E in (C11, C12, C22) that hold a cell."""
        return len(self._coarse)

    @property
    def ease(self) -> FloatArray | None:
        """Weight of each cell as a parent, larger for simpler ones; None if all are equal."""
        if not self.recipe.keep_simple:
            return None
        return np.asarray(np.exp(-_EASE * self.column("length")))

    def append(self, packed: ByteArray, properties: FloatArray, parents: IntArray) -> None:
        """Append cells without acceptance tests."""
        nodes, unit = self.grid.place(properties)
        rows: dict[str, AnyArray] = {"packed": packed, "properties": properties}
        rows |= {"parents": parents, "nodes": nodes, "unit": unit}
        rows["length"] = self._relative_length(
            unpack_quarters(packed, self.recipe.size), properties
        )
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
        self._coarse.update(self._coarse_voxels(properties, _COARSE))
        self._fine.update(self._coarse_voxels(properties, _FINE))

    def add(self, children: Children, parents: IntArray) -> int:
        """Accept the children that are new and not crowded, with their transposes.

        Parameters
        ----------
        children : Children
        parents : (n,) array
            Row of the parent of each cell of the chunk, -1 for a seed.

        Returns
        -------
        int
            Number of cells that were added.
        """
        rows, packed, properties = children
        if not len(rows):
            return 0
        quarters = unpack_quarters(packed, self.recipe.size)
        turned = pack_quarters(np.ascontiguousarray(quarters.transpose(0, 2, 1)))
        keep = self._is_new(packed, turned)
        if self.recipe.keep_simple:
            keep[keep] = self._is_simple_enough(quarters[keep], properties[keep])
        keep[keep] = self._has_free_voxel(properties[keep])
        packed, turned, properties = packed[keep], turned[keep], properties[keep]
        other = (turned != packed).any(axis=1)
        origin = self.size + np.flatnonzero(other)
        self.append(packed, properties, parents[rows[keep]])
        self.append(turned[other], swapped(properties[other]), origin)
        return len(packed) + int(other.sum())

    def _is_new(self, packed: ByteArray, turned: ByteArray) -> BoolArray:
        """Whether each shape is unknown, as it is and transposed."""
        seen: set[bytes] = set()
        new = np.zeros(len(packed), dtype=bool)
        for row, (bits, other) in enumerate(zip(packed, turned, strict=True)):
            shape, transpose = bits.tobytes(), other.tobytes()
            if shape not in self._shapes and shape not in seen:
                new[row] = True
                seen.update((shape, transpose))
        return new

    def _is_simple_enough(self, quarters: ByteArray, properties: FloatArray) -> BoolArray:
        """Whether each cell has a short boundary, or a voxel that no other cell is in.

        Most voxels that an intricate cell reaches first can hold a simple one. Early on only large
        voxels count, which still lets growth reach new properties.
        """
        length = self._relative_length(quarters, properties)
        keep = length <= 1.0
        early = self.size < _EARLY * self.target_size
        near = self._coarse_voxels(properties, _COARSE if early else _FINE)
        known = self._coarse if early else self._fine
        seen = {near[row] for row in np.flatnonzero(keep)}
        for row in np.argsort(length, kind="stable"):
            if near[row] not in known and near[row] not in seen:
                keep[row] = True
                seen.add(near[row])
        return np.asarray(keep)

    def _relative_length(self, quarters: ByteArray, properties: FloatArray) -> FloatArray:
        """Length of each boundary relative to the longest that a simple cell may have."""
        short = simple_length(properties, self.recipe.phases.solid, self.recipe.size)
        return np.asarray(boundary_length(quarters) / short)

    def _has_free_voxel(self, properties: FloatArray) -> BoolArray:
        """Whether each cell is the first in its voxel."""
        seen: set[int] = set()
        keep = np.zeros(len(properties), dtype=bool)
        for row, voxel in enumerate(self._voxels_of(properties)):
            if voxel not in self._voxels and voxel not in seen:
                keep[row] = True
                seen.add(voxel)
        return keep

    def _coarse_voxels(self, properties: FloatArray, width: float) -> list[int]:
        """Voxel index of each row in (C11, C12, C22), for voxels of edge `width` (units of E)."""
        scaled = properties[:, :3] / self.recipe.phases.solid.young
        voxels: list[int] = _keys(np.floor(scaled / width)).tolist()
        return voxels

    def _voxels_of(self, properties: FloatArray) -> list[int]:
        """Voxel index of each row: linear steps for large moduli, logarithmic for small ones."""
        scaled = properties / self.recipe.phases.solid.young
        moduli = scaled[:, [0, 2, 3]]
        least = _VOXEL / _RATIO
        linear = moduli >= least
        # the two kinds of step meet continuously
        steps = np.where(linear, moduli / _VOXEL, (1.0 + np.log(moduli / least)) / _RATIO)
        anisotropy = scaled[:, 1] / np.sqrt(scaled[:, 0] * scaled[:, 2])
        stiff = linear[:, 0] & linear[:, 1]
        coupling = np.where(stiff, scaled[:, 1] / _VOXEL, 2048.0 + anisotropy / _COUPLING)
        voxels: list[int] = _keys(np.floor(np.column_stack([steps, coupling]))).tolist()
        return voxels


def _keys(voxels: FloatArray) -> IntArray:
    """Index (n,) of each voxel (n, d) with integer coordinates between -4096 and 4095."""
    key = np.zeros(len(voxels), dtype=np.int64)
    for column in voxels.astype(np.int64).T:
        key = key * 8192 + (np.clip(column, -4096, 4095) + 4096)
    return key
