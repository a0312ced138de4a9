"""Machine code of the register tiles: packed multiplications, no spills."""

import os
import platform
import re
import subprocess
import sys

import pytest

_ASSEMBLY = """
from numba import njit, types
from metafast.homogenization.kernels import forward
eliminate = njit(error_model="numpy", boundscheck=False)(forward.eliminate.py_func)
eliminate.compile((types.int64,) * 8)
print(next(iter(eliminate.inspect_asm().values())))
"""


_AVX2 = "+avx,+avx2,+fma,+bmi,+bmi2,+sse4.2,+popcnt"


_AVX512 = _AVX2 + ",+avx512f,+avx512vl,+avx512dq,+avx512bw,+avx512cd"


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="x86-64 assembly")
@pytest.mark.parametrize(
    ("lanes", "processor", "features", "registers", "products"),
    [(4, "haswell", _AVX2, "ymm", 12), (8, "skylake-avx512", _AVX512, "zmm", 16)],
)
def test_tiles_are_packed_multiplications_without_spills(
    lanes, processor, features, registers, products
):
    """The loop over pivots: R*C fused multiplications on whole registers, R + C loads, no store.

    Compiled for either kind of processor on any machine; the code is not run.
    """
    environment = {
        **os.environ,
        "METAFAST_LANES": str(lanes),
        "NUMBA_CPU_NAME": processor,
        "NUMBA_CPU_FEATURES": features,
    }
    code = subprocess.run(
        [sys.executable, "-c", _ASSEMBLY], env=environment, check=True, capture_output=True,
        text=True,
    ).stdout  # fmt: skip
    loops = re.findall(r"\n(\.LBB\d+_\d+):\n((?:\t.*\n)+?)\tj\w+\t(\.LBB\d+_\d+)\n", code)
    bodies = [body for label, body, target in loops if label == target]
    packed = rf"vfnmadd\w+pd\t.*%{registers}"
    full = [body for body in bodies if len(re.findall(packed, body)) == products]
    assert full, "no loop has a whole tile"
    for body in full:
        assert "%rsp" not in body, "sums are kept in memory"
        assert not re.search(rf"vmovup\w\t%{registers}\d+, ", body), "a store inside the loop"
        assert len(re.findall(r"\(%r", body)) <= 8
    assert not re.search(r"vfn?m(add|sub)\w+sd", code), "scalar arithmetic"
