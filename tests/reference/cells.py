"""Random cells, mirror-symmetric and not, and a plain test of their connection."""

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


def one_piece(cell):
    """Whether solid pixels are one piece that reaches all four sides, by flood fill."""
    solid = {tuple(p) for p in np.argwhere(cell)}
    if not solid:
        return False
    todo = [next(iter(solid))]
    seen = set(todo)
    while todo:
        i, j = todo.pop()
        for p in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
            if p in solid and p not in seen:
                seen.add(p)
                todo.append(p)
    sides = cell[0].any() and cell[-1].any() and cell[:, 0].any() and cell[:, -1].any()
    return bool(seen == solid and sides)
