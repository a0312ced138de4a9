"""k-means over many pools of cells at once, on the two principal components of each (Fig. 11)."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import FloatArray, IntArray

_LLOYD_ROUNDS = 12


def principal_plane(points: FloatArray) -> FloatArray:
    """First two principal components (m, pool, 2) of each target's own pool (m, pool, d)."""
    centred = points - points.mean(axis=1, keepdims=True)
    _, axes = np.linalg.eigh(centred.transpose(0, 2, 1) @ centred)  # rising eigenvalues
    return np.asarray(centred @ axes[:, :, -2:])


def best_of_clusters(points: FloatArray, count: int) -> IntArray:
    """First member (lowest column, so nearest in properties) of each of `count` clusters.

    Lloyd's k-means on all targets at once: points (m, pool, d), centres (m, count, d). Centres
    start at the nearest cell and then, one by one, at the point farthest from those so far.
    """
    m, pool, _ = points.shape
    every = np.arange(m)
    start = np.zeros((m, count), dtype=np.int64)
    gap = ((points - points[:, :1]) ** 2).sum(-1)
    for k in range(1, count):
        start[:, k] = gap.argmax(1)
        gap = np.minimum(gap, ((points - points[every, start[:, k]][:, None]) ** 2).sum(-1))
    centres = points[every[:, None], start]
    for _ in range(_LLOYD_ROUNDS):
        label = ((points[:, :, None] - centres[:, None]) ** 2).sum(-1).argmin(2)
        member = label[..., None] == np.arange(count)
        size = member.sum(1)[..., None]
        mean = np.einsum("mpk,mpd->mkd", member.astype(float), points) / np.maximum(size, 1)
        centres = np.where(size > 0, mean, centres)
    # clusters left empty take the nearest cells that are not yet chosen
    column = np.arange(pool)[None, :, None]
    first = np.where(member, column, pool).min(1)
    picked = np.zeros((m, pool + 1), dtype=bool)
    np.put_along_axis(picked, first, True, axis=1)
    picked = picked[:, :pool]
    missing = count - picked.sum(1)
    spare = np.cumsum(~picked, axis=1) <= missing[:, None]
    picked |= spare & ~picked
    return np.nonzero(picked)[1].reshape(m, count)
