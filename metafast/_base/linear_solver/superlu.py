"""SuperLU of scipy: everywhere, and several times slower."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from metafast._base.linear_solver.errors import not_positive_definite
from metafast._base.typing import AnyArray, FloatArray


class SuperLU:
    """SuperLU of the full matrix, pivots kept on the diagonal."""

    def __init__(self, upper: Any, order: AnyArray | None) -> None:
        size = upper.shape[0]
        position = np.arange(1, upper.nnz + 1, dtype=np.int64)
        half = sp.csr_array((position, upper.indices, upper.indptr), shape=upper.shape)
        full = sp.csc_array(half + sp.triu(half, 1).T)
        self._order = np.arange(size) if order is None else np.asarray(order)
        if order is not None:
            full = sp.csc_array(full[self._order][:, self._order])
        full.sort_indices()
        self._entries = full.data - 1
        self._matrix = sp.csc_array(
            (np.zeros(full.nnz), full.indices.astype(np.int32), full.indptr.astype(np.int32)),
            shape=full.shape,
        )
        self._ordering = "MMD_AT_PLUS_A" if order is None else "NATURAL"
        self._factor: Any = None
        self.memory = 0

    def factorise(self, data: FloatArray) -> None:
        """Numerical factorisation with the values `data` on the analysed pattern."""
        self._matrix.data = data[self._entries]
        try:
            self._factor = splu(
                self._matrix,
                permc_spec=self._ordering,
                diag_pivot_thresh=0.0,
                options={"SymmetricMode": True},
            )
        except RuntimeError as error:
            raise not_positive_definite(None) from error
        # pivot k stands in row `eliminated[k]`; a pivot taken off the diagonal had a zero there
        eliminated = np.argsort(self._factor.perm_c)
        pivots = self._factor.U.diagonal()
        bad = (self._factor.perm_r != self._factor.perm_c)[eliminated] | ~(pivots > 0)
        if bad.any():
            self._factor, row = None, eliminated[np.flatnonzero(bad)[0]]
            raise not_positive_definite(int(self._order[row]))
        self.memory = 12 * int(self._factor.nnz)

    def solve(self, rhs: FloatArray) -> FloatArray:
        """Solution of one right-hand side (n,) or of k columns (n, k)."""
        solution = np.empty_like(rhs)
        solution[self._order] = self._factor.solve(rhs[self._order])
        return solution

    def close(self) -> None:
        """Free the factor."""
        self._factor = None
