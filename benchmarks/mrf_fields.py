"""Smooth, tie-rich fields such as images give, for `bench_assembly.py`: stereo and Potts."""

from __future__ import annotations

import numpy as np


def stereo(seed, rows, cols, levels, weight=20.0, texture=0.35):
    """Disparities of a made-up pair of images with texture in a share of the pixels.

    Unary costs are absolute differences of grey values, a third of the pixels say little. One
    (levels, levels) table, weight * min(|a - b|, 2), serves all edges.
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :cols]
    truth = (levels / 2 + levels / 3 * np.sin(5 * x / cols) * np.cos(4 * y / rows)).astype(int)
    truth[rows // 4 : rows // 2, cols // 4 : cols // 2] = levels - 3
    shape = (rows, cols + levels)
    image = np.where(rng.random(shape) < texture, rng.integers(0, 255, shape), 120)
    image = image + rng.integers(-3, 4, shape)
    left = np.take_along_axis(image, x + truth, 1) + rng.integers(-6, 7, (rows, cols))
    unary = np.stack([np.abs(left - image[:, k : k + cols]) for k in range(levels)], -1)
    k = np.arange(levels)
    return unary.astype(float), weight * np.minimum(abs(k[:, None] - k), 2).astype(float)


def potts(seed, rows, cols, labels, weight=1.0, noise=0.9):
    """Segments of a noisy picture of patches: squared differences, and a cost for every border."""
    rng = np.random.default_rng(seed)
    centres = rng.random((3 * labels, 2)) * (rows, cols)
    y, x = np.mgrid[:rows, :cols]
    nearest = ((y[..., None] - centres[:, 0]) ** 2 + (x[..., None] - centres[:, 1]) ** 2).argmin(-1)
    picture = nearest % labels + noise * rng.standard_normal((rows, cols))
    k = np.arange(labels)
    return (picture[..., None] - k) ** 2, weight * (k[:, None] != k)


def written_out(unary, table):
    """Tables for every edge, as peers want them."""
    rows, cols, labels = unary.shape
    shapes = (rows, cols - 1, labels, labels), (rows - 1, cols, labels, labels)
    return (unary, *(np.ascontiguousarray(np.broadcast_to(table, shape)) for shape in shapes))
