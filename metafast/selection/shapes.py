"""Latent coordinates of cells from their pixels alone: principal components.

Any (n, d) array in which near means similar in shape serves the selection; these are the linear
ones, which need no training.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from sklearn.decomposition import PCA

from metafast._base.checks import require_array, require_count
from metafast._base.typing import ByteArray, FloatArray, IntArray
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


def latents_of(latents: Any, database: CellDatabase, rows: IntArray) -> FloatArray:
    """Latents (m, d) of some rows, from an array of all rows' (n, d) or by encoding these only."""
    if not is_encoder(latents):
        return checked_latents(latents, len(database))[rows]
    return checked_latents(latents.encode(database.take(rows)), len(rows))


def is_encoder(latents: Any) -> bool:
    """Whether latents are to be asked for from a model."""
    return callable(getattr(latents, "encode", None)) and not isinstance(latents, str)


def checked_latents(latents: Any, n: int) -> FloatArray:
    """Latents (n, d) of n cells as an array; a clear error if they are something else."""
    points = require_array("latents", latents)
    if points.ndim != 2 or points.shape[0] != n or points.shape[1] < 1:
        raise ValueError(f"latents have shape {points.shape}; ({n}, d) is needed, one row per cell")
    if not np.isfinite(points).all():
        raise ValueError("latents contain NaN or infinity; encode the cells again")
    return points
