"""Density filter and projection of quarter cells, with derivatives (SIMP, section 3.2).

The filter is a Gaussian whose weights are mirrored at all four edges of the quarter: two are mirror
axes, the other two are sides of the cell, where the periodic pattern is mirrored as well.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from metafast._base.typing import FloatArray


@lru_cache(maxsize=64)
def mirrored_gaussian(size: int, sigma: float) -> FloatArray:
    """Gaussian weights (size, size) for a line mirrored at both ends; rows sum to 1."""
    reach = int(4.0 * sigma + 0.5)
    steps = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (steps / sigma) ** 2)
    weights /= weights.sum()
    at = np.arange(size)[:, None] + steps
    at = np.mod(at, 2 * size)
    at = np.where(at < size, at, 2 * size - 1 - at)
    matrix = np.zeros((size, size))
    np.add.at(matrix, (np.arange(size)[:, None], at), weights)
    matrix.setflags(write=False)
    return matrix


def smooth(fields: FloatArray, sigma: float) -> FloatArray:
    """Fields (n, q, q) smoothed with deviation `sigma` pixels; the filter is symmetric."""
    weights = mirrored_gaussian(fields.shape[1], sigma)
    return np.asarray(weights @ fields @ weights.T)


def project(fields: FloatArray, beta: float) -> tuple[FloatArray, FloatArray]:
    """Smoothed step at 1/2 with steepness `beta`, and its derivative by the field."""
    half = np.tanh(0.5 * beta)
    step = np.tanh(beta * (fields - 0.5))
    return (half + step) / (2.0 * half), beta * (1.0 - step**2) / (2.0 * half)
