"""The direct solver of a structure: our own multifrontal one, or a general sparse one."""

from __future__ import annotations

from typing import Literal

from metafast._typing import AnyArray, ByteArray, FloatArray
from metafast.linear_solver import SymmetricFactor
from metafast.structure.adjoint import TargetAdjoints
from metafast.structure.assembly import assemble_upper
from metafast.structure.multifrontal import Multifrontal
from metafast.structure.nested_dissection import dissection_order

StructureBackend = Literal["multifrontal", "pardiso", "superlu"]


def pixel_factor(
    code: ByteArray,
    dof: AnyArray,
    unknowns: int,
    stencil: FloatArray,
    order: bool,
    backend: StructureBackend | None,
    free_memory: int | None,
    adjoint: bool,
    threads: int,
) -> Multifrontal | SymmetricFactor:
    """A factor of the stiffness of solid pixels, to be used in a `with` statement.

    Parameters
    ----------
    code, dof, unknowns, stencil
        As in `metafast.structure.assembly`.
    order : bool
        Eliminate by geometric nested dissection.
    backend : {"multifrontal", "pardiso", "superlu"}, optional
    free_memory : int, optional
        Bytes that may be taken.
    adjoint : bool
        Whether many right-hand sides will follow.
    threads : int

    Raises
    ------
    ValueError
        If the multifrontal solver is asked for without our order.
    MemoryError
        If the factor does not fit.
    """
    if backend is None and order:
        backend = "multifrontal"
    if backend == "multifrontal":
        if not order:
            raise ValueError(
                "order is False, but the multifrontal solver lives on our order; use "
                "backend='pardiso'"
            )
        columns = TargetAdjoints.COLUMNS if adjoint else 1
        return Multifrontal(code, dof, stencil, columns, free_memory, threads=threads)
    if adjoint and free_memory is not None:
        free_memory -= TargetAdjoints.workspace(unknowns)
    upper = assemble_upper(code, dof, unknowns, stencil)
    elimination = dissection_order(code, dof) if order else None
    return SymmetricFactor(upper, order=elimination, backend=backend, memory_limit=free_memory)
