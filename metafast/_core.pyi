from metafast._typing import ByteArray, FloatArray, IntArray

def solve_mrf(
    unary: FloatArray,
    horizontal: FloatArray,
    vertical: FloatArray,
    initial: IntArray | None,
    time_limit: float,
    gap: float,
    max_iterations: int,
    threads: int,
    exact_work: float,
) -> tuple[IntArray, float, float, int, bool, FloatArray]: ...
def incompatibility_tables(
    candidates: IntArray,
    cells: ByteArray,
    tractions: FloatArray,
    geometric_weight: float,
    mechanical_weight: float,
    threads: int,
) -> tuple[FloatArray, FloatArray]: ...
