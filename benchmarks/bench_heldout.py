"""Designs of held-out problems with the default options, on both meshes.

Run: python benchmarks/bench_heldout.py [--linear] [--again]
Thirteen problems that no default was chosen on (heldout_problems.py), at finite deformation and
full load, which takes an hour or two; with --linear at small displacements. A problem whose macro
optimum is above 0.02 is beyond what the cells can do, whatever is chosen: it is said, and counted
apart. Finished designs are kept in results/heldout.partial or heldout_linear.partial, and an
interrupted run goes on from there; --again starts anew.
"""

import time
import warnings
from functools import partial

import numpy as np
from heldout_problems import HELD_OUT
from kept import Kept, arguments
from record import Figure, record

import metafast as mf

WITHIN_REACH = 0.02  # macro optimum
GIVEN_UP = np.nan  # where there is no equilibrium


def designed(problem, kinematics):
    """Macro optimum, error at every pixel on both meshes, and seconds."""
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=RuntimeWarning)
        try:
            made = mf.design(problem, kinematics=kinematics)
        except mf.NoEquilibriumError:
            return [GIVEN_UP] * 3 + [time.perf_counter() - began]
    fine = made.errors.fine
    if np.isnan(fine):  # linear loops go without it, others may end before it
        law = {"law": made.options.law} if kinematics == "finite" else {}
        fine = mf.solve_structure(
            made.pixels, problem, made.phases, kinematics=kinematics, refine=2, **law
        ).rrmse
    macro = made.trace.corrections[0].macro
    return [macro, made.errors.pixels, fine, time.perf_counter() - began]


def said(design):
    """A design in words."""
    macro, pixels, fine, seconds = design
    return f"macro {macro:.4f}, pixels {pixels:.4f}, {fine:.4f}, {seconds:.0f} s"


def figures_of(found):
    """Rows of the record: each problem, and median and worst."""
    figures = {}
    for name, (macro, pixels, fine, seconds) in found.items():
        far = "" if macro <= WITHIN_REACH else ", out of reach"
        value = "no equilibrium" if np.isnan(macro) else f"{pixels:.4f}, {fine:.4f}"
        figures[name] = Figure(f"{value} (macro {macro:.4f}{far}; {seconds:.0f} s)")
    values = np.array(list(found.values()))
    for group, rows in (
        ("within reach", values[values[:, 0] <= WITHIN_REACH]),
        ("all", values[np.isfinite(values[:, 0])]),
    ):
        middle, worst = np.median(rows[:, 1:3], axis=0), rows[:, 1:3].max(axis=0)
        figures[f"median and worst, {group}"] = Figure(
            f"{middle[0]:.4f}, {middle[1]:.4f} and {worst[0]:.4f}, {worst[1]:.4f} ({len(rows)})"
        )
    return figures


def main():
    given = arguments(linear=False)
    stage, kinematics = ("heldout_linear", "linear") if given.linear else ("heldout", "finite")
    kept = Kept(stage, given.again)
    for make in HELD_OUT:
        problem = make()
        kept.of(problem.name, partial(designed, problem, kinematics), said)
    figures = figures_of(kept.found)
    for name, figure in figures.items():
        print(f"{name}: {figure.value}")
    record(
        stage,
        figures,
        packages=("numpy", "scipy", "numba", "pypardiso"),
        note=f"RRMSE at every pixel with 1x1 and 2x2 elements, {kinematics} kinematics, otherwise "
        "default options; no default was chosen on these problems.",
    )
    kept.forget()


if __name__ == "__main__":
    main()
