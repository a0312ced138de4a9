"""Assembly: our grid MRF solver and its peers, in the same run.

    python benchmarks/bench_assembly.py [--seconds 60] [--seed 7] [--labels 10] [--threads N]
                                        [--plot FILE] [--large] [--quick]

For each instance: the seconds to relative gaps of 1e-2, 1e-3 and 1e-4, the gap at the end, and how
many times longer each peer took to the gap it reached than we took to the same gap. Instances are
random tables of a seed that nothing was tuned on, stereo and Potts fields, and the tables of the
project's own bridge and smiley. Asserts that every bound of every solver lies below every energy.
--large adds 1000 x 1000 nodes, --quick gives every peer 3 s, --labels 64 compares random tables of
so many labels only.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import sys
import time
from pathlib import Path

import mrf_fields
import mrf_packages
import mrf_peers
import numpy as np
from record import Figure, record

import metafast as mf
from metafast._base.checks import require_threads
from metafast.assembly import incompatibility_tables, solve_mrf

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from reference.grid_mrf import random_tables

PASSES = 10**8
MOST_NODES = 20_000  # of which toulbar2 is given a model: building it takes a second per thousand
TOULBAR2 = {
    "vac=1": {"vac": 1},
    "vac=1 and TRW-S": {"vac": 1, "trwsAccuracy": 1e-5},
    "TRW-S": {"trwsAccuracy": 1e-5},
}


def ours(tables, seconds, threads, name="metafast"):
    """Our solver until the optimum is proved or time is over."""
    run = mrf_peers.Run(name)
    started = time.perf_counter()
    result = solve_mrf(*tables, time_limit=seconds, max_iterations=PASSES, threads=threads)
    elapsed = time.perf_counter() - started
    for entry in result.history:
        run.record(entry["time"], entry["bound"], entry["energy"])
    run.record(elapsed, result.lower_bound, result.energy)
    passes = f"{result.iterations} passes" if result.iterations else "dynamic programming"
    run.note = passes + (", proved optimal" if result.optimal else "")
    return run


def show(run, reference=None):
    """One line; `reference` is our run."""

    def seconds(gap):
        time_to = run.time_to(gap)
        return "-" if time_to is None else f"{time_to:.3f}"

    elapsed, bound, energy = run.history[-1]
    note = run.note
    if reference is not None and np.isfinite(run.gap()):
        reached = run.gap() * (1 + 1e-9) + 1e-15
        theirs, mine = run.time_to(reached), reference.time_to(reached)
        note += f"  {theirs / mine:.3g} times ours to the gap it reached" if mine else ""
    times = "".join(f"{seconds(gap):>9}" for gap in (1e-2, 1e-3, 1e-4))
    print(f"  {run.name:<24}{times} {elapsed:8.2f} {run.gap():9.1e} {bound:13.6f} {energy:13.6f}"
          f"  {note}".rstrip())  # fmt: skip


def figure(runs, seconds):
    """Our time to the proved optimum, and where the two best peers ended."""
    mine = runs[0]
    assert "proved optimal" in mine.note or mine.gap() <= 1e-3, "not even near the optimum"
    said = []
    for kind in ("TRW-S", "toulbar2"):
        times = [run for run in runs[1:] if run.name.startswith(kind)]
        if times:
            best = min(times, key=lambda run: (run.gap(), run.history[-1][0]))
            end = best.history[-1][0]
            proved = best.gap() < 1e-9
            said.append(f"{kind} {end:.2g} s" if proved else f"{kind} gap {best.gap():.1e}")
    return Figure(mine.history[-1][0], "s", ".3f", f"{', '.join(said)} after {seconds:g} s at most")


def compare(name, tables, seconds, threads, pictures=None):
    """All solvers on one instance; our run and the figure to record."""
    print(f"\n{name}\n  {'seconds to a gap of':<24}{'1e-2':>9}{'1e-3':>9}{'1e-4':>9} {'end':>8} "
          f"{'gap':>9} {'bound':>13} {'energy':>13}")  # fmt: skip
    mine = ours(tables, seconds, threads)
    show(mine)
    runs = [mine]
    peers = [
        lambda: mrf_peers.trw_s(tables, seconds),
        lambda: mrf_peers.dual_decomposition(tables, seconds),
        lambda: mrf_peers.icm(tables),
    ] + [
        lambda label=label, options=options: mrf_packages.toulbar2(
            tables, seconds, label, **options
        )
        for label, options in TOULBAR2.items()
        if tables[0][..., 0].size <= MOST_NODES
    ]
    for peer in peers:
        run = peer()
        if run is None:
            print("  toulbar2: not installed, or nothing found")
            continue
        show(run, mine)
        runs.append(run)
    # toulbar2 counts in millionths, so that every node and edge may be off by one
    places = 3 * tables[0].shape[0] * tables[0].shape[1]
    for one, other in itertools.product(runs, runs):
        rounded = any(run.name.startswith("toulbar2") for run in (one, other))
        tolerance = 1e-6 * places if rounded else 1e-9 * abs(mine.history[-1][2])
        bound, energy = one.history[-1][1], other.history[-1][2]
        assert bound <= energy + tolerance, f"bound of {one.name} above energy of {other.name}"
    if pictures is not None:
        pictures.append((name, runs))
    return mine, {f"{name}: optimum proved in": figure(runs, seconds)}


def compare_linear(threads):
    """Our bound against the exact linear relaxation, the best that chains can give."""
    tables = random_tables(0, 12, 12, 6, 1.0)
    print("\nrandom 12x12x6, pairwise 1.0: the linear relaxation")
    mine = ours(tables, 10, threads)
    show(mine)
    linear = mrf_packages.linear_bound(tables)
    if linear is None:
        print("  highspy is not installed: skipped")
        return
    _, bound, energy = mine.history[-1]
    elapsed, relaxed, _ = linear.history[-1]
    share = (energy - relaxed) / energy
    print(
        f"  {linear.name:<24} {elapsed:.2f} s, bound {relaxed:.6f}: {share:.1e} below our optimum"
    )
    assert relaxed <= energy * (1 + 1e-9)
    assert bound <= energy


def design_tables(problem, threads, count=10, edge_weight=0.1, least_side_solid=0.5):
    """Unary and edge tables of a design with the defaults of `metafast.design`, not smoothed."""
    database = mf.CellDatabase.default()
    eligible = database.side_solid() >= least_side_solid
    space = mf.PropertySpace.from_properties(database.properties[eligible], 24)
    targets = mf.optimize_properties(problem, space, kinematics="linear", smoothing=0.0).properties
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
    mf.boundary_tractions(used[:64], database.phases, threads=threads)  # compiles, or loads
    started = time.perf_counter()
    tractions = mf.boundary_tractions(used, database.phases, threads=threads)
    halfway = time.perf_counter()
    tables = incompatibility_tables(local.reshape(choice.shape), used, tractions, threads=threads)
    edges = (tables.horizontal, tables.vertical)
    assert all(table.min() >= 0 and table.max() <= 2 for table in edges)
    entries = sum(table.size for table in edges)
    print(
        f"\n{problem.name}: tractions of {len(used)} distinct cells {halfway - started:.3f} s, "
        f"{entries} mismatches {time.perf_counter() - halfway:.3f} s"
    )
    return (
        np.abs(deviation).max(-1),
        edge_weight * tables.horizontal,
        edge_weight * tables.vertical,
    )


def scaling(tables, threads):
    """Time to the proved optimum on one and more threads."""
    counts = [n for n in (1, 2, 4, 8, 16) if n <= threads]
    times = [min(ours(tables, 60, n).history[-1][0] for _ in range(3)) for n in counts]
    print("  threads: " + ", ".join(f"{n}: {t:.3f} s" for n, t in zip(counts, times, strict=True)))


def large(threads, side=1000, labels=10, pairwise=0.3):
    """Float32 tables of a million nodes to a gap of 1 %."""
    rng = np.random.default_rng(0)
    shapes = (
        (side, side, labels),
        (side, side - 1, labels, labels),
        (side - 1, side, labels, labels),
    )
    tables = [rng.random(shape, dtype=np.float32) for shape in shapes]
    for table in tables[1:]:
        table *= np.float32(pairwise)
    size = sum(table.nbytes for table in tables) / 2**30
    started = time.perf_counter()
    result = solve_mrf(*tables, gap=1e-2, time_limit=600, max_iterations=PASSES, threads=threads)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    elapsed = time.perf_counter() - started
    print(
        f"\nrandom {side}x{side}x{labels}, pairwise {pairwise}, float32, {size:.2f} GiB: gap "
        f"{result.gap:.1e} after {elapsed:.1f} s, {result.iterations} passes, peak {peak:.1f} GiB"
    )
    assert result.lower_bound <= result.energy
    record(
        "assembly_large",
        {
            f"random {side}x{side}x{labels}, pairwise {pairwise}": Figure(elapsed, "s", ".1f"),
            "gap reached": Figure(result.gap, "", ".1e", at_most=1e-2),
            "peak memory": Figure(peak, "GiB", ".1f"),
        },
        packages=("numpy",),
        arguments="--large",
    )


def plot(pictures, path):
    """Bounds and energies against time, relative to the best energy."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2 * len(pictures), 4), layout="constrained")
    axes = figure.subplots(1, len(pictures), squeeze=False)[0]
    for axis, (name, runs) in zip(axes, pictures, strict=True):
        best = min(run.history[-1][2] for run in runs)
        for k, run in enumerate(runs):
            seconds, bound, energy = np.array(run.history).T
            style = {"color": f"C{k}", "marker": "o" if len(seconds) < 60 else "", "ms": 3}
            axis.plot(seconds, 100 * (energy / best - 1), label=run.name, **style)
            axis.plot(seconds, 100 * (bound / best - 1), ls="--", **style)
        axis.set(title=name, xscale="log", xlabel="seconds", ylim=(-8, 8))
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("energy (solid) and bound (dashed), % off the best")
    axes[0].legend(fontsize=8)
    figure.savefig(path, dpi=150)
    print(f"written to {path}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="time for every solver")
    parser.add_argument("--seed", type=int, default=7, help="of the random tables")
    parser.add_argument("--labels", type=int, default=10, help="of the random tables")
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--plot", default=None, help="picture of bound and energy against time")
    parser.add_argument("--large", action="store_true", help="also 1000 x 1000 nodes")
    parser.add_argument("--quick", action="store_true", help="3 s for every solver")
    options = parser.parse_args()
    seconds = 3.0 if options.quick else options.seconds
    pictures, figures = [], {}
    for pairwise in (0.1, 0.3, 1.0):
        figures |= compare(
            f"random 50x50x{options.labels}, pairwise {pairwise}, seed {options.seed}",
            random_tables(options.seed, 50, 50, options.labels, pairwise),
            seconds,
            options.threads,
            pictures if pairwise > 0.1 else None,
        )[1]
    if options.labels != 10:
        return
    for name, field in (
        ("stereo 300x300x16, seed 0", mrf_fields.stereo(0, 300, 300, 16)),
        ("stereo 100x100x16, seed 1", mrf_fields.stereo(1, 100, 100, 16)),
        ("Potts 120x120x8, seed 0", mrf_fields.potts(0, 120, 120, 8)),
    ):
        tables = mrf_fields.written_out(*field)
        figures |= compare(name, tables, seconds, options.threads, pictures)[1]
    for problem in (mf.problems.bridge(), mf.problems.smiley()):
        tables = design_tables(problem, options.threads)
        name = f"{problem.name}'s own {problem.rows}x{problem.cols}x10"
        shown = pictures if problem.rows > 10 else None
        figures |= compare(name, tables, seconds, options.threads, shown)[1]
    scaling(tables, options.threads or require_threads(None))
    compare_linear(options.threads)
    record(
        "assembly",
        figures,
        packages=("numpy", "numba", "pytoulbar2", "highspy"),
        note="TRW-S is written here from its paper; toulbar2 is the best of three settings. No "
        "bound of any solver lies above an energy of any other. "
        "![Bound and energy against time](../docs/assembly.png)",
        arguments=f"--seconds {seconds:g}",
    )
    if options.large:
        large(options.threads)
    if options.plot:
        plot(pictures, options.plot)


if __name__ == "__main__":
    main()
