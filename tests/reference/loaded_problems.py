"""Problems with forces, tractions and springs for the tests."""

from __future__ import annotations

import numpy as np

import metafast as mf


def bar(rows, cols, **loads):
    """Rollers on the left and at the bottom."""
    prescribed = np.full((rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0, 0] = 0.0
    prescribed[-1, :, 1] = 0.0
    target = np.full_like(prescribed, np.nan)
    target[0, -1, 0] = 1.0
    return mf.Problem("bar", prescribed, target, **loads)


def cantilever(rows, cols, **loads):
    prescribed = np.full((rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0] = 0.0
    target = np.full_like(prescribed, np.nan)
    target[:, -1] = 1.0
    return mf.Problem("cantilever", prescribed, target, **loads)


def loaded(rows=2, cols=3, size=0.01):
    forces, springs = np.zeros((2, rows + 1, cols + 1, 2))
    forces[0, cols], forces[1, 1, 1] = (0.5 * size, -size), 0.5 * size
    springs[-1, cols] = 0.03, 0.02
    springs[1, 1, 0], springs[0, 1, 1] = 0.1, 0.05
    tractions = np.zeros((rows, cols, 4, 2))
    tractions[0, 1:, 2] = 0.2 * size, -0.3 * size
    tractions[-1, 0, 3, 1] = size
    return cantilever(rows, cols, forces=forces, springs=springs, tractions=tractions)


def afloat():
    """A body that springs alone hold, out of line with each other."""
    forces, springs = np.zeros((2, 3, 4, 2))
    free = np.full((3, 4, 2), np.nan)
    target = free.copy()
    target[0, 2, 0] = 1.0
    springs[1, 0, 0], springs[[0, 2], [0, -1], 1] = 0.05, 0.1
    forces[0, -1] = 0.002, 0.001
    return mf.Problem("afloat", free, target, forces=forces, springs=springs)


def end_traction(rows, cols, traction):
    tractions = np.zeros((rows, cols, 4, 2))
    tractions[:, -1, 1] = traction
    return tractions
