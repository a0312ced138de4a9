"""Random smooth shape perturbations of quarter cells through their signed distance (section 3.2).

Each function maps signed distances (n, q, q), positive in the solid, to perturbed ones; the
mirrored quarter keeps the symmetry. Amplitudes are in pixels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from metafast._base.checks import require_threads
from metafast._base.jit import numba_threads
from metafast._base.typing import ByteArray, FloatArray
from metafast.database.growing.seeds import random_bars, smooth_fields, smoothed
from metafast.database.growing.shapes import signed_distance, warp

_ROUNDED = 0.5  # fraction of the children whose corners are rounded
_CORNER = 1.0  # deviation of the Gaussian that rounds them, in pixels
_DEPTH = 3.0  # distance at which the rounding clips the field, in pixels

Perturbation = Callable[[FloatArray, np.random.Generator], FloatArray]


def _each(low: float, high: float, n: int, rng: np.random.Generator) -> FloatArray:
    return np.asarray(rng.uniform(low, high, n)[:, None, None])


def _centred(size: int) -> tuple[FloatArray, FloatArray]:
    line = (np.arange(size) - (size - 1) / 2) / (size / 2)
    return np.asarray(line[:, None]), np.asarray(line[None, :])


def smooth_warp(f: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Move the shape by a Gaussian displacement field."""
    n, q, _ = f.shape
    sigma = float(rng.choice([2.5, 4.0, 6.0]))
    down = smooth_fields(n, q, sigma, rng) * _each(0.5, 3.0, n, rng)
    right = smooth_fields(n, q, sigma, rng) * _each(0.5, 3.0, n, rng)
    return np.asarray(warp(f, down, right))


def offset(f: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Thicken or thin everywhere."""
    n, q, _ = f.shape
    step = rng.choice([-2.0, -1.0, -0.6, 0.6, 1.0, 2.0], n)[:, None, None]
    return np.asarray(f + step + 0.3 * smooth_fields(n, q, 6.0, rng))


def tilt(f: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Thicken at one end and thin at the other."""
    n, q, _ = f.shape
    y, x = _centred(q)
    slopes = y * _each(-1.5, 1.5, n, rng) + x * _each(-1.5, 1.5, n, rng)
    return np.asarray(f + slopes + _each(-0.5, 0.5, n, rng))


def stretch(f: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Stretch or shift along the axes."""
    n, q, _ = f.shape
    y, x = np.arange(q)[:, None], np.arange(q)[None, :]
    from_row = np.asarray(rng.integers(0, 2, n))[:, None, None] * (q - 1.0)
    from_column = np.asarray(rng.integers(0, 2, n))[:, None, None] * (q - 1.0)
    shift = np.where(rng.random((2, n)) < 0.4, rng.uniform(-3.0, 3.0, (2, n)), 0.0)
    down = (y - from_row) * _each(-0.25, 0.25, n, rng) + shift[0][:, None, None] + 0.0 * x
    right = (x - from_column) * _each(-0.25, 0.25, n, rng) + shift[1][:, None, None] + 0.0 * y
    return np.asarray(warp(f, down, right))


def noise(f: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Thicken and thin at random along the boundary."""
    n, q, _ = f.shape
    sigma = float(rng.choice([1.5, 2.5, 4.0]))
    return np.asarray(f + smooth_fields(n, q, sigma, rng) * _each(0.4, 2.0, n, rng))


def slim(f: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Thin the solid unevenly, except for ridges, which stay two pixels wide.

    Slender parts stay connected, which leads to soft cells.
    """
    n, q, _ = f.shape
    near = np.pad(f, ((0, 0), (1, 1), (1, 1)), mode="edge")
    across = (f >= near[:, 1:-1, :-2]) & (f >= near[:, 1:-1, 2:])
    along = (f >= near[:, :-2, 1:-1]) & (f >= near[:, 2:, 1:-1])
    ridge = (f > 0) & (across | along)
    ridge[:, 1:] |= ridge[:, :-1]
    ridge[:, :, 1:] |= ridge[:, :, :-1]
    less = np.maximum(_each(-1.0, 4.0, n, rng) + 1.5 * smooth_fields(n, q, 6.0, rng), 0.0)
    return np.where(ridge, np.maximum(f, 0.5), f - less)


def add_bar(f: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Add a random bar."""
    return np.asarray(np.maximum(f, random_bars(len(f), f.shape[1], rng)))


def cut_slot(f: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Cut a random slot."""
    return np.asarray(np.minimum(f, -random_bars(len(f), f.shape[1], rng)))


OPERATIONS: tuple[tuple[Perturbation, float], ...] = (
    (smooth_warp, 0.42),
    (offset, 0.13),
    (tilt, 0.12),
    (stretch, 0.12),
    (noise, 0.11),
    (slim, 0.08),
    (add_bar, 0.05),
    (cut_slot, 0.05),
)


def perturb(quarters: ByteArray, rng: np.random.Generator, threads: int | None = None) -> ByteArray:
    """Apply a random perturbation to each parent quarter (n, q, q); no repair yet."""
    weights = np.array([weight for _, weight in OPERATIONS])
    chosen = rng.choice(len(OPERATIONS), len(quarters), p=weights / weights.sum())
    children = np.empty_like(quarters)
    with numba_threads(require_threads(threads)):
        for k, (operation, _) in enumerate(OPERATIONS):
            members = np.flatnonzero(chosen == k)
            if len(members):
                field = operation(signed_distance(quarters[members]), rng)
                rounded = rng.random(len(members)) < _ROUNDED
                near = np.clip(field[rounded], -_DEPTH, _DEPTH)
                field[rounded] = smoothed(near, _CORNER)
                children[members] = field > 0
    return children
