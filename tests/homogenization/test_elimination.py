"""The elimination itself: its order, its plan, its machine code, its lanes."""

import os
import platform
import re
import subprocess
import sys

import numpy as np
import pytest

import metafast as mf
from metafast.homogenization.elimination import dissection
from metafast.homogenization.elimination.dissection import LEAF_PIXELS, dissect, elimination_cost
from metafast.homogenization.elimination.fronts import build_fronts, packed_size, place_complements
from metafast.homogenization.elimination.numbering import number_grid
from metafast.homogenization.elimination.plan import MAPS, PIVOTS, elimination_plan
from metafast.homogenization.kernels import backward, forward
from metafast.homogenization.lanes import LANES


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("shape", [(1, 1), (2, 5), (3, 3), (25, 25), (17, 40)])
def test_blocks_are_a_tree_over_all_pixels(shape, periodic):
    blocks = dissect(*shape, periodic)
    seen = np.zeros(shape, dtype=int)
    for k, (r0, r1, c0, c1, first, second) in enumerate(blocks):
        assert (first < 0) == (second < 0)
        if first < 0:
            assert (r1 - r0) * (c1 - c0) <= LEAF_PIXELS
            seen[r0:r1, c0:c1] += 1
        else:
            assert first < second < k
            parts = [blocks[first], blocks[second]]
            assert sum((p.r1 - p.r0) * (p.c1 - p.c0) for p in parts) == (r1 - r0) * (c1 - c0)
    assert (seen == 1).all()
    assert blocks[-1][:4] == (0, shape[0], 0, shape[1])


@pytest.mark.parametrize(("size", "periodic"), [(25, False), (24, True), (50, True)])
def test_cuts_are_the_cheapest_of_all(monkeypatch, size, periodic):
    """Nothing is gained by looking at every place instead of those near the middle."""

    def cost():
        side = dissection._Side(size, not periodic, not periodic)
        costs = dissection._periodic_costs(size, size) if periodic else dissection._quarter_costs()
        return costs(side, side)[0]

    searched = cost()
    monkeypatch.setattr(dissection, "_places", lambda length: range(1, length))
    assert searched == cost()


def test_cost_counts_the_multiplications():
    for pivots, border in ((1, 0), (4, 7), (10, 51)):
        size = pivots + border
        count = sum(m + m * (m + 1) / 2 for m in range(border, size))
        touched = dissection._TOUCH * size * (size + 1) / 2
        assert elimination_cost(pivots, border) == pytest.approx(count + touched)


@pytest.mark.parametrize(("kind", "size"), [("quarter", 25), ("periodic", 50)])
def test_every_displacement_is_eliminated_once(kind, size):
    plan = elimination_plan(size, size, kind, "none")
    eliminated = []
    for front in plan.tables.fronts:
        first, pivots = front[MAPS], front[PIVOTS]
        eliminated += plan.tables.variables[first : first + pivots].tolist()
    counts = np.bincount(eliminated, minlength=plan.unknowns)
    if kind == "periodic":
        assert counts.tolist() == [0, 0] + [1] * (plan.unknowns - 2)
        return
    # inside the quarter once for both systems; on its edges each displacement is free in one
    counts = counts.reshape(size + 1, size + 1, 2)
    assert (counts[[0, 0, -1, -1], [0, -1, 0, -1]] == 0).all()
    assert (counts[0, 1:-1] == 1).all()
    assert (counts[1:-1, -1] == 1).all()
    assert set(np.unique(counts[1:-1, 1:-1])) <= {1, 2}


@pytest.mark.parametrize(("kind", "size"), [("quarter", 12), ("periodic", 20)])
def test_complements_do_not_overwrite_what_is_still_needed(kind, size):
    blocks = dissect(size, size, kind == "periodic")
    fronts = build_fronts(blocks, number_grid(size, size, kind, blocks), "none")
    end = place_complements(fronts, 10)
    places = [(f.out, f.out + packed_size(len(f.border))) for f in fronts]
    assert min(start for start, _ in places) == 10
    assert max(stop for _, stop in places) == end
    last = {child: f for f, front in enumerate(fronts) for child in front.children}
    for f, (start, stop) in enumerate(places):
        # the parent that reads this one last must not write over it either
        for begin, finish in places[f + 1 : last.get(f, len(fronts)) + 1]:
            assert finish <= start or stop <= begin


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

    Compiled for a processor of either kind, whatever this one is; nothing of it is run.
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


def test_a_forced_width_is_checked():
    environment = {**os.environ, "METAFAST_LANES": "5"}
    done = subprocess.run(
        [sys.executable, "-c", "import metafast"], env=environment, capture_output=True, text=True
    )
    assert "METAFAST_LANES is '5'; 4 or 8 is needed" in done.stderr


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
