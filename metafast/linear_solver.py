"""One direct solver for symmetric positive definite systems, whatever the machine offers.

On x86-64 it is PARDISO (MKL, through pypardiso), elsewhere SuperLU of scipy with a symmetric
ordering. The matrix is given by its upper triangle in CSR form; the pattern is analysed once, and
new values on the same pattern only repeat the numerical factorisation::

    with SymmetricFactor(upper) as factor:
        u = factor.solve(rhs)
        factor.refactor(new_values)
        v = factor.solve(rhs)
"""

from __future__ import annotations

import ctypes
import threading
import warnings
import weakref
from functools import cache
from typing import Any, Literal, Protocol

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from metafast._checks import require_count
from metafast._typing import AnyArray, FloatArray, IntArray

Backend = Literal["pardiso", "superlu"]

# phases and positions in iparm, zero-based, as in Intel's reference of `pardiso`
_ANALYSE, _FACTORISE, _SOLVE, _RELEASE = 11, 22, 33, -1
_USE_IPARM, _ORDERING, _USER_ORDER, _ZERO_BASED = 0, 1, 4, 34
_PEAK_ANALYSIS, _PERMANENT, _FACTOR, _FAILED_ROW = 14, 15, 16, 29
_METIS = 2
_SPD = 2
_NOT_POSITIVE_DEFINITE = -4
_PARDISO_ERRORS = {
    -1: "inconsistent input",
    -2: "not enough memory",
    -3: "reordering failed",
    -8: "32-bit integers overflow",
    -9: "not enough memory for out-of-core work",
}


class _Solver(Protocol):
    memory: int

    def factorise(self, data: FloatArray) -> None: ...
    def solve(self, rhs: FloatArray) -> FloatArray: ...
    def close(self) -> None: ...


class SymmetricFactor:
    """Cholesky factor of a sparse symmetric positive definite matrix.

    Parameters
    ----------
    upper : (n, n) scipy CSR matrix or array
        Upper triangle with the diagonal: float64, every diagonal entry stored, columns sorted.
        Its arrays are used in place: do not change them while the factor lives.
    order : (n,) int array, optional
        Elimination order: ``order[k]`` is the row eliminated k-th. By default the solver chooses.
    backend : {"pardiso", "superlu"}, optional
        By default PARDISO where it is installed, else SuperLU with a RuntimeWarning about speed.
    memory_limit : int, optional
        Bytes that the factor may take. PARDISO knows after the analysis; SuperLU ignores it.
    threads : int
        Threads of PARDISO. The fronts of plane problems are small: a second thread gains little and
        costs much on a busy machine, and one thread gives the same bits on every machine's load.

    Raises
    ------
    ValueError
        If the matrix is not an upper triangle of the form above or `order` is no permutation.
    numpy.linalg.LinAlgError
        If the matrix is not positive definite.
    MemoryError
        If the factor does not fit.
    """

    def __init__(
        self,
        upper: Any,
        *,
        order: AnyArray | None = None,
        backend: Backend | None = None,
        memory_limit: int | None = None,
        threads: int = 1,
    ) -> None:
        _check_upper(upper)
        threads = require_count("threads", threads)
        self.size = int(upper.shape[0])
        self.nonzeros = int(upper.nnz)
        if order is not None:
            order = np.asarray(order)
            seen = np.zeros(self.size, bool)
            if order.shape == (self.size,) and order.dtype.kind in "iu":
                seen[order[(order >= 0) & (order < self.size)]] = True
            if not seen.all():
                raise ValueError(f"order is not a permutation of the {self.size} rows")
        self.backend = choose_backend(backend)
        self._solver: _Solver | None = (
            _Pardiso(upper, order, memory_limit, threads)
            if self.backend == "pardiso"
            else _SuperLU(upper, order)
        )
        try:
            self._solver.factorise(upper.data)
        except BaseException:
            self.close()
            raise

    @property
    def memory(self) -> int:
        """Bytes that the factor holds."""
        return self._open().memory

    def refactor(self, data: FloatArray) -> None:
        """Factorise again with the values `data` (nnz,) on the same pattern.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the matrix is not positive definite.
        """
        data = np.ascontiguousarray(data, dtype=float)
        if data.shape != (self.nonzeros,):
            raise ValueError(
                f"data has shape {data.shape}; the pattern has {self.nonzeros} entries"
            )
        self._open().factorise(data)

    def solve(self, rhs: FloatArray) -> FloatArray:
        """Solution (n,) or (n, k) for one right-hand side or k columns of them."""
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
            raise ValueError("this factor is closed; make a new SymmetricFactor")
        return self._solver

    def __enter__(self) -> SymmetricFactor:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def choose_backend(backend: Backend | None = None) -> Backend:
    """Return `backend`, or the fastest one that is installed if it is None."""
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
            "pypardiso is not installed, so systems are solved by scipy's SuperLU: several times "
            "slower and with more memory; on x86-64, pip install pypardiso",
            RuntimeWarning,
            stacklevel=3,
        )
        return "superlu"
    return "pardiso"


@cache
def _pardiso_library() -> tuple[Any, Any]:
    """MKL's solver and its setter of threads; pypardiso takes a second to find the library."""
    from pypardiso import PyPardisoSolver

    library = PyPardisoSolver(mtype=_SPD)
    return library._mkl_pardiso, library.libmkl.MKL_Set_Num_Threads_Local


