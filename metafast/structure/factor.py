"""The direct solver of a structure: our own multifrontal one, or a general sparse one."""

from __future__ import annotations

from typing import Literal

from metafast._base.linear_solver import SymmetricFactor
from metafast._base.typing import AnyArray, ByteArray, FloatArray
from metafast.structure.multifrontal import Multifrontal
from metafast.structure.nested_dissection import dissection_order
from metafast.structure.stencils import assemble_upper

StructureBackend = Literal["multifrontal", "pardiso", "superlu"]


def checked_backend(backend: StructureBackend | None, order: bool) -> StructureBackend | None:
    """The solver to use; None leaves the choice among general ones to what is installed.

    Raises
    ------
    ValueError
        If it is unknown, or the multifrontal solver is asked for without our order.
    """
    if backend not in ("multifrontal", "pardiso", "superlu", None):
        raise ValueError(
            f"backend is {backend!r}; use 'multifrontal', 'pardiso', 'superlu' or None"
        )
    if backend == "multifrontal" and not order:
        raise ValueError(
            "order is False, but the multifrontal solver lives on our order; use backend='pardiso'"
        )
    return "multifrontal" if backend is None and order else backend


def pixel_factor(
    code: ByteArray,
    dof: AnyArray,
    unknowns: int,
    stencil: FloatArray,
    order: bool,
    backend: StructureBackend | None,
    free_memory: int | None,
    columns: int,
    threads: int,
) -> Multifrontal | SymmetricFactor:
    """A factor of the stiffness of solid pixels, to be used in a `with` statement.

    Parameters
    ----------
    code, dof, unknowns, stencil
        As in `metafast.structure.stencils`.
    order : bool
        Eliminate by geometric nested dissection.
    backend : {"multifrontal", "pardiso", "superlu"}, optional
    free_memory : int, optional
        Bytes that factor and solutions may take.
    columns : int
        Most right-hand sides that will be solved at once.
    threads : int

    Raises
    ------
    MemoryError
        If the factor does not fit.
    """
    if backend == "multifrontal":
        return Multifrontal(code, dof, stencil, columns, free_memory, threads=threads)
    upper = assemble_upper(code, dof, unknowns, stencil)
    elimination = dissection_order(code, dof) if order else None
    return SymmetricFactor(upper, order=elimination, backend=backend, memory_limit=free_memory)
