"""Single-scale SIMP beside metafast's linear design of the same problem, at equal pixels.

Run: python benchmarks/bench_single_scale.py [--smiley] [--iterations N] [--again]
Bridge of 4x30 cells, 200x1500 pixels; with --smiley also a smiley of 20x20, 1000x1000 pixels. What
SIMP finds is cut at one half, and `mf.solve_structure` judges both structures. Designs are kept in
results/*.partial.npz until they are recorded, SIMP's every few iterations, and an interrupted run
goes on from there; --again starts anew.
"""

import argparse
import json
import os
import time
import warnings
from dataclasses import asdict, replace
from functools import partial

import numpy as np
from record import RESULTS, Figure, record
from single_scale import GreyBody, SimpSettings, State, densities, greyness, optimise

import metafast as mf

SIDE = 50  # pixels per cell side
ROBUST, PLAIN = SimpSettings(), SimpSettings(erosion=0.0)
# problem, iterations, variants
PROBLEMS = {
    "bridge": (mf.problems.bridge, 100, {"robust": ROBUST, "plain": PLAIN}),
    "smiley of 20x20 cells": (partial(mf.problems.smiley, size=20), 40, {"robust": ROBUST}),
}
EVERY = 5  # iterations


def restored(path, settings):
    """State of an interrupted run with the same settings, None if there is none."""
    if not path.exists():
        return None
    with np.load(path) as kept:
        if str(kept["settings"]) != json.dumps(asdict(settings)):
            return None
        return State(
            x=kept["x"],
            previous=list(kept["previous"]),
            gap=kept["gap"],
            multipliers=kept["multipliers"],
            move=float(kept["move"]),
            history=[tuple(row) for row in kept["history"]],
            seconds=float(kept["seconds"]),
            best=float(kept["best"]),
            rho=kept["rho"] if kept["rho"].size else None,
        )


def keep(path, state, settings):
    """Write what an interrupted run goes on from."""
    partial = path.with_suffix(".new")
    with partial.open("wb") as file:
        np.savez(
            file,
            settings=json.dumps(asdict(settings)),
            rho=np.empty(0) if state.rho is None else state.rho,
            **{key: value for key, value in vars(state).items() if key != "rho"},
        )
    os.replace(partial, path)


def simp(problem, settings, path):
    """Final state, grey densities and their error."""
    body = GreyBody(problem, SIDE, settings)

    def after(state):
        k, row = len(state.history), state.history[-1]
        if k % EVERY == 0 or k == settings.iterations:
            keep(path, state, settings)
            print(
                f"  {k:4d}: error {row[0]:.4f}, solid {row[1]:.3f}, stiffness {row[2]:.3f}, "
                f"greyness {row[3]:.3f}, {state.seconds:.0f} s",
                flush=True,
            )

    state = optimise(body, restored(path, settings), after)
    rho = state.rho
    if rho is None:  # no densities at the steepest projection met the bounds
        rho = densities(state.x, body, settings.iterations)[0]
    return state, rho, float(np.sqrt(body.evaluate(rho).squared))


def cut(rho, problem):
    """RRMSE of the pixels above one half, infinite where there is none; what floats."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            response = mf.solve_structure(rho > 0.5, problem)
    except ValueError as error:
        return float("inf"), str(error).partition(" of problem")[0]
    words = "" if np.isfinite(response.rrmse) else ", a target has no solid"
    return response.rrmse, f"{response.removed_share:.1%} of the solid floats{words}"


def designed(problem, again):
    """RRMSE at every pixel of metafast's linear design, and its seconds."""
    path = RESULTS / f"single_scale_{problem.name}_metafast.partial.npz"
    if again or not path.exists():
        begun = time.perf_counter()
        made = mf.design(problem, kinematics="linear")
        np.savez(path, figures=[made.errors.pixels, time.perf_counter() - begun])
    with np.load(path) as kept:
        return kept["figures"].tolist()


def figures_of(name, iterations, again):
    """Rows of the record for one problem."""
    make, usual, variants = PROBLEMS[name]
    problem = make()
    ours, seconds = designed(problem, again)
    print(f"{name}: metafast RRMSE {ours:.4f}, {seconds:.1f} s", flush=True)
    figures = {}
    for variant, settings in variants.items():
        settings = replace(settings, iterations=iterations or usual)
        path = RESULTS / f"single_scale_{problem.name}_{variant}.partial.npz"
        if again:
            path.unlink(missing_ok=True)
        state, rho, grey = simp(problem, settings, path)
        black, floating = cut(rho, problem)
        change = abs(state.history[-1][0] - state.history[-2][0])
        print(
            f"  {variant}: grey {grey:.4f}, cut {black:.4f}, {floating}; last change {change:.4f}"
        )
        judged = black if np.isfinite(black) else "none"
        done = f"{len(state.history)} iterations, the last one changed the RRMSE by {change:.4f}"
        title = f"{name}: {variant}"
        figures |= {
            f"{title}, greyness": Figure(greyness(rho), "", ".3f"),
            f"{title}, RRMSE grey": Figure(grey, "", ".4f"),
            f"{title}, RRMSE cut at 1/2": Figure(judged, "", ".4f", "metafast", ours),
            f"{title}, of that": Figure(floating),
            f"{title}, time": Figure(state.seconds, "s", ".0f", "metafast", seconds),
            f"{title}, done": Figure(done),
        }
    return figures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--smiley", action="store_true")
    parser.add_argument("--iterations", type=int)
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    # a small design first: compiling and importing are not what is measured
    mf.design(mf.problems.bridge(2, 6, compression=0.2), kinematics="linear", swap_rounds=1)
    figures = {}
    for name in PROBLEMS:
        if name == "bridge" or given.smiley:
            figures |= figures_of(name, given.iterations, given.again)
    record(
        "single_scale",
        figures,
        note="One density per pixel; `benchmarks/single_scale.py` says what is bounded. Robust: "
        "the error of an eroded body is lowered with that of the body itself.",
    )
    for path in RESULTS.glob("single_scale_*.partial.npz"):
        path.unlink()


if __name__ == "__main__":
    main()
