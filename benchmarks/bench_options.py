"""Which options give the better structure, judged by the solution of every pixel.

Run: python benchmarks/bench_options.py [--closed]
Designs nine bridges with each set of options and prints the three errors and the boundary mismatch
averaged over them. Single open-loop designs scatter by about 0.05 in the last error: rows less than
0.02 apart do not differ. Then the smiley, once with each choice of candidates. Last the bridges
with corrected targets and with the closed loop; --closed prints these only.
"""

import sys

import numpy as np

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
OPEN = {"refine_rounds": 0}
OPTIONS = [
    {},
    {"selection": "nearest"},
    {"side_solid": 0.0},
    {"side_solid": 0.0, "selection": "nearest"},
    {"side_solid": 0.3},
    {"softest": 0.005},
    {"edge_weight": 0.03},
    {"edge_weight": 1.0},
    {"coordinates": "linear"},
    {"smoothing": 0.0},
    {"smoothing": 2.5},
    {"smoothing": 0.0, "selection": "nearest"},
]
CLOSED = [
    {"target_rounds": 2},
    {"target_rounds": 0, "refine_rounds": 3},
    {"refine_rounds": 3},
    {"refine_rounds": 6},
    {"refine_rounds": 3, "selection": "nearest"},
    {"refine_rounds": 3, "smoothing": 0.0},
]
SMILEYS = [
    {},
    {"selection": "nearest"},
    {"side_solid": 0.0},
    {"smoothing": 0.0},
    {"smoothing": 0.0, "selection": "nearest"},
]


def main():
    database = mf.CellDatabase.default()
    print("options".ljust(46) + "macro    cells    pixels   worst   mismatch")
    if "--closed" not in sys.argv:
        bridges(database, OPTIONS)
        print("smiley")
        for options in SMILEYS:
            row([mf.design(mf.problems.smiley(), database, **OPEN | options)], options)
        print("bridges")
    bridges(database, CLOSED)


def bridges(database, rows):
    for options in rows:
        row([mf.design(p, database, **OPEN | options) for p in BRIDGES], options)


def row(designs, options):
    errors = np.array([list(made.errors.values()) for made in designs])
    mean = "   ".join(f"{value:.4f}" for value in errors.mean(0))
    mismatch = np.mean([made.assembly.mismatch for made in designs])
    name = ", ".join(f"{k}={v}" for k, v in options.items()) or "defaults, open loop"
    print(f"{name:44}  {mean}   {errors[:, 2].max():.3f}   {mismatch:.3f}", flush=True)


if __name__ == "__main__":
    main()
