"""How well single swaps are foretold: homogenized properties and windows against new solutions.

Run: python benchmarks/bench_closed_loop.py [swaps]
Swaps of random cells of the open-loop bridge for random candidates of theirs; then eight bridges
that differ by rounding only, open and closed.
"""

import sys
import time

import numpy as np

import metafast as mf
from metafast.macro import MacroModel
from metafast.macro.jacobian import target_jacobian
from metafast.pipeline.closed_loop import solve_assembly
from metafast.structure.window import SwapWindows


def main():
    problem, database = mf.problems.bridge(), mf.CellDatabase.default()
    made = mf.design(problem, database, refine_rounds=0)
    cells, candidates = made.assembly.cells, made.assembly.candidates
    start = time.perf_counter()
    solved = solve_assembly(problem, database, made.assembly, adjoint=True, threads=None)
    print(f"every pixel with {int(problem.wanted.sum())} adjoint fields "
          f"{time.perf_counter() - start:.2f} s, of which every pixel "
          f"{made.response.timings['total']:.2f} s")  # fmt: skip
    view = SwapWindows(problem, database.phases.solid, solved.response, solved.adjoints)
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
    print("foretold by        relative error (rss)   median   cosine (median)   wrong sign")
    for name, said in (("properties", guess), ("windows", seen)):
        error = np.linalg.norm(said - truth, axis=1)
        cosine = (said * truth).sum(1) / (np.linalg.norm(said, axis=1) * size)
        total = np.sqrt((error**2).sum() / (size**2).sum())
        print(f"{name:18} {total:20.3f} {np.median(error / size):8.3f} {np.median(cosine):17.4f} "
              f"{(cosine < 0).mean():12.0%}")  # fmt: skip

    print(
        "bridges that differ by rounding: error of every pixel, open loop, corrected, closed loop"
    )
    for k in range(8):
        made = mf.design(mf.problems.bridge(amplitude=1 + 1e-9 * k), database)
        before, after = made.corrections["every_pixel"], made.rounds["every_pixel"][1:]
        print("  " + "   ".join(f"{error:.4f}" for error in (*before, *after)), flush=True)


if __name__ == "__main__":
    main()
