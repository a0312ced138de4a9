"""The engine: threads, widths of vectors, kinds of BLAS, and when kernels compile."""

import os
import subprocess
import sys

import numpy as np
import pytest

import metafast as mf
from metafast.homogenization.engine import stiffness
from metafast.homogenization.kernels import backward, forward
from metafast.homogenization.lanes import LANES

_WIDTH = """
import sys
import numpy as np
import metafast as mf
from metafast.homogenization.lanes import LANES
assert LANES == int(sys.argv[1])
rng = np.random.default_rng(0)
quarters = rng.random((9, 7, 9)) < 0.7
upper = np.concatenate([quarters, quarters[:, :, ::-1]], 2)
cells = np.concatenate([np.concatenate([upper, upper[:, ::-1]], 1), rng.random((9, 14, 18)) < 0.7])
np.savez(sys.argv[2], stiffness=mf.homogenize(cells), fields=mf.displacement_fields(cells))
"""


@pytest.mark.slow
def test_width_of_the_lanes_does_not_change_a_bit(tmp_path):
    results = []
    for lanes in (4, 8):
        path = tmp_path / f"{lanes}.npz"
        environment = {**os.environ}
        if lanes != LANES:
            environment["METAFAST_LANES"] = str(lanes)
        subprocess.run(
            [sys.executable, "-c", _WIDTH, str(lanes), str(path)], env=environment, check=True
        )
        results.append(np.load(path))
    assert (results[0]["stiffness"] == results[1]["stiffness"]).all()
    assert (results[0]["fields"] == results[1]["fields"]).all()


def test_import_compiles_nothing():
    code = (
        "import metafast\n"
        "from metafast.homogenization.kernels import backward, forward\n"
        "assert not forward.effective_stiffness.signatures and not backward.solve_fields.signatures"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


_TWO_THREADS = """
from concurrent.futures import ThreadPoolExecutor
import numba, numpy as np, metafast as mf
cells = np.random.default_rng(0).random((40, 12, 12)) < 0.7
with ThreadPoolExecutor(2) as pool:
    results = list(pool.map(lambda _: mf.homogenize(cells), range(8)))
assert numba.threading_layer() == "workqueue"
assert all((r == results[0]).all() for r in results)
"""


def test_threads_of_python_with_numbas_last_resort():
    """The workqueue layer ends the process when two kernels run at once: they take turns."""
    environment = {**os.environ, "NUMBA_THREADING_LAYER": "workqueue"}
    subprocess.run([sys.executable, "-c", _TWO_THREADS], env=environment, check=True)


_CORE_TYPE = """
import sys, numpy as np, metafast as mf
cells = np.random.default_rng(0).random((20, 12, 12)) < 0.7
np.save(sys.argv[1], mf.homogenize(cells))
"""


@pytest.mark.slow
def test_the_kind_of_blas_does_not_change_a_bit(tmp_path):
    results = []
    for core in ("Haswell", "Nehalem"):
        path = tmp_path / f"{core}.npy"
        environment = {**os.environ, "OPENBLAS_CORETYPE": core}
        subprocess.run([sys.executable, "-c", _CORE_TYPE, str(path)], env=environment, check=True)
        results.append(np.load(path))
    assert (results[0] == results[1]).all()


def test_read_only_cells_compile_nothing_again():
    cells = np.random.default_rng(0).random((4, 10, 10)) < 0.7
    mf.boundary_tractions(cells), mf.homogenize(cells)
    frozen = cells.astype(np.uint8)
    frozen.setflags(write=False)
    assert (mf.homogenize(frozen) == mf.homogenize(cells)).all()
    assert (mf.boundary_tractions(frozen) == mf.boundary_tractions(cells)).all()
    assert len(forward.effective_stiffness.signatures) == 1
    assert len(backward.solve_fields.signatures) == 1


def test_a_singular_cell_is_an_error_not_a_number():
    """A floating part in void below the rounding of its stiffness, which no option allows."""
    phases = mf.Phases()
    object.__setattr__(phases, "void", 1e-18)
    cells = np.ones((3, 20, 20))
    cells[1] = 0
    cells[1, 3:9, 5:11] = 1
    with pytest.raises(ValueError, match="a cell is singular in float64"):
        stiffness(cells.astype(np.uint8), "periodic", 1, phases, threads=1)