class _Pardiso:
    """PARDISO called without a copy of the pattern and with arguments prepared once.

    pypardiso finds and opens the library; its own call copies and shifts both index arrays every
    time, which costs more than the solution of a small system.
    """

    def __init__(
        self, upper: Any, order: AnyArray | None, memory_limit: int | None, threads: int
    ) -> None:
        self._call, self._set_threads = _pardiso_library()
        self._threads = threads
        self._handle, self._iparm = np.zeros(64, np.int64), np.zeros(64, np.int32)
        self._indptr = np.ascontiguousarray(upper.indptr, dtype=np.int32)
        self._indices = np.ascontiguousarray(upper.indices, dtype=np.int32)
        self._data = upper.data
        self._order = np.zeros(0, np.int32)
        self._size = int(upper.shape[0])
        self._lock = threading.Lock()
        self._iparm[_USE_IPARM] = 1
        self._iparm[_ORDERING] = _METIS
        self._iparm[_ZERO_BASED] = 1
        if order is not None:
            self._iparm[_USER_ORDER] = 1
            self._order = np.ascontiguousarray(order, dtype=np.int32)
        self._one = ctypes.byref(ctypes.c_int32(1))
        self._fixed = [_pointer(self._handle, ctypes.c_int64), self._one, self._one, _int(_SPD)]
        self._iparm_pointer = _pointer(self._iparm)
        self._release = weakref.finalize(
            self, _release_pardiso, self._call, self._handle, self._iparm, self._size
        )
        self._run(_ANALYSE)
        kilobytes = int(self._iparm[_PERMANENT]) + int(self._iparm[_FACTOR])
        self.memory = 1024 * max(kilobytes, int(self._iparm[_PEAK_ANALYSIS]))
        if memory_limit is not None and self.memory > memory_limit:
            self.close()
            raise MemoryError(
                f"the factor of {self._size} unknowns needs {self.memory / 2**30:.1f} GiB, but "
                f"{memory_limit / 2**30:.1f} GiB are free; solve a smaller structure or free memory"
            )

    def _run(
        self, phase: int, rhs: FloatArray | None = None, solution: FloatArray | None = None
    ) -> None:
        columns = 1 if rhs is None or rhs.ndim == 1 else rhs.shape[1]
        error = ctypes.c_int32(0)
        with self._lock:
            before = self._set_threads(self._threads)
            self._call(
                *self._fixed,
                _int(phase),
                _int(self._size),
                self._data.ctypes.data,
                _pointer(self._indptr),
                _pointer(self._indices),
                _pointer(self._order),
                _int(columns),
                self._iparm_pointer,
                _int(0),
                None if rhs is None else rhs.ctypes.data,
                None if solution is None else solution.ctypes.data,
                ctypes.byref(error),
            )
            self._set_threads(before)
        if error.value == _NOT_POSITIVE_DEFINITE:
            raise _not_positive_definite(int(self._iparm[_FAILED_ROW]) - 1)
        if error.value in (-2, -9):
            raise MemoryError(
                f"PARDISO found too little memory for {self._size} unknowns; solve a smaller "
                "structure or free memory"
            )
        if error.value:
            meaning = _PARDISO_ERRORS.get(error.value, "see Intel's reference of pardiso")
            raise RuntimeError(f"PARDISO failed in phase {phase}: {error.value}, {meaning}")

    def factorise(self, data: FloatArray) -> None:
        self._data = data
        self._run(_FACTORISE)

    def solve(self, rhs: FloatArray) -> FloatArray:
        rhs = np.asfortranarray(rhs)
        solution = np.empty_like(rhs)
        self._run(_SOLVE, rhs, solution)
        return solution

    def close(self) -> None:
        self._release()


def _release_pardiso(call: Any, handle: IntArray, iparm: AnyArray, size: int) -> None:
    one, error = _int(1), ctypes.c_int32(0)
    nothing = ctypes.POINTER(ctypes.c_int32)()
    call(
        *(_pointer(handle, ctypes.c_int64), one, one, _int(_SPD), _int(_RELEASE), _int(size)),
        *(None, nothing, nothing, nothing, one, _pointer(iparm), _int(0), None, None),
        ctypes.byref(error),
    )


class _SuperLU:
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
        self._matrix.data = data[self._entries]
        try:
            self._factor = splu(
                self._matrix,
                permc_spec=self._ordering,
                diag_pivot_thresh=0.0,
                options={"SymmetricMode": True},
            )
        except RuntimeError as error:
            raise _not_positive_definite(None) from error
        # pivot k stands in row `eliminated[k]`; a pivot taken off the diagonal had a zero there
        eliminated = np.argsort(self._factor.perm_c)
        pivots = self._factor.U.diagonal()
        bad = (self._factor.perm_r != self._factor.perm_c)[eliminated] | ~(pivots > 0)
        if bad.any():
            self._factor, row = None, eliminated[np.flatnonzero(bad)[0]]
            raise _not_positive_definite(int(self._order[row]))
        self.memory = 12 * int(self._factor.nnz)

    def solve(self, rhs: FloatArray) -> FloatArray:
        solution = np.empty_like(rhs)
        solution[self._order] = self._factor.solve(rhs[self._order])
        return solution

    def close(self) -> None:
        self._factor = None


def _int(value: int) -> Any:
    return ctypes.byref(ctypes.c_int32(value))


def _pointer(array: AnyArray, kind: Any = ctypes.c_int32) -> Any:
    return array.ctypes.data_as(ctypes.POINTER(kind))


def _not_positive_definite(row: int | None) -> np.linalg.LinAlgError:
    where = "" if row is None or row < 0 else f" (row {row} has a zero or negative pivot)"
    return np.linalg.LinAlgError(
        f"the matrix is not positive definite{where}: a part of the body is not held against "
        "rigid motion, or a stiffness is not positive; add supports to that part or remove it"
    )


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
