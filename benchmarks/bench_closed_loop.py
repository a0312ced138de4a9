"""Effect of single swaps: homogenized properties and windows against new solutions.

Run: python benchmarks/bench_closed_loop.py [swaps]
Swaps of random cells of the open-loop bridge for random candidates of theirs; then eight bridges
that differ by rounding only, open and closed.
"""

import sys
import time

import numpy as np
from record import Figure, record

import metafast as mf
from metafast.macro import MacroModel
from metafast.macro.jacobian import target_jacobian
from metafast.pipeline.every_pixel import BodySolver
from metafast.structure.swap_window import SwapWindows
from metafast.structure.window_solver import LinearWindows


def main():
    problem, database = mf.problems.bridge(), mf.CellDatabase.default()
    made = mf.design(problem, database, kinematics="linear", swap_rounds=0)
    cells, candidates = made.assembly.cells, made.assembly.candidates
    start = time.perf_counter()
    solved = BodySolver(problem, database, adjoints=True)(made.assembly)
    print(f"every pixel with {int(problem.wanted.sum())} adjoint fields "
          f"{time.perf_counter() - start:.2f} s, of which every pixel "
          f"{made.response.timings['total']:.2f} s")  # fmt: skip
    solver = LinearWindows(database.phases.solid)
    view = SwapWindows(problem, solver, solved.response, solved.adjoints)
    before = solved.response.displacement[problem.wanted]
    model = MacroModel(problem)
    jacobian = target_jacobian(model, model.solve(database.properties[cells]))

    rng = np.random.default_rng(0)
    rows, seconds = [], 0.0
    while len(rows) < int(sys.argv[1] if len(sys.argv) > 1 else 60):
        r, c = rng.integers(problem.rows), rng.integers(problem.cols)
        other = rng.choice(candidates[r, c])
        if other == cells[r, c] or not view.possible[r, c]:
            continue
        pixels = made.pixels.copy()
        cell = database.take([other])[0]
        pixels[50 * r : 50 * r + 50, 50 * c : 50 * c + 50] = cell
        after = mf.solve_structure(pixels, problem, database.phases)
        truth = after.displacement[problem.wanted] - before
        change = database.properties[other] - database.properties[cells[r, c]]
        start = time.perf_counter()
        seen = view.effect(r, c, cell)
        seconds += time.perf_counter() - start
        rows.append((truth, jacobian[:, r * problem.cols + c] @ change, seen))
    truth, guess, seen = np.array(rows).transpose(1, 0, 2)
    size = np.linalg.norm(truth, axis=1)
    print(f"{len(rows)} swaps, {seconds / len(rows):.3f} s a window")
    scores = {}
    print("predicted by       relative error (rss)   median   cosine (median)   wrong sign")
    for name, said in (("properties", guess), ("windows", seen)):
        error = np.linalg.norm(said - truth, axis=1)
        cosine = (said * truth).sum(1) / (np.linalg.norm(said, axis=1) * size)
        total = np.sqrt((error**2).sum() / (size**2).sum())
        scores[name] = (total, np.median(error / size), (cosine < 0).mean())
        print(f"{name:18} {total:20.3f} {np.median(error / size):8.3f} {np.median(cosine):17.4f} "
              f"{(cosine < 0).mean():12.0%}")  # fmt: skip

    assert scores["windows"][0] < scores["properties"][0], "windows predict no better"
    figures = {
        what: Figure(mine, "", form, "by homogenized properties", theirs)
        for what, form, mine, theirs in zip(
            ("effect of a swap by windows, relative error", "the same, median",
             "swaps predicted with the wrong sign"),
            (".3f", ".3f", ".0%"), scores["windows"], scores["properties"], strict=True,
        )
    }  # fmt: skip
    figures["time of a window"] = Figure(1e3 * seconds / len(rows), "ms", ".0f")
    print("bridges that differ by rounding: RRMSE at every pixel, open and closed loop")
    worst, worst_open = 0.0, 0.0
    for k in range(8):
        problem = mf.problems.bridge(amplitude=1 + 1e-9 * k)
        made = mf.design(problem, database, kinematics="linear")
        print(f"  {made.errors.open_loop:.4f}   {made.errors.pixels:.4f}", flush=True)
        assert made.errors.pixels <= made.errors.open_loop
        worst = max(worst, made.errors.pixels)
        worst_open = max(worst_open, made.errors.open_loop)
    figures["eight bridges that differ by rounding: worst RRMSE at every pixel"] = Figure(
        worst, "", ".4f", "worst open loop", worst_open, at_most=0.01
    )
    record("closed_loop", figures, note="Errors are relative to a new solution of every pixel.")


if __name__ == "__main__":
    main()
