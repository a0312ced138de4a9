"""Options of a linear design, compared by the solution of every pixel.

Run: python benchmarks/bench_options.py [--closed | --finite]
Designs nine bridges with each set of options and prints the three errors and the boundary mismatch
averaged over them. Single open-loop designs scatter by about 0.05 in the last error: rows less than
0.02 apart do not differ. Then the smiley, once with each choice of candidates. Last the bridges
with corrected targets and with the closed loop; --closed prints these only.
--finite designs the nine bridges at finite deformation, and eight whose targets differ by rounding,
with the default options, and prints the errors on both meshes.
"""

import sys
import time

import numpy as np
from record import Figure, record

import metafast as mf

BRIDGES = [
    mf.problems.bridge(),
    mf.problems.bridge(amplitude=0.9),
    mf.problems.bridge(amplitude=0.75),
    mf.problems.bridge(amplitude=0.5),
    mf.problems.bridge(amplitude=1.25),
    mf.problems.bridge(target="sine"),
    mf.problems.bridge(rows=6),
    mf.problems.bridge(cols=24),
    mf.problems.bridge(cols=36, amplitude=0.6),
]
OPEN = {"kinematics": "linear", "swap_rounds": 0, "correction_rounds": 0}
OPTIONS = [
    {},
    {"selection": "nearest"},
    {"least_side_solid": 0.0},
    {"least_side_solid": 0.0, "selection": "nearest"},
    {"least_side_solid": 0.3},
    {"least_stiffness": 0.005},
    {"edge_weight": 0.03},
    {"edge_weight": 1.0},
    {"coordinates": "linear"},
    {"smoothing": 0.0},
    {"smoothing": 2.5},
    {"smoothing": 0.0, "selection": "nearest"},
]
CLOSED = [
    {"correction_rounds": 2},
    {"swap_rounds": 3},
    {"correction_rounds": 2, "swap_rounds": 3},
    {"correction_rounds": 2, "swap_rounds": 6},
    {"correction_rounds": 2, "swap_rounds": 3, "selection": "nearest"},
    {"correction_rounds": 2, "swap_rounds": 3, "smoothing": 0.0},
]
PAPERS = (  # recorded: the defaults, and one of the paper's choices at a time
    "defaults, open loop",
    "selection=nearest",
    "least_side_solid=0.0",
    "edge_weight=1.0",
    "smoothing=0.0",
)
SMILEYS = [
    {},
    {"selection": "nearest"},
    {"least_side_solid": 0.0},
    {"smoothing": 0.0},
    {"smoothing": 0.0, "selection": "nearest"},
]


def main():
    database = mf.CellDatabase.default()
    if "--finite" in sys.argv:
        finite(database)
        return
    print("options".ljust(46) + "macro    cells    pixels   worst   mismatch")
    figures = {}
    if "--closed" not in sys.argv:
        found = bridges(database, OPTIONS)
        figures |= {name: found[name] for name in PAPERS}
        print("smiley")
        for options in SMILEYS:
            row([mf.design(mf.problems.smiley(), database, **OPEN | options)], options)
        print("bridges")
    figures |= bridges(database, CLOSED)
    record(
        "options",
        figures,
        note="Mean RRMSE at every pixel of nine bridges. Single open-loop designs scatter by about "
        "0.05: means less than 0.02 apart do not differ.",
    )


def finite(database):
    """The nine bridges, and eight that differ by rounding, by the default options."""
    print("bridge".ljust(28) + "1x1      2x2      limit    seconds")
    nudged = [mf.problems.bridge(amplitude=1.0 + k * 1e-13) for k in range(8)]
    figures = {}
    for name, problems in (("nine bridges", BRIDGES), ("differ by rounding", nudged)):
        errors = []
        for k, problem in enumerate(problems):
            begin = time.perf_counter()
            found = mf.design(problem, database).errors
            seconds = time.perf_counter() - begin
            errors.append((found.pixels, found.fine))
            limit = f"{found.extrapolated:.4f}   {seconds:.0f}"
            print(
                f"{name}, {k + 1}".ljust(28)
                + "   ".join(f"{e:.4f}" for e in errors[-1])
                + f"   {limit}"
            )
        worst, median = np.max(errors, axis=0), np.median(errors, axis=0)
        figures[f"{name}, worst 1x1"] = Figure(worst[0], "", ".4f", at_most=0.02)
        figures[f"{name}, worst 2x2"] = Figure(worst[1], "", ".4f", at_most=0.02)
        figures[f"{name}, median 1x1"] = Figure(median[0], "", ".4f")
        figures[f"{name}, median 2x2"] = Figure(median[1], "", ".4f")
    record("finite_bridges", figures, note="Full load, neo-Hookean solid, every pixel.")


def bridges(database, rows):
    figures = {}
    for options in rows:
        figures |= row([mf.design(p, database, **OPEN | options) for p in BRIDGES], options)
    return figures


def row(designs, options):
    errors = np.array([(e.macro, e.own_cells, e.pixels) for e in (d.errors for d in designs)])
    assert all(made.certified.lower_bound <= made.certified.energy for made in designs)
    mean = "   ".join(f"{value:.4f}" for value in errors.mean(0))
    mismatch = np.mean([made.assembly.mismatch for made in designs])
    name = ", ".join(f"{k}={v}" for k, v in options.items()) or "defaults, open loop"
    print(f"{name:44}  {mean}   {errors[:, 2].max():.3f}   {mismatch:.3f}", flush=True)
    return {name: Figure(errors[:, 2].mean(), "", ".4f", f"worst {errors[:, 2].max():.4f}")}


if __name__ == "__main__":
    main()
