"""Homogenization: speed beside sparse direct solvers, share of the processor's peak, scaling.

Run: python benchmarks/bench_homogenization.py   (three minutes; peers come with .[bench])
All figures are of one run on one machine; every peer is asserted to agree with ours.
"""

import os

os.environ.setdefault("MKL_NUM_THREADS", "1")  # peers are compared per core

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import homogenization_peers as peers
import numpy as np
from fma_peak import fma_peak
from record import Figure, record

import metafast as mf
from metafast.cells.symmetry import mirror, quarter
from metafast.homogenization.elimination.plan import elimination_plan

ROOT = Path(__file__).parent.parent
THREADS = (1, 2)
GOALS = {"symmetric cells": 12_000, "general cells": 1_200, "tractions, symmetric": 5_000}


def seconds(function, repeat=5):
    """Best time of a few, and the result."""
    best, result = np.inf, None
    for _ in range(repeat):
        start = time.perf_counter()
        result = function()
        best = min(best, time.perf_counter() - start)
    return best, result


def published_cells():
    with np.load(ROOT / "tests" / "data" / "metaset_120.npz") as file:
        cells = np.unpackbits(file["cells"], axis=-1, count=50)
        published = file["published"]
    c = mf.homogenize(cells, mf.Material(poisson=0.3))
    ours = np.stack([c[:, 0, 0], c[:, 0, 1], c[:, 1, 1]], 1)
    deviation = np.abs(ours - published).max()
    print(f"published figures of 120 cells: largest deviation {deviation:.1e}")
    assert deviation < 1e-12
    return cells, deviation


def connected_cells(count, size, seed=0):
    """Random cells without symmetry: smooth level sets, periodic, about two thirds solid."""
    rng = np.random.default_rng(seed)
    field = np.fft.rfft2(rng.standard_normal((count, size, size)))
    k = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]) * size
    smooth = np.fft.irfft2(field * np.exp(-((k / 5.0) ** 2)), s=(size, size))
    share = rng.uniform(0.5, 0.8, count)[:, None, None]
    rank = smooth.reshape(count, -1).argsort(1).argsort(1).reshape(smooth.shape) / size**2
    return (rank < share).astype(np.uint8)


def compare(name, cells, many, contenders):
    """Rates of ours and the peers on one core, as figures."""
    figures = {}
    fast, _ = seconds(lambda: mf.homogenize(many, threads=1))
    rate = len(many) / fast
    expected = mf.homogenize(cells[:8])
    print(f"\n{name}, one core: ours {rate:.0f} cells/s")
    for label, make in contenders:
        try:
            peer = make()
        except ImportError as error:
            print(f"  {label:42} skipped: {error.name} is not installed")
            continue
        peer(cells[0])
        slow, result = seconds(lambda p=peer: [p(cell) for cell in cells[:8]], 3)
        deviation = np.abs(result - expected).max()
        assert deviation < 1e-10, label
        print(f"  {label:42} {8 / slow:7.1f} cells/s  {rate * slow / 8:5.0f} times"
              f"  deviation {deviation:.0e}")  # fmt: skip
        figures[f"{name}, one core, against {label}"] = Figure(
            rate, "cells/s", ",.0f", "peer", 8 / slow, at_least=GOALS[name]
        )
    return figures or {f"{name}, one core": Figure(rate, "cells/s", at_least=GOALS[name])}


def shares(kernels):
    """Rates, and arithmetic of the elimination against the peak measured before and after."""
    figures = {}
    print("\nkernel                       threads   cells/s   GFLOP/s   of peak")
    for label, function, many, plan in kernels:
        for threads in THREADS:
            peak = fma_peak(threads)
            fast, _ = seconds(lambda f=function, m=many, t=threads: f(m, threads=t))
            peak = max(peak, fma_peak(threads))
            rate = len(many) / fast
            flops = 2 * plan.multiplications * rate / 1e9
            print(f"{label:28} {threads:7d} {rate:9.0f} {flops:9.1f}   {flops / peak:5.0%}"
                  f" of {peak:.0f}")  # fmt: skip
            assert flops < 1.05 * peak, "more arithmetic than the processor can do"
            if threads == 1 and function is not mf.homogenize:
                figures[f"{label}, one core"] = Figure(
                    rate, "cells/s", ",.0f", f"{flops / peak:.0%} of the processor's peak",
                    at_least=GOALS.get(label),
                )  # fmt: skip
    return figures


