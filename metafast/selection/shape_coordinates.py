"""Latent coordinates of cells from their pixels alone: principal components.

Any (n, d) array in which near means similar in shape serves the selection; these are the linear
ones, which need no training.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from sklearn.decomposition import PCA

from metafast._checks import require_count
from metafast._typing import ByteArray, FloatArray
from metafast.database import CellDatabase

_FITTED = 8192  # cells that fit the components; more change nothing that can be seen


class Encoder(Protocol):
    """Anything that gives cells (n, h, w) coordinates (n, d) in which near means similar."""

    def encode(self, cells: ByteArray) -> FloatArray:
        """Latent coordinates (n, d) of the cells."""
        ...


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


def shape_coordinates(database: CellDatabase, encoder: Encoder | None = None) -> FloatArray:
    """Principal components (n, d) of a model's latent variables, or else of the cells' pixels.

    Latent variables stand in no order; the candidates are clustered on the first two components.

    Parameters
    ----------
    database : CellDatabase
    encoder : Encoder, optional
        A `CellVAE`, or anything whose `encode(cells)` returns (n, d).
    """
    if encoder is None:
        return pixel_components(database)
    z = np.asarray(encoder.encode(database.cells), dtype=float)
    if z.ndim != 2 or not np.isfinite(z).all():
        return z  # select_candidates says what is wrong with it
    return np.asarray(PCA().fit_transform(z))
