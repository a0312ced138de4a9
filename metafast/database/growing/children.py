"""One chunk of children: perturbed, repaired, homogenized. What a worker of a cluster does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from metafast._base.typing import ByteArray, FloatArray, IntArray
from metafast.cells.repair import Limits, repair
from metafast.database.growing.perturb import perturb
from metafast.homogenization.effective import homogenize_quarters, properties_of
from metafast.phases import Phases


@dataclass(frozen=True)
class Recipe:
    """What all children of a build share.

    Attributes
    ----------
    phases : Phases
    size : pixels a side of a quarter
    limits : Limits
    threads : int or None
    simple : bool
        Whether intricate cells join only where there is no other.
    """

    phases: Phases
    size: int
    limits: Limits
    threads: int | None
    simple: bool = True


class Children(NamedTuple):
    """The sound ones among a chunk.

    Attributes
    ----------
    rows : (m,) array
        Which of the chunk.
    packed : (m, bytes) array
        Their quarters as bits.
    properties : (m, 4) array
    """

    rows: IntArray
    packed: ByteArray
    properties: FloatArray


def pack_quarters(quarters: ByteArray) -> ByteArray:
    """Bits (n, bytes) of quarters (n, q, q)."""
    n, h, w = quarters.shape
    return np.packbits(quarters.reshape(n, h * w), axis=1)


def unpack_quarters(packed: ByteArray, size: int) -> ByteArray:
    """Quarters (n, size, size) of bits (n, bytes)."""
    return np.unpackbits(packed, axis=1, count=size * size).reshape(-1, size, size)


def evaluate(quarters: ByteArray, recipe: Recipe) -> Children:
    """Repair quarters (n, q, q) in place; the sound and distinct ones with their properties."""
    rows = np.flatnonzero(repair(quarters, recipe.limits, recipe.threads))
    packed = pack_quarters(quarters[rows])
    first = np.sort(np.unique(packed, axis=0, return_index=True)[1])
    rows, packed = rows[first], packed[first]
    if not len(rows):
        return Children(rows, packed, np.empty((0, 4)))
    stiffness = homogenize_quarters(quarters[rows], recipe.phases, recipe.threads)
    return Children(rows, packed, properties_of(stiffness))


def grow_chunk(parents: ByteArray, seed: np.random.SeedSequence, recipe: Recipe) -> Children:
    """One child of each parent, given as bits (n, bytes); the same wherever it is computed."""
    quarters = unpack_quarters(parents, recipe.size)
    return evaluate(perturb(quarters, np.random.default_rng(seed), recipe.threads), recipe)
