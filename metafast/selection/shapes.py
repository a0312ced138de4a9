"""Shape coordinates of cells: latents of an encoder, or principal components of the pixels."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from typing import Any, Protocol

import numpy as np

from metafast._base.checks import (
    require_array,
    require_count,
    require_instance,
)
from metafast._base.typing import ByteArray, FloatArray, IntArray
from metafast.database import CellDatabase

_SAMPLE = 8192  # cells that the components are fitted to; more make no visible difference
_KEPT = 2  # results that are kept
_known: OrderedDict[tuple[Any, ...], FloatArray] = OrderedDict()
_lock = threading.Lock()


class Encoder(Protocol):
    """Model that gives cells coordinates in which near means similar in shape."""

    def encode(self, cells: ByteArray) -> FloatArray:
        """Latent coordinates (n, d) of cells (n, h, w)."""
        ...


def pixel_components(database: CellDatabase, count: int = 16) -> FloatArray:
    """Principal components (n, count) of the cells' pixels: coordinates that need no training.

    Those of the last two sets of cells are kept, since many designs are made of the same cells.

    Parameters
    ----------
    database : CellDatabase
    count : int
        Number of components; fewer if the database has fewer cells or pixels.

    Returns
    -------
    (n, count) array
        Components of each cell, sorted by explained variance.
    """
    require_instance("database", database, CellDatabase)
    count = require_count("count", count)
    digest = hashlib.blake2b(database.packed.tobytes()).digest()
    key = count, database.shape, database.symmetric, digest
    with _lock:
        found = _known.get(key)
    if found is None:
        found = _components(database, count)
        with _lock:
            _known[key] = found
            while len(_known) > _KEPT:
                _known.popitem(last=False)
    return found.copy()


def _components(database: CellDatabase, count: int) -> FloatArray:
    """Principal components (n, count) of the pixels of cells."""
    pixels = database.distinct_pixels().astype(np.float32)
    if len(pixels) == 1:  # one cell has no direction in which it differs
        return np.zeros((1, 1))
    step = max(1, len(pixels) // _SAMPLE)
    sample = pixels[::step]
    from sklearn.decomposition import PCA  # takes half a second to import

    pca = PCA(min(count, *sample.shape), svd_solver="covariance_eigh").fit(sample)
    return np.asarray(pca.transform(pixels), dtype=float)


def require_encoder(encoder: Any, n: int) -> Encoder | FloatArray:
    """Return an encoder, or latents (n, d) of all cells, checked."""
    return encoder if can_encode(encoder) else _require_latents(encoder, n)


def latents_of(encoder: Any, database: CellDatabase, rows: IntArray) -> FloatArray:
    """Latents (m, d) of some rows: from latents (n, d) of all rows, or by encoding these rows."""
    if not can_encode(encoder):
        return _require_latents(encoder, len(database))[rows]
    return _require_latents(encoder.encode(database.take(rows)), len(rows))


def can_encode(encoder: Any) -> bool:
    """Whether the argument is a model rather than an array; str.encode is no model."""
    return callable(getattr(encoder, "encode", None)) and not isinstance(encoder, (str, type))


def _require_latents(latents: Any, n: int) -> FloatArray:
    """Return latents (n, d) of n cells as an array, checked."""
    points = require_array("latents", latents)
    if points.ndim != 2 or points.shape[0] != n or points.shape[1] < 1:
        raise ValueError(f"latents have shape {points.shape}; ({n}, d) is needed, one row per cell")
    if not np.isfinite(points).all():
        raise ValueError("latents contain NaN or infinity; encode the cells again")
    return points
