"""Multifrontal factor of the stiffness, or of the tangent, of a pixel body (compiled core).

The stiffness is never assembled: fronts take their rows from the sixteen stencils, those of a
tangent from its elements. A stiffness is factorised as L L^T, a tangent as L S L^T with the signs S
of its pivots: the negative ones tell how unstable an equilibrium is. Dense work is
done by scipy's BLAS, called from the core on one thread each; threads share fronts and tiles, so
the result does not depend on their number.

The package has two multifrontal factorisations. The one of `metafast.homogenization` is for many
small systems of one pattern: 2,500 pixels and one fixed elimination order, one cell in each lane of
a vector register, no factor kept, fronts too small for a BLAS call to pay; numba compiles it for
the vector width of the machine. The one here is for a single large system whose pattern changes
with every body: millions of unknowns, a tree known at run time only, fronts of thousands of rows
that are worth BLAS and threads, and a factor that solves for many right-hand sides; it is C++. They
share the idea, and no loop of one would be fast in the other.
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
from metafast._base.linear_solver.errors import not_positive_definite, singular
from metafast._base.typing import AnyArray, FloatArray
from metafast.structure.nested_dissection import dissection_tree
from metafast.structure.system import PixelSystem

LEAF = 8  # nodes of a region that is not cut again
_TASK = 16_384  # unknowns of a subtree that is one task
_KEPT = 200_000  # unknowns up to which the whole factor is kept for a single solution too
_KERNELS = {
    "cython_lapack": ["dpotrf"],
    "cython_blas": ["dtrsm", "dsyrk", "dgemm", "dtrsv", "dgemv"],
}
_LOCK = threading.Lock()
_waiting = 0
_limit: Any = None


class Multifrontal:
    """Factor of the stiffness of solid pixels.

    Most entries of the factor take little time to compute. They are dropped and computed again for
    every solution, unless they are few, or there is room for them and many solutions will follow.

    Parameters
    ----------
    system : PixelSystem
    columns : int
        Largest number of right-hand sides solved at once; above one the whole factor is kept if it
        fits.
    memory_limit : int, optional
        Bytes that the factor and its solutions may take.
    threads : int
        Threads of the core. The result does not depend on their number.
    element : (ny, nx) int32 array, optional
        Number of each pixel's element, -1 for void, where every pixel has a tangent of its own.
    tangents : (e, 36) array, optional
        Lower triangles of the elements' tangents, read at every factorisation.
    task, kept : int
        Unknowns of a subtree that is one task, and unknowns up to which the whole factor is kept
        for a single right-hand side too.

    Attributes
    ----------
    memory : int
        Bytes at the peak of a solution.
    entries : int
        Entries of the factor, including dropped ones.
    operations : float
        Floating-point operations of the factorisation.

    Raises
    ------
    MemoryError
        If the part of the factor that is always kept does not fit.
    """

    def __init__(
        self,
        system: PixelSystem,
        columns: int = 1,
        memory_limit: int | None = None,
        *,
        threads: int = 1,
        element: AnyArray | None = None,
        tangents: FloatArray | None = None,
        task: int = _TASK,
        kept: int = _KEPT,
    ) -> None:
        self._lock = threading.Lock()
        tree = dissection_tree(system, LEAF)
        self.size, self._with_tangents = system.unknowns, tangents is not None
        self._core: _core.PixelCholesky | None = _core.PixelCholesky(
            np.ascontiguousarray(system.code),
            np.ascontiguousarray(system.dof),
            np.ascontiguousarray(system.stencil),
            tree.order,
            tree.start,
            tree.parent,
            task,
            _kernels(),
            threads,
            element,
            tangents,
        )
        self._keep = (columns > 1 or self.size <= kept) and (
            memory_limit is None or self._core.memory(True, columns) <= memory_limit
        )
        self.memory = int(self._core.memory(self._keep, columns))
        self.entries, self.operations = self._core.entries, self._core.operations
        if memory_limit is not None and self.memory > memory_limit:
            raise MemoryError(
                f"the factor of {self.size} unknowns needs {self.memory / 2**30:.1f} GiB, but "
                f"{memory_limit / 2**30:.1f} GiB are free; solve a smaller structure or free memory"
            )

    @property
    def negative(self) -> int:
        """Negative pivots of the last factorisation of tangents."""
        return self._open().negative

    def refactor(self) -> None:
        """Factorise the changed tangents at the next solution."""
        self._open().refactor()

    def release(self) -> None:
        """Free the memory of the factor, until the next solution factorises again."""
        self._open().release()

    def count_negative(self) -> int:
        """Factorise the tangents for their negative pivots alone, in the least memory.

        Later solutions take the least memory too, and more time.
        """
        self.refactor()
        self._keep = False
        self.solve(np.empty((self.size, 0)))
        return self.negative

    def solve(self, rhs: FloatArray, *, absolute: bool = False) -> FloatArray:
        """Solve for one or more right-hand sides; the first call factorises.

        Parameters
        ----------
        rhs : (n,) or (n, k) array
        absolute : bool
            Take all pivots of a tangent as positive: the solution of a force then lowers the
            energy, whatever the tangent.

        Returns
        -------
        (n,) or (n, k) array

        Raises
        ------
        ValueError
            If the factor is closed.
        numpy.linalg.LinAlgError
            If the stiffness is not positive definite, or a pivot of a tangent is zero.
        KeyboardInterrupt
            On Ctrl-C.
        """
        core = self._open()
        columns = np.array(rhs, dtype=float, order="C").reshape(self.size, -1)
        with self._lock, blas_on_one_thread():
            failed = core.solve(columns, self._keep, absolute)
        if failed >= 0:
            raise singular() if self._with_tangents else not_positive_definite(failed)
        return columns.reshape(np.shape(rhs))

    def _open(self) -> _core.PixelCholesky:
        if self._core is None:
            raise ValueError("this factor is closed; create a new Multifrontal")
        return self._core

    def __enter__(self) -> Multifrontal:
        return self

    def __exit__(self, *exception: object) -> None:
        self._core = None  # frees the memory at once


@contextmanager
def blas_on_one_thread() -> Iterator[None]:
    """Limit BLAS to the calling thread; several threads may be inside at the same time."""
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
    """Controller of the loaded BLAS libraries; finding them takes milliseconds, hence the cache."""
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
    addresses: dict[str, int] = {}
    for module, functions in _KERNELS.items():
        table: Any = getattr(scipy.linalg, module).__pyx_capi__
        for function in functions:
            addresses[function] = pointer(table[function], name(table[function]))
    return addresses
