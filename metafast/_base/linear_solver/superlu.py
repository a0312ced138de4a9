"""SuperLU of scipy: available everywhere, several times slower than PARDISO."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from metafast._base.linear_solver.errors import not_positive_definite, singular
from metafast._base.typing import FloatArray

_TINY = 1e-13  # smaller pivots, relative to the largest entry, count as zero


class SuperLU:
    """SuperLU of the full matrix, pivots kept on the diagonal.

    Parameters
    ----------
    upper : (n, n) scipy CSR matrix or array
        Upper triangle.
    definite : bool
        Whether a negative pivot is an error. With every pivot on the diagonal the factor is
        LDL^T, and the signs of the pivots are those of the eigenvalues (Sylvester).

    Attributes
    ----------
    negative : int
        Number of negative eigenvalues.
    """

    def __init__(self, upper: Any, definite: bool = True) -> None:
        position = np.arange(1, upper.nnz + 1, dtype=np.int64)
        half = sp.csr_array((position, upper.indices, upper.indptr), shape=upper.shape)
        full = sp.csc_array(half + sp.triu(half, 1).T)
        full.sort_indices()
        self._entries = full.data - 1
        self._matrix = sp.csc_array(
            (np.zeros(full.nnz), full.indices.astype(np.int32), full.indptr.astype(np.int32)),
            shape=full.shape,
        )
        self._factor: Any = None
        self._definite, self.negative = definite, 0

    def factorise(self, data: FloatArray) -> None:
        """Numerical factorisation with the values `data` on the analysed pattern."""
        self._matrix.data = data[self._entries]
        try:
            self._factor = splu(
                self._matrix,
                permc_spec="MMD_AT_PLUS_A",
                diag_pivot_thresh=0.0,
                options={"SymmetricMode": True},
            )
        except RuntimeError as error:
            raise (not_positive_definite(None) if self._definite else singular()) from error
        self._check_pivots(float(np.abs(data).max()))

    def _check_pivots(self, scale: float) -> None:
        """Count the negative pivots; some that cannot be used are an error."""
        # Pivot k stands in row `eliminated[k]`; a pivot off the diagonal means a zero on it.
        eliminated = np.argsort(self._factor.perm_c)
        pivots = self._factor.U.diagonal()
        off = (self._factor.perm_r != self._factor.perm_c)[eliminated]
        bad = off | (~(pivots > 0) if self._definite else ~(np.abs(pivots) > _TINY * scale))
        if bad.any():
            self._factor = None
            row = int(eliminated[np.flatnonzero(bad)[0]])
            raise not_positive_definite(row) if self._definite else singular()
        self.negative = int((pivots < 0).sum())

    def solve(self, rhs: FloatArray) -> FloatArray:
        """Solution for one right-hand side (n,) or for k columns (n, k)."""
        solution = self._factor.solve(rhs)
        if not self._definite:  # pivots were not chosen by their size: remove the rounding
            solution += self._factor.solve(rhs - self._matrix @ solution)
        return np.asarray(solution)

    def close(self) -> None:
        """Free the factor."""
        self._factor = None
