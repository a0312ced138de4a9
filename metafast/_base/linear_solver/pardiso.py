"""PARDISO of MKL, found through pypardiso."""

from __future__ import annotations

import ctypes
import threading
import weakref
from functools import cache
from typing import Any

import numpy as np

from metafast._base.linear_solver.errors import not_positive_definite
from metafast._base.typing import AnyArray, FloatArray, IntArray

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


@cache
def _pardiso_library() -> tuple[Any, Any]:
    """MKL's solver and its setter of threads; pypardiso takes a second to find the library."""
    from pypardiso import PyPardisoSolver

    library = PyPardisoSolver(mtype=_SPD)
    return library._mkl_pardiso, library.libmkl.MKL_Set_Num_Threads_Local


class Pardiso:
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
            raise not_positive_definite(int(self._iparm[_FAILED_ROW]) - 1)
        if error.value in (-2, -9):
            raise MemoryError(
                f"PARDISO found too little memory for {self._size} unknowns; solve a smaller "
                "structure or free memory"
            )
        if error.value:
            meaning = _PARDISO_ERRORS.get(error.value, "see Intel's reference of pardiso")
            raise RuntimeError(f"PARDISO failed in phase {phase}: {error.value}, {meaning}")

    def factorise(self, data: FloatArray) -> None:
        """Numerical factorisation with the values `data` on the analysed pattern."""
        self._data = data
        self._run(_FACTORISE)

    def solve(self, rhs: FloatArray) -> FloatArray:
        """Solution of one right-hand side (n,) or of k columns (n, k)."""
        rhs = np.asfortranarray(rhs)
        solution = np.empty_like(rhs)
        self._run(_SOLVE, rhs, solution)
        return solution

    def close(self) -> None:
        """Free the factor."""
        self._release()


def _release_pardiso(call: Any, handle: IntArray, iparm: AnyArray, size: int) -> None:
    one, error = _int(1), ctypes.c_int32(0)
    nothing = ctypes.POINTER(ctypes.c_int32)()
    call(
        *(_pointer(handle, ctypes.c_int64), one, one, _int(_SPD), _int(_RELEASE), _int(size)),
        *(None, nothing, nothing, nothing, one, _pointer(iparm), _int(0), None, None),
        ctypes.byref(error),
    )


def _int(value: int) -> Any:
    return ctypes.byref(ctypes.c_int32(value))


def _pointer(array: AnyArray, kind: Any = ctypes.c_int32) -> Any:
    return array.ctypes.data_as(ctypes.POINTER(kind))
