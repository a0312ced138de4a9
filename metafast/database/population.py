"""The cells grown so far, and what decides whether a child joins them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from metafast._typing import BoolArray, ByteArray, FloatArray, IntArray
from metafast.database.coordinates import PropertyCoordinates
from metafast.database.packing import mirror
from metafast.database.repair import repair
from metafast.homogenization import homogenize, properties_of
from metafast.material import Material

_VOXEL = 0.01  # in C11, C12, C22, C33
_LOG_VOXEL = np.array([0.15, 0.02, 0.15, 0.15])  # in ln C11, C12/sqrt(C11 C22), ln C22, ln C33
_PER_VOXEL = 2


@dataclass
class Population:
    """Quarter cells with their properties, and what decides whether a child is new."""

    material: Material
    threads: int | None
    quarters: list[ByteArray] = field(default_factory=list)
    properties: list[FloatArray] = field(default_factory=list)
    parents: list[IntArray] = field(default_factory=list)
    size: int = 0
    shapes: set[bytes] = field(default_factory=set)
    voxels: dict[tuple[int, ...], int] = field(default_factory=dict)

    def append(self, quarters: ByteArray, properties: FloatArray, parents: IntArray) -> None:
        """Take in cells without asking."""
        self.quarters.append(quarters)
        self.properties.append(properties)
        self.parents.append(parents)
        self.size += len(quarters)
        self.shapes.update(_hashes(quarters))
        for voxel in _voxels(properties):
            self.voxels[voxel] = self.voxels.get(voxel, 0) + 1

    def joined(self) -> tuple[ByteArray, FloatArray, IntArray]:
        """All cells so far; the list of parts is replaced by the joined part."""
        self.quarters = [np.concatenate(self.quarters)]
        self.properties = [np.concatenate(self.properties)]
        self.parents = [np.concatenate(self.parents)]
        return self.quarters[0], self.properties[0], self.parents[0]

    def add(self, candidates: ByteArray, parents: IntArray, width: int) -> int:
        """Repair, drop what is known or crowded, homogenize, keep; each with its transpose."""
        sound = repair(candidates, width)
        candidates, parents = candidates[sound], parents[sound]
        fresh = self._fresh(candidates)
        candidates, parents = candidates[fresh], parents[fresh]
        if not len(candidates):
            return 0
        stiffness = homogenize(mirror(candidates), self.material, threads=self.threads)
        properties = properties_of(stiffness)
        roomy = self._roomy(properties)
        candidates, properties, parents = candidates[roomy], properties[roomy], parents[roomy]
        turned = np.ascontiguousarray(candidates.transpose(0, 2, 1))
        other = (turned != candidates).any((1, 2))
        origin = self.size + np.flatnonzero(other)
        self.append(candidates, properties, parents)
        self.append(turned[other], properties[other][:, [2, 1, 0, 3]], origin)
        return len(candidates) + int(other.sum())

    def _fresh(self, candidates: ByteArray) -> IntArray:
        known = set(self.shapes)
        fresh = []
        turned = _hashes(np.ascontiguousarray(candidates.transpose(0, 2, 1)))
        for row, (shape, transpose) in enumerate(zip(_hashes(candidates), turned, strict=True)):
            if shape not in known:
                fresh.append(row)
                known.update((shape, transpose))
        return np.array(fresh, dtype=np.int64)

    def _roomy(self, properties: FloatArray) -> BoolArray:
        """Keep a cell whose linear or whose logarithmic voxel still has room."""
        room: dict[tuple[int, ...], int] = {}
        keep = np.zeros(len(properties), dtype=bool)
        voxels = _voxels(properties)
        for row in range(len(properties)):
            pair = voxels[2 * row], voxels[2 * row + 1]
            filled = [self.voxels.get(v, 0) + room.get(v, 0) for v in pair]
            if min(filled) < _PER_VOXEL:
                keep[row] = True
                for v in pair:
                    room[v] = room.get(v, 0) + 1
        return keep


def _hashes(quarters: ByteArray) -> list[bytes]:
    n, h, w = quarters.shape
    return [row.tobytes() for row in np.packbits(quarters.reshape(n, h * w), axis=1)]


def _voxels(properties: FloatArray) -> list[tuple[int, ...]]:
    """A linear and a logarithmic voxel for each row, in turn."""
    zero, one = np.zeros(4), np.ones(4)
    log = PropertyCoordinates("log", zero, one).to_unit(properties)
    linear_voxel = np.floor(properties / _VOXEL).astype(int)
    log_voxel = np.floor(log / _LOG_VOXEL).astype(int)
    pairs = zip(linear_voxel.tolist(), log_voxel.tolist(), strict=True)
    return [voxel for a, b in pairs for voxel in ((0, *a), (1, *b))]
