"""Latent coordinates of cells from their pixels alone: principal components.

Any (n, d) array in which near means similar in shape serves the selection; these are the linear
ones, which need no training.
"""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA

from metafast._checks import require_count
from metafast._typing import FloatArray
from metafast.database import CellDatabase

_FITTED = 8192  # cells that fit the components; more change nothing that can be seen


def pixel_components(database: CellDatabase, count: int = 16) -> FloatArray:
    """Principal components (n, count) of the cells' pixels.

    Parameters
    ----------
    database : CellDatabase
    count : int
        Number of components; fewer if the database has fewer cells or pixels.

    Returns
    -------
    (n, count) array
        Component k of each cell, sorted by explained variance.
    """
    count = require_count("count", count)
    pixels = database.distinct_pixels().astype(np.float32)
    step = max(1, len(pixels) // _FITTED)
    sample = pixels[::step]
    pca = PCA(min(count, *sample.shape), svd_solver="covariance_eigh").fit(sample)
    return np.asarray(pca.transform(pixels), dtype=float)
