"""The memory that a factor states is what the process takes; too large a body is refused."""

import subprocess
import sys

import pytest

from metafast._base.memory import available_memory
from metafast.structure import estimate_memory
from metafast.structure.input import require_memory

SCRIPT = """
import sys
import numpy as np
import metafast as mf
from metafast.structure.stencils import node_stencils
from metafast.structure.multifrontal import Multifrontal
from metafast.structure.system import pixel_system

def status(name):
    lines = open("/proc/self/status").read().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(name))

def factor_of(pixels, columns):
    fixed = np.zeros((pixels.shape[0] + 1, pixels.shape[1] + 1, 2), bool)
    fixed[:, 0] = True
    system = pixel_system(pixels > 0, fixed, node_stencils(mf.Material()))
    factor = Multifrontal(system, columns, threads=2)
    return factor, np.ones((system.unknowns, columns))

cells = mf.CellDatabase.default().take(np.random.default_rng(0).choice(100_000, 81))
factor, load = factor_of(cells[0], 1)
factor.solve(load)
factor, load = factor_of(mf.tile(cells, np.arange(81).reshape(9, 9)), int(sys.argv[1]))
before = status("VmRSS")
factor.solve(load)
print(factor.memory, status("VmHWM") - before - load.nbytes)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
@pytest.mark.parametrize("columns", [1, 6])
def test_the_stated_memory_is_what_is_taken(columns):
    """The whole factor is kept for six right-hand sides, most of it dropped for one."""
    output = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(columns)], capture_output=True, text=True, check=True
    )
    stated, taken = map(int, output.stdout.split())
    # part of what is stated is there before: the fronts and their rows
    assert 0.7 * stated < taken < 1.1 * stated


def test_memory_is_estimated_and_refused():
    assert estimate_memory(6_000_000) > 5 * estimate_memory(1_000_000)
    free = available_memory()
    assert free is None or free > 0
    with pytest.raises(MemoryError, match="unknowns need about"):
        require_memory(1_000_000, 1000)
    with pytest.raises(MemoryError, match="32-bit"):
        require_memory(2**31, None)
    require_memory(1_000_000, None)
