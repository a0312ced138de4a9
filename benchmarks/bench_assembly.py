"""Assembly: our grid MRF solver against plain dual decomposition and ICM, in the same run.

    python benchmarks/bench_assembly.py [--seconds 2] [--threads N] [--smiley]

Prints bound, energy and gap after fixed times, the time of one pass over all chains, and the peers'
results as ratios to ours; then the same for the tables of the project's own designs. Asserts that
every bound lies below every energy. Further peers, if installed (pip install .[bench]): pytoulbar2,
and highspy for the exact bound of the linear relaxation, which no decomposition into chains passes.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sp

import metafast as mf
from metafast.assembly import incompatibility_tables, solve_mrf

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from reference import grid_mrf

ITERATIONS = 100_000_000


def timed(function, *arguments, **options):
    started = time.perf_counter()
    result = function(*arguments, **options)
    return time.perf_counter() - started, result


def line(name, seconds, bound, energy, note=""):
    gap = (energy - bound) / abs(energy)
    print(f"  {name:<26} {seconds:8.3f} s  {bound:12.5f} {energy:12.5f} {gap:10.2e}  {note}")


def toulbar2(tables, seconds):
    """Bound and energy by toulbar2 with virtual arc consistency, or None if it is missing."""
    try:
        import pytoulbar2
    except ImportError:
        return None
    unary, horizontal, vertical = tables
    rows, cols, labels = unary.shape
    problem = pytoulbar2.CFN(1e6, resolution=6, vac=1)
    for r, c in np.ndindex(rows, cols):
        problem.AddVariable(f"x{r}_{c}", range(labels))
        problem.AddFunction([f"x{r}_{c}"], unary[r, c].tolist())
    for r, c in np.ndindex(rows, cols - 1):
        problem.AddFunction([f"x{r}_{c}", f"x{r}_{c + 1}"], horizontal[r, c].ravel().tolist())
    for r, c in np.ndindex(rows - 1, cols):
        problem.AddFunction([f"x{r}_{c}", f"x{r + 1}_{c}"], vertical[r, c].ravel().tolist())
    answer = problem.Solve(timeLimit=int(np.ceil(seconds)))
    return (problem.GetDDualBound(), answer[1]) if answer else None


def relaxation(tables):
    """Costs, constraint matrix and right side of the linear relaxation over the local polytope.

    Variables: one for each label of each node and each pair of each edge, at least 0. The labels of
    a node add up to 1; the pairs of an edge with one end fixed add up to that end's label.
    """
    rows, cols, labels = tables[0].shape
    nodes, pairs = rows * cols, labels * labels
    index = np.arange(nodes).reshape(rows, cols)
    first = np.concatenate([index[:, :-1].ravel(), index[:-1].ravel()])
    second = np.concatenate([index[:, 1:].ravel(), index[1:].ravel()])
    edges = len(first)
    identity, ones = sp.identity(labels), np.ones((1, labels))
    once = sp.kron(sp.identity(nodes), ones)
    parts = []
    for ends, sums in ((first, sp.kron(identity, ones)), (second, sp.kron(ones, identity))):
        pick = sp.csr_matrix((np.ones(edges), (np.arange(edges), ends)), (edges, nodes))
        parts.append(sp.hstack([-sp.kron(pick, identity), sp.kron(sp.identity(edges), sums)]))
    simplex = sp.hstack([once, sp.csr_matrix((nodes, edges * pairs))])
    matrix = sp.vstack([simplex, *parts]).tocsr()
    right = np.concatenate([np.ones(nodes), np.zeros(2 * edges * labels)])
    return np.concatenate([table.ravel() for table in tables]), matrix, right


def linear_bound(tables):
    """Exact bound of the linear relaxation by HiGHS, or None if highspy is missing."""
    try:
        import highspy
    except ImportError:
        return None
    costs, matrix, right = relaxation(tables)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(costs), len(right)
    lp.col_cost_ = costs
    lp.col_lower_, lp.col_upper_ = np.zeros(len(costs)), np.full(len(costs), np.inf)
    lp.row_lower_ = lp.row_upper_ = right
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
    lp.a_matrix_.value_ = matrix.data
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(lp)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return solver.getInfo().objective_function_value


def compare_linear(rows, cols, labels, pairwise, seconds, threads):
    """Our bound against the best that chains can give, on an instance small enough for an LP."""
    tables = grid_mrf.random_tables(0, rows, cols, labels, pairwise)
    print(f"random {rows}x{cols}x{labels}, pairwise {pairwise}, linear relaxation")
    elapsed, ours = timed(
        solve_mrf, *tables, time_limit=seconds, max_iterations=ITERATIONS, threads=threads
    )
    line("metafast", elapsed, ours.lower_bound, ours.energy)
    elapsed, bound = timed(linear_bound, tables)
    if bound is None:
        print("  highspy is not installed: skipped")
        return
    line(
        "highspy, bound only", elapsed, bound, ours.energy, f"{bound / ours.lower_bound:.6f}x ours"
    )
    assert ours.lower_bound <= bound * (1 + 1e-6)
    assert bound <= ours.energy * (1 + 1e-6)
    assert ours.lower_bound >= bound * (1 - 1e-2)


def design_tables(problem, threads, count=10, edge_weight=0.1, side_solid=0.5):
    """Unary and edge tables of a design with the defaults of `metafast.design`."""
    database = mf.CellDatabase.default()
    eligible = database.side_solid() >= side_solid
    space = mf.PropertySpace.from_properties(database.properties[eligible], 24)
    targets = mf.optimize_properties(problem, space).properties
    choice = mf.select_candidates(
        database,
        mf.pixel_components(database),
        targets.reshape(-1, 4),
        count,
        eligible=eligible,
        threads=threads,
    ).reshape(problem.rows, problem.cols, count)
    axes = database.coordinates("log")
    deviation = axes.to_unit(database.properties[choice]) - axes.to_unit(targets)[:, :, None]
    distinct, local = np.unique(choice, return_inverse=True)
    used = database.take(distinct)
    tractions = mf.boundary_tractions(
        used, database.material, void_stiffness=database.void_stiffness, threads=threads
    )
    edges = incompatibility_tables(local.reshape(choice.shape), used, tractions, threads=threads)
    return np.abs(deviation).max(-1), *(edge_weight * table for table in edges)


def compare(name, tables, seconds, threads):
    print(f"{name}\n  {'':<26} {'time':>10}  {'bound':>12} {'energy':>12} {'gap':>10}")
    for limit in (seconds / 4, seconds):
        elapsed, ours = timed(
            solve_mrf, *tables, time_limit=limit, max_iterations=ITERATIONS, threads=threads
        )
        assert ours.lower_bound <= ours.energy
        per_pass = 1e6 * elapsed / max(ours.iterations, 1)
        note = (
            "dynamic programming" if ours.iterations == 0 else f"{per_pass:.0f} us a pass, all in"
        )
        line("metafast", elapsed, ours.lower_bound, ours.energy, note)
        if ours.optimal:
            break
    passes = 3
    elapsed, (_, energy, bound) = timed(grid_mrf.dual_decomposition, *tables, passes)
    passes = max(passes, int(passes * 4 * seconds / elapsed))
    elapsed, (_, energy, bound) = timed(grid_mrf.dual_decomposition, *tables, passes)
    note = f"{passes} passes"
    if ours.iterations:
        note += f", {elapsed / passes * 1e6 / per_pass:.0f}x the time of ours"
    line("plain DD-MRF (NumPy)", elapsed, bound, energy, note)
    assert bound <= ours.energy
    assert ours.lower_bound <= energy
    elapsed, (_, energy) = timed(grid_mrf.iterated_conditional_modes, *tables)
    line("ICM", elapsed, -np.inf, energy, f"{energy / ours.energy:.4f}x our energy")
    assert ours.lower_bound <= energy
    elapsed, peer = timed(toulbar2, tables, 4 * seconds)
    if peer is not None:
        line("toulbar2, vac=1", elapsed, *peer, f"{peer[1] / ours.energy:.4f}x our energy")
        assert ours.lower_bound <= peer[1] * (1 + 1e-5)
        assert peer[0] <= ours.energy * (1 + 1e-5)


def chain_pass(threads):
    """Time of one more pass over all chains, from runs of two lengths."""
    tables = grid_mrf.random_tables(0, 50, 50, 10, 1.0)
    times = []
    for passes in (2000, 6000):
        times.append(timed(solve_mrf, *tables, max_iterations=passes, threads=threads)[0])
    print(f"one pass, strips and certificates included: {(times[1] - times[0]) / 4e-3:.1f} us")


def tables(threads):
    """Tables of the smiley's size: 50 x 50 cells, 10 candidates, 50 x 50 pixels."""
    rng = np.random.default_rng(0)
    count, side = 4000, 50
    cells = (rng.random((count, side, side)) < 0.6).astype(np.uint8)
    tractions = rng.normal(size=(count, 4, 3, side, 2))
    candidates = rng.integers(0, count, (50, 50, 10))
    elapsed, (horizontal, vertical) = timed(
        incompatibility_tables, candidates, cells, tractions, threads=threads
    )
    entries = horizontal.size + vertical.size
    print(f"incompatibility tables: {entries} entries in {elapsed:.3f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="time limit of our solver")
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--smiley", action="store_true", help="also the smiley's own tables")
    options = parser.parse_args()
    tables(options.threads)
    chain_pass(options.threads)
    for pairwise in (0.1, 0.3, 1.0):
        compare(
            f"random 50x50x10, pairwise {pairwise}",
            grid_mrf.random_tables(0, 50, 50, 10, pairwise),
            options.seconds,
            options.threads,
        )
    compare(
        "random 4x30x10 (bridge)", grid_mrf.random_tables(0, 4, 30, 10, 0.3), 0.5, options.threads
    )
    compare_linear(12, 12, 6, 0.3, options.seconds, options.threads)
    problems = [mf.problems.bridge()] + ([mf.problems.smiley()] if options.smiley else [])
    for problem in problems:
        size = f"{problem.rows}x{problem.cols}x10"
        instance = design_tables(problem, options.threads)
        compare(f"{problem.name}'s own {size}", instance, options.seconds, options.threads)


if __name__ == "__main__":
    main()
