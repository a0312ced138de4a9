"""Encoders of a design: latents, pixel components and no clusters, over fourteen problems.

Run: python benchmarks/bench_encoders.py [--repeats N] [--again]
Nine bridges and five other problems, small bodies, at small displacements, without target
correction and swaps: the choice of candidates is all that differs. Each problem is designed with
targets that differ by rounding too, since a single open loop is a draw; so are the other options,
metafast's and the paper's. Finished designs are kept in results/encoders.partial, and an
interrupted run goes on from there; --again starts anew.
"""

import warnings
from functools import partial

import numpy as np
from kept import Kept, arguments
from record import Figure, record

import metafast as mf

BRIDGES = {
    "bridge 4x20": (mf.problems.bridge, {"rows": 4, "cols": 20}),
    "bridge 4x16": (mf.problems.bridge, {"rows": 4, "cols": 16}),
    "bridge 4x24": (mf.problems.bridge, {"rows": 4, "cols": 24}),
    "bridge 6x20": (mf.problems.bridge, {"rows": 6, "cols": 20}),
    "bridge 3x16": (mf.problems.bridge, {"rows": 3, "cols": 16}),
    "bridge 4x20, 0.5": (mf.problems.bridge, {"rows": 4, "cols": 20, "amplitude": 0.5}),
    "bridge 4x20, 0.75": (mf.problems.bridge, {"rows": 4, "cols": 20, "amplitude": 0.75}),
    "bridge 4x20, 1.25": (mf.problems.bridge, {"rows": 4, "cols": 20, "amplitude": 1.25}),
    "bridge 4x20, sine": (mf.problems.bridge, {"rows": 4, "cols": 20, "target": "sine"}),
}
OTHERS = {
    "graded beam 8x16": (mf.problems.graded_beam, {"rows": 8, "cols": 16}),
    "smiley 16x16": (mf.problems.smiley, {"size": 16}),
    "cloak 9x9": (mf.problems.cloak, {}),
    "gripper 6x10": (mf.problems.gripper, {}),
    "arch": (lambda: mf.read_problem("arch").problem, {}),
}
PROBLEMS = BRIDGES | OTHERS
# as in the paper, without symmetry
OPEN = {"kinematics": "linear", "swap_rounds": 0, "correction_rounds": 0, "symmetry": "none"}
OPTIONS = {"metafast's options": mf.DesignOptions(**OPEN), "the paper's options": mf.PAPER}
ENCODERS = {
    "latents": ("default", {}),
    "pixel components": (None, {}),
    "nearest": (None, {"selection": "nearest"}),
}
ROUNDING = 1e-13  # relative change of the target between repeats


def designed(problem, repeat, encoder, options, changes, database=None):
    """RRMSE at every pixel, and the mean boundary mismatch."""
    moved = problem.aiming_at(problem.target * (1.0 + repeat * ROUNDING))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=RuntimeWarning)
        made = mf.design(moved, database, encoder=encoder, options=options, **changes)
    assert made.certified.lower_bound <= made.certified.energy
    return made.errors.pixels, made.assembly.mismatch


def said(design):
    """A design in words."""
    return f"RRMSE {design[0]:.4f}, mismatch {design[1]:.3f}"


def all_designs(kept, repeats):
    """Error and mismatch by options, encoder, problem and repeat."""
    for options, base in OPTIONS.items():
        for name, (make, sizes) in PROBLEMS.items():
            problem = make(**sizes)
            for repeat in range(repeats):
                for encoder, (model, changes) in ENCODERS.items():
                    kept.of(
                        f"{options}; {encoder}; {name}; {repeat}",
                        partial(designed, problem, repeat, model, base, changes),
                        said,
                    )
    return kept.found


def by_problem(found, options, encoder, problems, repeats, column):
    """Median over the repeats of each problem."""
    return np.array(
        [
            np.median([found[f"{options}; {encoder}; {p}; {k}"][column] for k in range(repeats)])
            for p in problems
        ]
    )


def with_error(values, form):
    """Mean and standard error in words."""
    return f"{values.mean():{form}} ± {values.std(ddof=1) / np.sqrt(len(values)):{form}}"


def figures_of(found, repeats):
    """Rows of the record: means with standard errors, and paired ratios to pixel components."""
    figures = {}
    for options in OPTIONS:
        for group, problems in (("nine bridges", BRIDGES), ("five others", OTHERS)):
            for what, column, form in (("RRMSE", 0, ".3f"), ("mismatch", 1, ".2f")):
                means = [
                    with_error(by_problem(found, options, e, problems, repeats, column), form)
                    for e in ENCODERS
                ]
                figures[f"{options}, {group}, {what}"] = Figure(", ".join(means))
        ours = by_problem(found, options, "pixel components", PROBLEMS, repeats, 0)
        ratios = []
        for encoder in ("latents", "nearest"):
            theirs = by_problem(found, options, encoder, PROBLEMS, repeats, 0)
            better = f"smaller on {(theirs < ours).sum()} of {len(PROBLEMS)}"
            ratios.append(f"{encoder} {with_error(np.log(theirs / ours), '.2f')} ({better})")
        figures[f"{options}, ln of RRMSE to pixel components"] = Figure(", ".join(ratios))
    return figures


def main():
    given = arguments(repeats=1)
    kept = Kept("encoders", given.again)
    figures = figures_of(all_designs(kept, given.repeats), given.repeats)
    for name, figure in figures.items():
        print(f"{name}: {figure.value}")
    record(
        "encoders",
        figures,
        packages=("numpy", "scipy", "numba", "torch"),
        note=f"{', '.join(ENCODERS)}: means of open loops at small displacements, ± their "
        f"standard errors over the problems; the median of {given.repeats} designs that differ by "
        "rounding each. Logarithms below 0 are smaller errors than with pixel components, the "
        "default.",
    )
    kept.forget()


if __name__ == "__main__":
    main()
