"""Full-resolution solution of porous structures: time, memory, and peers in the same run.

    python benchmarks/bench_structure.py [rows cols]

Prints the phases for a bridge (4x30 cells of 50x50 pixels) or for rows x cols cells, and on 8x8
cells the ratio to PARDISO with our order and its own (METIS), and to scipy's splu. All agree.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from record import Figure, record
from scipy.ndimage import gaussian_filter
from threadpoolctl import threadpool_limits

from metafast._base.linear_solver import SymmetricFactor
from metafast.material import Material
from metafast.problems.bridge import bridge
from metafast.structure import estimate_memory, solve_structure
from metafast.structure.body import prepare
from metafast.structure.multifrontal import Multifrontal
from metafast.structure.nested_dissection import dissection_tree

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from reference import direct

AGREEMENT = 1e-7
LARGE = 400  # cells from which splu takes minutes
GOAL_SECONDS, GOAL_MEMORY = 10.0, 4.0  # for 2500 x 2500 pixels


def porous(rows, cols, side=50, *, kinds=200, seed=0):
    """Cells of random mirror-symmetric blobs in frames of three pixels, about 45 % solid."""
    rng = np.random.default_rng(seed)
    half = (side + 1) // 2
    cells = np.ones((kinds, side, side), bool)
    for cell in cells:
        field = gaussian_filter(rng.standard_normal((half, half)), side / 20, mode="reflect")
        quarter = field > np.quantile(field, 0.64)
        cell[:half, :half], cell[:half, -half:] = quarter, quarter[:, ::-1]
        cell[-half:] = cell[:half][::-1]
        cell[:3] = cell[-3:] = True
        cell[:, :3] = cell[:, -3:] = True
    chosen = cells[rng.integers(kinds, size=(rows, cols))]
    return chosen.transpose(0, 2, 1, 3).reshape(rows * side, cols * side)


def solve(rows, cols):
    problem = bridge(rows, cols)
    pixels = porous(rows, cols)
    response = solve_structure(pixels, problem, Material())
    shape = f"{pixels.shape[0]}x{pixels.shape[1]} pixels"
    print(f"\n{rows}x{cols} cells, {shape}, {pixels.mean():.0%} solid")
    print(f"  {response.dofs:,} unknowns, {response.corner_contacts} corner contacts")
    for phase, seconds in response.timings.items():
        print(f"  {phase:10s}{seconds:8.2f} s")
    print(f"  solver    {response.factor_memory / 2**30:8.2f} GiB")
    if response.peak_memory:
        estimate = estimate_memory(response.dofs) / 2**30
        print(f"  peak      {response.peak_memory / 2**30:8.2f} GiB (estimate {estimate:.2f})")
    print(f"  unbalanced force / largest reaction {response.residual:.1e}")
    assert response.residual < AGREEMENT
    return {
        f"{shape}, {response.dofs:,} unknowns": Figure(
            response.timings["total"], "s", ".2f", at_most=GOAL_SECONDS
        ),
        "peak memory": Figure(response.peak_memory / 2**30, "GiB", ".2f", at_most=GOAL_MEMORY),
        "unbalanced force over the largest reaction": Figure(
            response.residual, "", ".1e", at_most=AGREEMENT
        ),
    }


def compare(rows, cols):
    system = prepare(porous(rows, cols), [bridge(rows, cols)], Material(), 1).system
    upper = direct.assemble_upper(system, Material())
    full = direct.full_of(upper)
    truth = np.random.default_rng(0).standard_normal(upper.shape[0])
    rhs = full @ truth

    def its_own_order():
        with SymmetricFactor(upper) as factor:
            return factor.solve(rhs)

    def our_order():
        with threadpool_limits(1):
            return direct.pardiso(upper, rhs, dissection_tree(system, 4).order)

    def ours(threads):
        with Multifrontal(system, threads=threads) as factor:
            return factor.solve(rhs)

    peers = {
        "ours, two threads": lambda: ours(2),
        "ours, one thread": lambda: ours(1),
        "PARDISO, our order": our_order,
        "PARDISO, its own order": its_own_order,
        "scipy splu": lambda: direct.superlu(upper, rhs),
    }
    if rows * cols > LARGE:
        del peers["scipy splu"]
    print(f"\npeers on {rows}x{cols} cells, {len(rhs):,} unknowns: order, factor and solution")
    its_own_order()  # opens the library
    figures, fastest = {}, None
    for name, run in peers.items():
        start = time.perf_counter()
        solution = run()
        seconds = time.perf_counter() - start
        fastest = fastest or seconds
        error = np.linalg.norm(full @ solution - rhs) / np.linalg.norm(rhs)
        print(f"  {name:24s}{seconds:8.2f} s  {seconds / fastest:5.1f}x  residual {error:.1e}")
        assert error < AGREEMENT
        assert np.linalg.norm(solution - truth) < AGREEMENT * np.linalg.norm(truth)
        if not name.startswith("ours"):
            title = f"{rows}x{cols} cells, {len(rhs):,} unknowns, against {name}"
            figures[title] = Figure(fastest, "s", ".2f", "peer", seconds)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("size", nargs="*", type=int, default=[4, 30], metavar="rows cols")
    rows, cols = parser.parse_args().size
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solve_structure(porous(2, 2), bridge(2, 2), Material())  # compiles the kernels
    figures = compare(8, 8)
    if rows * cols > LARGE:
        figures = compare(20, 20)
    record(
        "structure",
        solve(rows, cols) | figures,
        packages=("numpy", "scipy", "numba", "pypardiso"),
        note=f"Order, factor and solution. All solutions agree to {AGREEMENT:g}.",
    )


if __name__ == "__main__":
    main()
