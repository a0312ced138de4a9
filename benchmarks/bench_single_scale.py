"""Single-scale SIMP beside a design from cells, on equal pixels and the same targets.

Run: python benchmarks/bench_single_scale.py [--smiley] [--iterations N] [--again]
The bridge of 4x30 cells, 200x1500 pixels; with --smiley one of 20x20 cells too, 1000x1000 pixels,
which takes an hour. Both by small displacements and with the peer of single_scale.py. Structures of
solid and void are judged by the same solution of every pixel. Finished problems are kept in
results/single_scale.partial; --again starts anew.
"""

import argparse
import json
import os
import time

import numpy as np
from record import RESULTS, Figure, record
from single_scale import Settings, SingleScale

import metafast as mf

PARTIAL = RESULTS / "single_scale.partial"
PROBLEMS = {"bridge": mf.problems.bridge, "smiley": lambda: mf.problems.smiley(size=20)}


def compared(problem, settings):
    """Greyness, errors and times of both ways to design a problem."""
    began = time.perf_counter()
    peer = SingleScale(problem, settings)
    errors = []

    def report(done, value, densities):
        errors.append(peer.rrmse(value))
        grey = float(4 * (densities * (1 - densities)).mean())
        print(f"{problem.name} {done}: RRMSE {errors[-1]:.4f}, greyness {grey:.3f}", flush=True)

    densities = peer.run(report)
    seconds = time.perf_counter() - began
    pixels = (densities > 0.5).astype(np.uint8)
    began = time.perf_counter()
    made = mf.design(problem, kinematics="linear")
    return {
        "greyness": float(4 * (densities * (1 - densities)).mean()),
        "grey": errors[-1],
        "cut": mf.solve_structure(pixels, problem, made.phases, kinematics="linear").rrmse,
        "share": float(pixels.mean()),
        "seconds": seconds,
        "ours": made.errors.pixels,
        "our_share": made.solid_share,
        "our_seconds": time.perf_counter() - began,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--smiley", action="store_true")
    parser.add_argument("--iterations", type=int, default=Settings.iterations)
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    if given.again:
        PARTIAL.unlink(missing_ok=True)
    found = json.loads(PARTIAL.read_text()) if PARTIAL.exists() else {}
    settings = Settings(iterations=given.iterations)
    figures = {}
    for name in ("bridge", "smiley") if given.smiley else ("bridge",):
        if name not in found:
            found[name] = compared(PROBLEMS[name](), settings)
            partial = PARTIAL.with_suffix(".new")
            partial.write_text(json.dumps(found))
            os.replace(partial, PARTIAL)
        row = found[name]
        figures[f"{name}: greyness, RRMSE grey and cut at 1/2; solid"] = Figure(
            f"{row['greyness']:.3f}, {row['grey']:.4f}, {row['cut']:.3f}; {row['share']:.2f}",
            peer=f"from cells RRMSE {row['ours']:.4f}, solid {row['our_share']:.2f}",
        )
        figures[f"{name}: time"] = Figure(
            row["seconds"], "s", ".0f", "from cells", row["our_seconds"]
        )
    for name, figure in figures.items():
        print(f"{name}: {figure.value}   {figure.peer} {figure.peer_value or ''}")
    record(
        "single_scale",
        figures,
        packages=("numpy", "scipy", "numba", "pypardiso"),
        note=f"SIMP with a density for every pixel, {settings.iterations} iterations, by small "
        "displacements; the structure from cells has the default closed loop.",
    )
    PARTIAL.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
