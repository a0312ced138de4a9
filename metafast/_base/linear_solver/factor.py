"""Factor of a symmetric matrix, and the choice of its solver."""

from __future__ import annotations

import warnings
from typing import Any, Literal, Protocol

import numpy as np
import scipy.sparse as sp

from metafast._base.linear_solver.pardiso import Pardiso
from metafast._base.linear_solver.superlu import SuperLU
from metafast._base.typing import FloatArray

Backend = Literal["pardiso", "superlu"]


class _Solver(Protocol):
    negative: int

    def factorise(self, data: FloatArray) -> None: ...
    def solve(self, rhs: FloatArray) -> FloatArray: ...
    def close(self) -> None: ...


class SymmetricFactor:
    """Cholesky factor of a sparse symmetric matrix, or LDL^T where it may be indefinite.

    Parameters
    ----------
    upper : (n, n) scipy CSR matrix or array
        Upper triangle with the diagonal: float64, every diagonal entry stored, columns sorted.
        Its arrays are used in place: do not change them while the factor is in use.
    backend : {"pardiso", "superlu"}, optional
        By default PARDISO where it is installed, else SuperLU with a RuntimeWarning about speed.
    definite : bool
        Whether a matrix with negative eigenvalues is an error.

    Raises
    ------
    ValueError
        If the matrix is not an upper triangle of the form above.
    numpy.linalg.LinAlgError
        If the matrix is not positive definite, or singular where it may be indefinite.
    MemoryError
        If the factor does not fit.
    """

    def __init__(
        self, upper: Any, *, backend: Backend | None = None, definite: bool = True
    ) -> None:
        _check_upper(upper)
        self.size = int(upper.shape[0])
        self.nonzeros = int(upper.nnz)
        self.backend = choose_backend(backend)
        kind = Pardiso if self.backend == "pardiso" else SuperLU
        self._solver: _Solver | None = kind(upper, definite)
        try:
            self._solver.factorise(upper.data)
        except BaseException:
            self.close()
            raise

    def refactor(self, data: FloatArray) -> None:
        """Factorise again with the values `data` (nnz,) on the same pattern.

        Raises
        ------
        ValueError
            If the number of values is not that of the pattern, or the factor is closed.
        numpy.linalg.LinAlgError
            If the matrix is not positive definite, or singular where it may be indefinite.
        """
        data = np.ascontiguousarray(data, dtype=float)
        if data.shape != (self.nonzeros,):
            raise ValueError(
                f"data has shape {data.shape}; ({self.nonzeros},) is needed, one value for each "
                "entry of the pattern"
            )
        self._open().factorise(data)

    @property
    def negative(self) -> int:
        """Number of negative eigenvalues of the matrix; 0 if it had to be definite."""
        return self._open().negative

    def solve(self, rhs: FloatArray) -> FloatArray:
        """Solution for one right-hand side (n,) or for k columns (n, k)."""
        rhs = np.asarray(rhs, dtype=float)
        if rhs.ndim not in (1, 2) or rhs.shape[0] != self.size:
            raise ValueError(
                f"rhs has shape {rhs.shape}; ({self.size},) or ({self.size}, k) is needed"
            )
        return self._open().solve(rhs) if rhs.size else np.empty(rhs.shape)

    def close(self) -> None:
        """Free the factor. Closing twice is harmless."""
        if self._solver is not None:
            self._solver.close()
            self._solver = None

    def _open(self) -> _Solver:
        if self._solver is None:
            raise ValueError("this factor is closed; create a new SymmetricFactor")
        return self._solver

    def __enter__(self) -> SymmetricFactor:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def choose_backend(backend: Backend | None = None) -> Backend:
    """Return `backend`, or for None the fastest one that is installed.

    Raises
    ------
    ValueError
        If the backend is unknown.
    ImportError
        If it is PARDISO and pypardiso is not installed.

    Warns
    -----
    RuntimeWarning
        If PARDISO would be chosen but is not installed.
    """
    if backend not in ("pardiso", "superlu", None):
        raise ValueError(f"backend is {backend!r}; use 'pardiso', 'superlu' or None")
    if backend == "superlu":
        return "superlu"
    try:
        import pypardiso  # noqa: F401
    except ImportError as error:
        if backend == "pardiso":
            raise ImportError(
                "PARDISO needs the package pypardiso, which exists on x86-64 only: "
                "pip install pypardiso, or use backend='superlu'"
            ) from error
        warnings.warn(
            "pypardiso is not installed, so scipy's SuperLU solves all systems, several times "
            "slower and with more memory; on x86-64, pip install pypardiso",
            RuntimeWarning,
            stacklevel=3,
        )
        return "superlu"
    return "pardiso"


def _check_upper(upper: Any) -> None:
    if not (sp.issparse(upper) and upper.format == "csr" and upper.shape[0] == upper.shape[1]):
        raise ValueError(
            f"upper is {type(upper).__name__}; a square scipy CSR matrix is needed: "
            "scipy.sparse.csr_array(scipy.sparse.triu(matrix))"
        )
    if upper.shape[0] == 0:
        raise ValueError("upper has no rows; at least one unknown is needed")
    if upper.dtype != np.float64:
        raise ValueError(f"upper has dtype {upper.dtype}; float64 is needed")
    if upper.nnz >= 2**31:
        raise ValueError(f"upper has {upper.nnz} entries; the solvers count up to 2**31 - 1")
    starts = upper.indptr[:-1]
    first = upper.indices[np.minimum(starts, upper.nnz - 1)] if upper.nnz else starts - 1
    if not (np.diff(upper.indptr) > 0).all() or (first != np.arange(upper.shape[0])).any():
        raise ValueError(
            "upper must store each diagonal entry and nothing below it, columns sorted: "
            "use scipy.sparse.triu(matrix), fill the diagonal, and sort_indices()"
        )
    if not upper.has_sorted_indices:
        raise ValueError("the columns of upper are not sorted; call upper.sort_indices()")
