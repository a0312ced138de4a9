from collections.abc import Callable

from metafast._typing import AnyArray, ByteArray, FloatArray, IntArray

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
) -> tuple[IntArray, float, float, int, bool, bool, FloatArray]: ...
def incompatibility_tables(
    candidates: IntArray,
    cells: ByteArray,
    tractions: FloatArray,
    geometric_weight: float,
    mechanical_weight: float,
    threads: int,
) -> tuple[FloatArray, FloatArray]: ...
