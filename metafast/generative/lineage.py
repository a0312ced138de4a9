"""Cells to hold out: whole lineages, since a grown cell differs from its parent by few pixels."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import BoolArray, IntArray


def lineages(parents: IntArray) -> IntArray:
    """Row of the seed (n,) from which each cell was grown, itself for a seed."""
    n = len(parents)
    root = np.where(parents < 0, np.arange(n), parents)
    while True:
        further = root[root]
        if (further == root).all():
            return root
        root = further


def held_out(parents: IntArray, share: float, seed: int) -> BoolArray:
    """Mask (n,) of about `share` of the cells: lineages in random order until they are enough.

    Lineages that alone are larger than a quarter of what is wanted are held out only if there are
    no others, and then the smallest of them. Seeds without children count as lineages of one.
    """
    wanted = max(1, round(share * len(parents)))
    root = lineages(parents)
    seeds, size = np.unique(root, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(seeds))
    order = order[size[order] <= max(1, wanted // 4)]
    taken = order[np.cumsum(size[order]) <= wanted]
    if not len(taken):
        taken = order[:1] if len(order) else np.array([int(size.argmin())])
    return np.asarray(np.isin(root, seeds[taken]))