def scaling(symmetric, general):
    print("\nbatch      symmetric cells/s    general cells/s    (all threads)")
    for batch in (1, 8, 64, 512, 4096):
        rates = []
        for pool in (symmetric, general):
            cells = np.resize(pool, (batch, 50, 50))
            repeat = max(1, 256 // batch)
            fast, _ = seconds(lambda c=cells, r=repeat: [mf.homogenize(c) for _ in range(r)], 3)
            rates.append(batch * repeat / fast)
        print(f"{batch:5d} {rates[0]:22.0f} {rates[1]:18.0f}")
    print("\nsize       symmetric cells/s    general cells/s    (one thread)")
    for size in (16, 32, 50, 64, 100, 128):
        count = max(8, int(2e6 / size**3))
        whole = connected_cells(count, size)
        rates = []
        for cells in (mirror(quarter(whole)), whole):
            mf.homogenize(cells[:1])
            fast, _ = seconds(lambda c=cells: mf.homogenize(c, threads=1), 3)
            rates.append(count / fast)
        print(f"{size:5d} {rates[0]:22.0f} {rates[1]:18.0f}")


def whole_database():
    """250,000 cells, those of the default database two and a half times, on all threads."""
    database = mf.CellDatabase.default()
    cells = database.take(np.arange(len(database)))
    cells = np.concatenate([cells, cells, cells[: len(cells) // 2]])
    fast, c = seconds(lambda: mf.homogenize(cells), 2)
    print(f"\n{len(cells)} cells of the default database: {fast:.1f} s, {len(cells) / fast:.0f} a "
          "second")  # fmt: skip
    ours = c[: len(database), [0, 0, 1, 2], [0, 1, 1, 2]]
    assert np.abs(ours - database.properties).max() < 1e-9
    return {f"{len(cells):,} symmetric cells, all cores": Figure(fast, "s", ".1f", at_most=12)}


def first_call():
    """Import and first calls in new processes: nothing cached, then everything."""
    code = """
import time
start = time.perf_counter()
import numpy as np, metafast as mf
times = [time.perf_counter() - start]
cell = np.ones((1, 50, 50))
for call in (mf.homogenize, mf.boundary_tractions):
    start = time.perf_counter()
    call(cell)
    times.append(time.perf_counter() - start)
print("import {:.1f} s, first homogenize {:.1f} s, tractions {:.1f} s".format(*times))
"""
    first = {}
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
        for state in ("compiling", "from the cache"):
            done = subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, text=True,
                check=True,
            )  # fmt: skip
            print(f"{state}: {done.stdout.strip()}")
            first[f"first call, {state}"] = Figure(done.stdout.strip())
    return first


def main():
    symmetric, deviation = published_cells()
    figures = {
        "120 published cells, largest deviation": Figure(deviation, "", ".1e", at_most=1e-12)
    }
    general = connected_cells(240, 50)
    many, some = np.tile(symmetric, (20, 1, 1)), general
    mf.homogenize(many[:8]), mf.homogenize(some[:8])
    figures |= compare(
        "symmetric cells", symmetric, many,
        (
            ("PARDISO, whole cell", lambda: peers.pardiso(50, "periodic")),
            ("PARDISO, given our quarters", lambda: peers.pardiso(50, "quarter")),
            ("scipy SuperLU, whole cell", lambda: peers.scipy_lu(50, "periodic")),
            ("scikit-fem assembly, scipy SuperLU", lambda: peers.scikit_fem(50)),
        ),
    )  # fmt: skip
    figures |= compare(
        "general cells", general, some,
        (
            ("PARDISO", lambda: peers.pardiso(50, "periodic")),
            ("scipy SuperLU", lambda: peers.scipy_lu(50, "periodic")),
            ("scikit-fem assembly, scipy SuperLU", lambda: peers.scikit_fem(50)),
        ),
    )  # fmt: skip

    quarter, whole = ((25, 25, "quarter"), (50, 50, "periodic"))
    figures |= shares(
        (
            ("homogenize, symmetric", mf.homogenize, many, elimination_plan(*quarter, "all")),
            ("homogenize, general", mf.homogenize, some, elimination_plan(*whole, "all")),
            ("tractions, symmetric", mf.boundary_tractions, many[:1200],
             elimination_plan(*quarter, "inner")),
            ("tractions, general", mf.boundary_tractions, some, elimination_plan(*whole, "inner")),
            ("displacements, symmetric", mf.displacement_fields, many[:1200],
             elimination_plan(*quarter, "none")),
            ("SIMP derivative, symmetric", mf.simp_sensitivities, many[:1200].astype(float),
             elimination_plan(*quarter, "none")),
            ("SIMP derivative, general", mf.simp_sensitivities, some[:120].astype(float),
             elimination_plan(*whole, "none")),
        )
    )  # fmt: skip
    scaling(symmetric, general)
    figures |= whole_database()
    print()
    figures |= first_call()
    record(
        "homogenization", figures, packages=("numpy", "numba", "scipy", "pypardiso"),
        note="C deviates from every peer's by less than 1e-10.",
    )  # fmt: skip


if __name__ == "__main__":
    main()
