"""Task of one chunk of children: perturbation, repair and homogenization."""

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
    """Settings that all children of a build share.

    Attributes
    ----------
    phases : Phases
    size : int
        Pixels per side of a quarter.
    limits : Limits
    threads : int or None
    keep_simple : bool
        Whether intricate cells are accepted only where there is no other.
    """

    phases: Phases
    size: int
    limits: Limits
    threads: int | None
    keep_simple: bool = True


class Children(NamedTuple):
    """Sound and distinct children of a chunk.

    Attributes
    ----------
    rows : (m,) array
        Rows of the chunk.
    packed : (m, bytes) array
        Quarters of the children as bits.
    properties : (m, 4) array
        C11, C12, C22, C33 of the children.
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
    """Repair quarters (n, q, q) in place; return the sound and distinct ones."""
    rows = np.flatnonzero(repair(quarters, recipe.limits, recipe.threads))
    packed = pack_quarters(quarters[rows])
    first = np.sort(np.unique(packed, axis=0, return_index=True)[1])
    rows, packed = rows[first], packed[first]
    if not len(rows):
        return Children(rows, packed, np.empty((0, 4)))
    stiffness = homogenize_quarters(quarters[rows], recipe.phases, recipe.threads)
    return Children(rows, packed, properties_of(stiffness))


def grow_chunk(parents: ByteArray, seed: np.random.SeedSequence, recipe: Recipe) -> Children:
    """Perturb each parent, given as bits (n, bytes), into one child; a task for a worker."""
    quarters = unpack_quarters(parents, recipe.size)
    return evaluate(perturb(quarters, np.random.default_rng(seed), recipe.threads), recipe)
