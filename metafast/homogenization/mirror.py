"""Fields of whole cells from the fields of their upper left quarters.

A field that was solved on a whole periodic cell is copied. A mirror keeps a field under normal
strains and turns its sign under shear, but for the component across the mirror, where it is the
other way round. Displacements of a quarter are measured from its left and lower edge, the left side
and the horizontal axis of the cell; the side opposite a mirror axis moves twice as far as the axis.
"""

from __future__ import annotations

from numba import prange

from metafast._base.jit import jit
from metafast.homogenization.kernels.element_sums import PAIRS

_TURNS = (1.0, 1.0, -1.0)  # sign that a mirror gives the fields of each unit strain


@jit(parallel=True)
def unfold_displacements(solved, members, scale, result):
    """Displacements relative to the upper left corner, times `scale`.

    Parameters
    ----------
    solved : (n, 3, h + 1, w + 1, 2) array
        Displacements of quarters or whole cells under the three unit strains.
    members : (n,) array
        Rows of the result.
    result : (m, 3, h + 1, w + 1, 2) array, or (m, 3, 2h + 1, 2w + 1, 2) for quarters
    """
    rows, cols = solved.shape[2] - 1, solved.shape[3] - 1
    for k in prange(len(members)):
        for s in range(3):
            for r in range(result.shape[2]):
                row = r if r <= rows else 2 * rows - r
                for c in range(result.shape[3]):
                    column = c if c <= cols else 2 * cols - c
                    for d in range(2):
                        value = solved[k, s, row, column, d]
                        if c > cols:
                            sign = -_TURNS[s] if d == 0 else _TURNS[s]
                            value = sign * value + (1.0 - sign) * solved[k, s, row, cols, d]
                        if r > rows:
                            value *= _TURNS[s] if d == 0 else -_TURNS[s]
                        value -= solved[k, s, 0, 0, d]
                        result[members[k], s, r, c, d] = scale * value


@jit(parallel=True)
def unfold_derivative(energies, slope, members, result):
    """Derivatives of the stiffness by every pixel's density.

    Parameters
    ----------
    energies : (n, 6, h, w) array
        ``u_k^T k u_l`` of the pixels of quarters or whole cells, in the order of PAIRS.
    slope : (m, h, w) array, or (m, 2h, 2w) for quarters
        Derivative of each pixel's stiffness by its density.
    members : (n,) array
        Rows of slope and result.
    result : (m, 3, 3, h, w) array, or (m, 3, 3, 2h, 2w)
    """
    rows, cols = energies.shape[2:]
    for k in prange(len(members)):
        for pair in range(6):
            i, j = PAIRS[pair]
            turn = _TURNS[i] * _TURNS[j]
            for r in range(result.shape[3]):
                row, left, right = r, 1.0, turn
                if r >= rows:
                    row, left, right = 2 * rows - 1 - r, turn, 1.0
                slopes, target = slope[members[k], r], result[members[k], i, j, r]
                for c in range(cols):
                    target[c] = left * energies[k, pair, row, c] * slopes[c]
                for c in range(cols, result.shape[4]):
                    target[c] = right * energies[k, pair, row, 2 * cols - 1 - c] * slopes[c]
                if i != j:
                    result[members[k], j, i, r] = target
