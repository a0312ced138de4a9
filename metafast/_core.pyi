from collections.abc import Callable
from typing import Any

from metafast._base.typing import AnyArray, ByteArray, FloatArray, IntArray

def solve_mrf(
    unary: AnyArray,
    horizontal: AnyArray,
    vertical: AnyArray,
    initial: IntArray | None,
    time_limit: float,
    gap: float,
    max_iterations: int,
    threads: int,
    exact_work: float,
    report: Callable[[int], None],
) -> tuple[IntArray, float, float, float, int, bool, bool, FloatArray]: ...
def incompatibility_tables(
    candidates: IntArray,
    cells: ByteArray,
    tractions: FloatArray,
    geometric_weight: float,
    mechanical_weight: float,
    threads: int,
) -> tuple[FloatArray, FloatArray]: ...

class PixelCholesky:
    def __init__(
        self,
        code: ByteArray,
        dof: AnyArray,
        stencil: FloatArray,
        order: AnyArray,
        start: AnyArray,
        parent: AnyArray,
        unit: int,
        kernels: dict[str, int],
        threads: int,
        element: AnyArray | None = None,
        tangent: FloatArray | None = None,
    ) -> None: ...
    def solve(self, columns: FloatArray, keep: bool, absolute: bool = False) -> int: ...
    def refactor(self) -> None: ...
    def release(self) -> None: ...
    @property
    def negative(self) -> int: ...
    def memory(self, keep: bool, columns: int) -> int: ...
    @property
    def entries(self) -> int: ...
    @property
    def operations(self) -> float: ...

def element_forces(
    dofs: AnyArray,
    side: int,
    law: Any,
    u: FloatArray,
    energy: FloatArray,
    total: FloatArray,
    threads: int,
) -> None: ...
def element_tangents(
    dofs: AnyArray, side: int, law: Any, u: FloatArray, tangent: FloatArray, threads: int
) -> None: ...
def element_products(
    dofs: AnyArray, tangent: FloatArray, u: FloatArray, total: FloatArray
) -> None: ...
def law_at_points(
    law: Any,
    f: FloatArray,
    energy: FloatArray,
    stress: FloatArray,
    across: FloatArray,
    moduli: FloatArray | None = None,
) -> None: ...
