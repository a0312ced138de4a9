"""Parts of the method left out one at a time, and few cells, over fourteen problems.

Run: python benchmarks/bench_ablations.py [--repeats N] [--again]
The problems and the way they are designed are those of bench_encoders.py: open loops at small
displacements, each as a median of designs that differ by rounding. Finished designs are kept in
results/ablations.partial, and an interrupted run goes on from there; --again starts anew.
"""

from functools import partial

import numpy as np
from bench_encoders import BRIDGES, OPEN, OTHERS, PROBLEMS, designed, said, with_error
from kept import Kept, arguments
from record import Figure, record

import metafast as mf

OPTIONS = mf.DesignOptions(**OPEN)
FULL = "everything"
FEW, MORE = "every twentieth cell", "and cells added"  # the second by inverse homogenization
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
    FEW: {},
    MORE: {"inverse_above": 0.02},
}


def all_designs(kept, repeats):
    """Error and mismatch by part, problem and repeat."""
    every = mf.CellDatabase.default()
    few = every.subset(np.arange(0, len(every), 20))
    for name, (make, sizes) in PROBLEMS.items():
        problem = make(**sizes)
        for repeat in range(repeats):
            for part, changes in WITHOUT.items():
                database = few if part in (FEW, MORE) else every
                kept.of(
                    f"{part}; {name}; {repeat}",
                    partial(designed, problem, repeat, None, OPTIONS, changes, database),
                    said,
                )
    return kept.found


def errors_of(found, part, problems, repeats):
    """RRMSE of each problem, the median of its repeats."""
    return np.array(
        [np.median([found[f"{part}; {p}; {k}"][0] for k in range(repeats)]) for p in problems]
    )


def figures_of(found, repeats):
    """Rows of the record: mean errors, and logarithms of their ratios to the whole method.

    The ratio with added cells is to the same few cells without them.
    """
    figures = {}
    for part in WITHOUT:
        bridges = with_error(errors_of(found, part, BRIDGES, repeats), ".3f")
        others = with_error(errors_of(found, part, OTHERS, repeats), ".3f")
        whole = errors_of(found, FEW if part == MORE else FULL, PROBLEMS, repeats)
        ratio = np.log(errors_of(found, part, PROBLEMS, repeats) / whole)
        compared = "" if part == FULL else f" ({with_error(ratio, '.2f')})"
        figures[part] = Figure(f"{bridges}, {others}{compared}")
    return figures


def main():
    given = arguments(repeats=1)
    kept = Kept("ablations", given.again)
    figures = figures_of(all_designs(kept, given.repeats), given.repeats)
    for name, figure in figures.items():
        print(f"{name}: {figure.value}")
    record(
        "ablations",
        figures,
        note="Mean RRMSE at every pixel of open loops at small displacements for nine bridges and "
        f"five others, ± its standard error; the median of {given.repeats} designs that differ by "
        "rounding each. In brackets ln of the ratio to everything, over all fourteen; with cells "
        "added to every twentieth, ln of the ratio to those alone.",
    )
    kept.forget()


if __name__ == "__main__":
    main()
