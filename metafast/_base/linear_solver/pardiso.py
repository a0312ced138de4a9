"""PARDISO of MKL, in the library that pypardiso finds.

pypardiso locates and opens ``mkl_rt``, a public attribute of its solver, and nothing else of it is
used: its own call copies and shifts both index arrays every time, which costs more than the
solution of a small system. MKL's exported function ``pardiso`` is called as Intel documents it: 64
pointers, sixteen arguments by reference, integers of 32 bits (LP64, the default interface layer of
``mkl_rt``).
"""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from metafast._base.linear_solver.errors import not_positive_definite, singular
from metafast._base.typing import AnyArray, FloatArray, IntArray

# phases and positions in iparm, zero-based, as in Intel's reference of `pardiso`
_ANALYSE, _FACTORISE, _SOLVE, _RELEASE = 11, 22, 33, -1
_USE_IPARM, _ORDERING, _FAILED_ROW, _ZERO_BASED = 0, 1, 29, 34
_PERTURBATION, _PIVOTING, _PERTURBED, _NEGATIVE = 9, 20, 13, 22
_METIS = 2
_SPD, _INDEFINITE = 2, -2  # matrix types, both real and symmetric
_BUNCH_KAUFMAN = 1  # pivots of one or two rows
_TINY = 13  # pivots below 1e-13 of the matrix count as zero
_COMPATIBLE = 3  # branch of MKL's code, as in Intel's reference of `mkl_cbwr_set`
_NOT_POSITIVE_DEFINITE = -4
_OUT_OF_MEMORY = (-2, -9)
_ERRORS = {
    -1: "inconsistent input",
    -3: "reordering failed",
    -8: "32-bit integers overflow",
}


class _Mkl(NamedTuple):
    """Functions of MKL: the solver, and the setter of this thread's number of threads."""

    pardiso: Any
    set_threads: Any


@cache
def _mkl() -> _Mkl:
    """Open the library; pypardiso takes a second to find it."""
    from pypardiso import PyPardisoSolver

    library = PyPardisoSolver(mtype=_SPD).libmkl
    _fix_branch(library)
    # a function taken by index is a new object, so that types set here are those of nobody else
    pardiso, set_threads = library["pardiso"], library["MKL_Set_Num_Threads_Local"]
    pardiso.argtypes, pardiso.restype = [ctypes.c_void_p] * 16, None
    set_threads.argtypes, set_threads.restype = [ctypes.c_int], ctypes.c_int
    return _Mkl(pardiso, set_threads)


def _fix_branch(library: Any) -> None:
    """Have MKL sum in one order, on all processors and whatever else the process has loaded.

    By default MKL takes another path of its code where torch was imported first, and the macro
    optimum amplifies the difference in the last bits. The fronts of plane problems are too small
    for the path to matter to the time. A branch that the user chose stays; where MKL has computed
    before, it is too late.
    """
    if "MKL_CBWR" in os.environ:
        return
    choose = library["MKL_CBWR_Set"]
    choose.argtypes, choose.restype = [ctypes.c_int], ctypes.c_int
    choose(_COMPATIBLE)


class Pardiso:
    """Cholesky or LDL^T factor by PARDISO on one thread, with arguments prepared once.

    The fronts of plane problems are small: a second thread gains little and costs much on a busy
    machine, and one thread gives the same bits under any load.

    Parameters
    ----------
    upper : (n, n) scipy CSR matrix or array
        Upper triangle; its values are read in place.
    definite : bool
        False for LDL^T. Its rows are neither scaled nor matched, which would bind the analysis to
        the values of one matrix.

    Attributes
    ----------
    negative : int
        Number of negative eigenvalues.
    """

    def __init__(self, upper: Any, definite: bool = True) -> None:
        self._mkl = _mkl()
        self._handle, self._iparm = np.zeros(64, np.int64), np.zeros(64, np.int32)
        self._iparm[_USE_IPARM] = 1
        self._iparm[_ORDERING] = _METIS
        self._iparm[_ZERO_BASED] = 1
        self._definite, self.negative = definite, 0
        if not definite:
            self._iparm[_PERTURBATION], self._iparm[_PIVOTING] = _TINY, _BUNCH_KAUFMAN
        kind = _SPD if definite else _INDEFINITE
        self._indptr = np.ascontiguousarray(upper.indptr, dtype=np.int32)
        self._indices = np.ascontiguousarray(upper.indices, dtype=np.int32)
        self._data = upper.data
        self._size = int(upper.shape[0])
        self._lock = threading.Lock()
        one = _int(1)
        self._first = (self._handle.ctypes.data, one, one, _int(kind))
        self._pattern = (self._indptr.ctypes.data, self._indices.ctypes.data, None)
        self._release = weakref.finalize(
            self, _release, self._mkl.pardiso, self._handle, self._iparm, self._size, kind
        )
        self._run(_ANALYSE)

    def _run(
        self, phase: int, rhs: FloatArray | None = None, solution: FloatArray | None = None
    ) -> None:
        columns = 1 if rhs is None or rhs.ndim == 1 else rhs.shape[1]
        error = ctypes.c_int32(0)
        with self._lock:
            before = self._mkl.set_threads(1)
            self._mkl.pardiso(
                *self._first,
                _int(phase),
                _int(self._size),
                self._data.ctypes.data,
                *self._pattern,
                _int(columns),
                self._iparm.ctypes.data,
                _int(0),
                None if rhs is None else rhs.ctypes.data,
                None if solution is None else solution.ctypes.data,
                ctypes.byref(error),
            )
            self._mkl.set_threads(before)
        if error.value == _NOT_POSITIVE_DEFINITE:
            raise not_positive_definite(int(self._iparm[_FAILED_ROW]) - 1)
        if error.value in _OUT_OF_MEMORY:
            raise MemoryError(
                f"PARDISO has too little memory for {self._size} unknowns; solve a smaller "
                "problem or free memory"
            )
        if error.value:
            meaning = _ERRORS.get(error.value, "see Intel's reference of pardiso")
            raise RuntimeError(f"PARDISO failed in phase {phase}: {error.value}, {meaning}")

    def factorise(self, data: FloatArray) -> None:
        """Numerical factorisation with the values `data` on the analysed pattern."""
        self._data = data
        self._run(_FACTORISE)
        if not self._definite:
            if self._iparm[_PERTURBED]:
                raise singular()
            self.negative = int(self._iparm[_NEGATIVE])

    def solve(self, rhs: FloatArray) -> FloatArray:
        """Solution for one right-hand side (n,) or for k columns (n, k)."""
        rhs = np.asfortranarray(rhs)
        solution = np.empty_like(rhs)
        self._run(_SOLVE, rhs, solution)
        return solution

    def close(self) -> None:
        """Free the factor."""
        self._release()


def _release(pardiso: Any, handle: IntArray, iparm: AnyArray, size: int, kind: int) -> None:
    one, error = _int(1), ctypes.c_int32(0)
    pardiso(
        *(handle.ctypes.data, one, one, _int(kind), _int(_RELEASE), _int(size)),
        *(None, None, None, None, one, iparm.ctypes.data, _int(0), None, None),
        ctypes.byref(error),
    )


def _int(value: int) -> Any:
    return ctypes.byref(ctypes.c_int32(value))
