"""Cholesky factor of the pixels' stiffness by our own multifrontal elimination (compiled core).

The stiffness is never assembled: fronts take their rows from the sixteen stencils. Dense work is
done by scipy's BLAS, called from the core on one thread each; threads share fronts and tiles, so
the result does not depend on how many there are.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from metafast import _core
from metafast._base.linear_solver.errors import not_positive_definite
from metafast._base.typing import AnyArray, ByteArray, FloatArray
from metafast.structure.nested_dissection import dissection_tree

_LEAF = 8  # nodes of a region that is not cut again
_UNIT = 16_384  # unknowns of a subtree that is one task
_SMALL = 200_000  # unknowns up to which the whole factor is kept for a single solution too
_KERNELS = {
    "cython_lapack": ["dpotrf"],
    "cython_blas": ["dtrsm", "dsyrk", "dgemm", "dtrsv", "dgemv"],
}
_LOCK = threading.Lock()
_waiting = 0
_limit: Any = None


class Multifrontal:
    """Factor of the stiffness of solid pixels.

    Most of the factor's numbers take little time to compute and are dropped, to be computed anew
    for every solution, unless they are few, or there is room for them and many solutions are to
    come.

    Parameters
    ----------
    code, dof, stencil
        As in `metafast.structure.stencils`.
    columns : int
        Right-hand sides at once, at most; with more than one the whole factor is kept if it fits.
    memory_limit : int, optional
        Bytes that may be taken.
    threads : int
        The result does not depend on it.

    Attributes
    ----------
    memory : int
        Bytes at the peak of a solution.
    entries : int
        Numbers in the factor, dropped ones included.
    operations : float
        Floating-point operations of the factorisation.

    Raises
    ------
    MemoryError
        If not even the part that is always kept fits.
    """

    def __init__(
        self,
        code: ByteArray,
        dof: AnyArray,
        stencil: FloatArray,
        columns: int = 1,
        memory_limit: int | None = None,
        *,
        threads: int = 1,
    ) -> None:
        self._lock = threading.Lock()
        tree = dissection_tree(code, dof, _LEAF)
        self.size = len(tree.order)
        self._core: _core.PixelCholesky | None = _core.PixelCholesky(
            np.ascontiguousarray(code),
            np.ascontiguousarray(dof),
            np.ascontiguousarray(stencil),
            tree.order,
            tree.start,
            tree.parent,
            _UNIT,
            _kernels(),
            threads,
        )
        self._keep = (columns > 1 or self.size <= _SMALL) and (
            memory_limit is None or self._core.memory(True, columns) <= memory_limit
        )
        self.memory = int(self._core.memory(self._keep, columns))
        self.entries, self.operations = self._core.entries, self._core.operations
        if memory_limit is not None and self.memory > memory_limit:
            raise MemoryError(
                f"the factor of {self.size} unknowns needs {self.memory / 2**30:.1f} GiB, but "
                f"{memory_limit / 2**30:.1f} GiB are free; solve a smaller structure or free memory"
            )

    def solve(self, rhs: FloatArray) -> FloatArray:
        """Solution (n,) or (n, k); the first call factorises.

        Parameters
        ----------
        rhs : (n,) or (n, k) array

        Raises
        ------
        ValueError
            If the factor is closed.
        numpy.linalg.LinAlgError
            If the stiffness is not positive definite.
        KeyboardInterrupt
            On Ctrl-C.
        """
        if self._core is None:
            raise ValueError("this factor is closed; make a new one")
        columns = np.array(rhs, dtype=float, order="C").reshape(self.size, -1)
        with self._lock, blas_on_one_thread():
            failed = self._core.solve(columns, self._keep)
        if failed >= 0:
            raise not_positive_definite(failed)
        return columns.reshape(np.shape(rhs))

    def __enter__(self) -> Multifrontal:
        return self

    def __exit__(self, *exception: object) -> None:
        self._core = None  # its memory is needed at once


@contextmanager
def blas_on_one_thread() -> Iterator[None]:
    """Let BLAS run on the calling thread only, also when several threads ask for it at once."""
    global _waiting, _limit
    with _LOCK:
        if _waiting == 0:
            _limit = _controller().limit(limits=1, user_api="blas")
        _waiting += 1
    try:
        yield
    finally:
        with _LOCK:
            _waiting -= 1
            if _waiting == 0:
                _limit.restore_original_limits()


@cache
def _controller() -> ThreadpoolController:
    """Finding the libraries takes milliseconds, setting their threads none."""
    _kernels()
    return ThreadpoolController()


@cache
def _kernels() -> dict[str, int]:
    """Addresses of scipy's BLAS and LAPACK functions."""
    import scipy.linalg.cython_blas
    import scipy.linalg.cython_lapack

    name = ctypes.pythonapi.PyCapsule_GetName
    name.restype, name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    found: dict[str, int] = {}
    for module, functions in _KERNELS.items():
        table: Any = getattr(scipy.linalg, module).__pyx_capi__
        for function in functions:
            found[function] = pointer(table[function], name(table[function]))
    return found
