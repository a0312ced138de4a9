"""Parts of the method left out one at a time, over fourteen problems.

Run: python benchmarks/bench_ablations.py [--repeats N] [--again]
The problems and the way they are designed are those of bench_encoders.py: open loops at small
displacements, each as a median of designs that differ by rounding. Finished designs are kept in
results/ablations.partial, and an interrupted run goes on from there; --again starts anew.
"""

import argparse
import json
import os

import numpy as np
from bench_encoders import BRIDGES, OPEN, OTHERS, PROBLEMS, designed, with_error
from record import RESULTS, Figure, record

import metafast as mf

PARTIAL = RESULTS / "ablations.partial"
FULL = "everything"
WITHOUT = {
    FULL: {},
    "without the tractions' mismatch": {"mechanical_weight": 0.0},
    "without the solids' mismatch": {"geometric_weight": 0.0},
    "without any mismatch": {"edge_weight": 0.0},
    "without diverse shapes": {"selection": "nearest"},
    "one candidate": {"selection": "nearest", "candidates": 1},
    "without wide sides": {"least_side_solid": 0.0},
    "without smoothing": {"smoothing": 0.0},
    "without log coordinates": {"coordinates": "linear"},
}


def all_designs(repeats):
    """Error and mismatch by part, problem and repeat."""
    found = json.loads(PARTIAL.read_text()) if PARTIAL.exists() else {}
    for name, (make, sizes) in PROBLEMS.items():
        problem = make(**sizes)
        for repeat in range(repeats):
            for part, changes in WITHOUT.items():
                key = f"{part}; {name}; {repeat}"
                if key in found:
                    continue
                found[key] = designed(problem, repeat, None, mf.DesignOptions(**OPEN), changes)
                print(f"{key}: RRMSE {found[key][0]:.4f}", flush=True)
                partial = PARTIAL.with_suffix(".new")
                partial.write_text(json.dumps(found))
                os.replace(partial, PARTIAL)
    return found


def errors_of(found, part, problems, repeats):
    """RRMSE of each problem, the median of its repeats."""
    return np.array(
        [np.median([found[f"{part}; {p}; {k}"][0] for k in range(repeats)]) for p in problems]
    )


def figures_of(found, repeats):
    """Rows of the record: mean errors, and logarithms of their ratios to the whole method."""
    full = errors_of(found, FULL, PROBLEMS, repeats)
    figures = {}
    for part in WITHOUT:
        bridges = with_error(errors_of(found, part, BRIDGES, repeats), ".3f")
        others = with_error(errors_of(found, part, OTHERS, repeats), ".3f")
        ratio = np.log(errors_of(found, part, PROBLEMS, repeats) / full)
        said = "" if part == FULL else f" ({with_error(ratio, '.2f')})"
        figures[part] = Figure(f"{bridges}, {others}{said}")
    return figures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    if given.again:
        PARTIAL.unlink(missing_ok=True)
    figures = figures_of(all_designs(given.repeats), given.repeats)
    for name, figure in figures.items():
        print(f"{name}: {figure.value}")
    record(
        "ablations",
        figures,
        note="Mean RRMSE at every pixel of open loops at small displacements for nine bridges and "
        f"five others, ± its standard error; the median of {given.repeats} designs that differ by "
        "rounding each. In brackets ln of the ratio to everything, over all fourteen.",
    )
    PARTIAL.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
