"""Random cells for the tests of homogenization."""

import numpy as np


def mirrored(quarters):
    """Mirror-symmetric cells (n, 2h, 2w) from their upper left quarters."""
    upper = np.concatenate([quarters, quarters[:, :, ::-1]], 2)
    return np.concatenate([upper, upper[:, ::-1]], 1)


def random_cells(n, h, w, solid, seed):
    return np.random.default_rng(seed).random((n, h, w)) < solid


def both_kinds(count, h, w, solid=0.7, seed=0):
    """`count` mirror-symmetric cells and as many without symmetry."""
    rng = np.random.default_rng(seed)
    symmetric = mirrored(rng.random((count, h // 2, w // 2)) < solid)
    return np.concatenate([symmetric, rng.random((count, h, w)) < solid])
