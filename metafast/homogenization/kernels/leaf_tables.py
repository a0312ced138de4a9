"""Tables of the Schur complements of all void/solid patterns of small leaves."""

from __future__ import annotations

import numpy as np

from metafast._base.jit import jit
from metafast._base.typing import FloatArray
from metafast.homogenization.elimination.leaves import LeafKind
from metafast.homogenization.lanes import LANES, aligned_empty


def pattern_tables(kinds: list[LeafKind], solid: FloatArray, void: FloatArray) -> FloatArray:
    """Complements of all patterns of all kinds of leaves, in one flat array.

    Parameters
    ----------
    kinds : list of LeafKind
    solid, void : (4, 11, 11)
        Element matrices of the two materials, from `class_matrices`.
    """
    last = kinds[-1]
    table = aligned_empty(1, -(-(last.start + (last.stride << len(last.variables))) // LANES))[0]
    table[:] = 0.0
    matrices = np.stack([void, solid])
    for kind in kinds:
        count = 1 << len(kind.variables)
        rows = table[kind.start : kind.start + kind.stride * count].reshape(count, kind.stride)
        _eliminate_patterns(kind.variables, kind.classes, matrices, kind.pivots, kind.size, rows)
    return table


@jit()
def _eliminate_patterns(variables, classes, matrices, pivots, size, rows):
    """Packed complement of every void/solid pattern: bit k is the pixel of element k.

    Written out rather than left to LAPACK, whose rounding depends on the processor.
    """
    front = np.empty((size, size))
    for pattern in range(rows.shape[0]):
        front[:] = 0.0
        for e in range(len(variables)):
            matrix = matrices[(pattern >> e) & 1, classes[e]]
            for a in range(11):
                for b in range(11):
                    i, j = variables[e, a], variables[e, b]
                    if i >= j >= 0:
                        front[i, j] += matrix[a, b]
        for p in range(pivots):
            inverse = 1.0 / front[p, p]
            for i in range(p + 1, size):
                factor = front[i, p] * inverse
                for j in range(p + 1, i + 1):
                    front[i, j] -= factor * front[j, p]
        entry = 0
        for i in range(pivots, size):
            for j in range(pivots, i + 1):
                rows[pattern, entry] = front[i, j]
                entry += 1
