"""Figs. 12, 13 and 15 of the paper: families along Eq. 7, and a beam graded by one of them.

Run: python examples/graded_beam.py [folder]
"""

from __future__ import annotations

import sys
from dataclasses import asdict, astuple
from pathlib import Path

import metafast as mf
from metafast.plotting import plot_families, plot_gradation


def main(
    folder: str | Path = "runs/graded_beam",
    count: int = 5,
    rows: int = 15,
    cols: int = 40,
    rounds: int | None = None,
    kinematics: str = "finite",
) -> mf.Design:
    """Find `count` families, draw them, and design a beam of rows x cols cells with the best."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    vae, database = mf.CellVAE.default(), mf.CellDatabase.default()
    gradation = mf.Gradation.isotropic_like()
    families = mf.find_families(database, vae, gradation, count, decoder=vae)
    whole = [family.continuous(vae, 1000) for family in families]
    plot_families(families, path=Path(folder) / "fig12_families.png")
    plot_gradation(families, path=Path(folder) / "fig13a_members.png")
    plot_gradation(whole, path=Path(folder) / "fig13b_continuous.png")
    beam = mf.problems.graded_beam(rows, cols)
    # ratios of stiffness along a family decide what it can do, and families differ in those; an
    # error of the pixels that is smaller than that of the macro optimum is luck
    open_loop = {"kinematics": kinematics, "swap_rounds": 0}
    designs = [mf.design(beam, family=family, **open_loop) for family in whole]
    tried = [max(astuple(each.errors)[:3]) for each in designs]
    print("largest of the three errors in the open loop, by family:", *map("{:.4f}".format, tried))
    best = whole[min(range(len(whole)), key=tried.__getitem__)]
    result = mf.design(beam, family=best, kinematics=kinematics, swap_rounds=rounds)
    result.save(folder)
    for level, error in asdict(result.errors).items():
        print(f"{level}: RRMSE {error:.4f}")
    print(
        f"before the closed loop {result.trace.swaps[0].pixels:.4f}, "
        f"mismatch there {result.certified.mismatch:.3f}"
    )
    return result


if __name__ == "__main__":
    main(*sys.argv[1:])
