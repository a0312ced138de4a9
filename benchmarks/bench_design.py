"""The whole design, stage by stage: time, peak memory, rounds, the three errors, the certified gap.

Run: python benchmarks/bench_design.py [bridge] [graded_beam] [family] [smiley] [--save] [--sizes]
"family" is the graded beam from one family along Eq. 7 that is found on the way. What the paper
reports for its own runs is printed beside; --save keeps designs under runs/; --sizes prints how
smileys of 10x10 to 100x100 cells grow, open loop.
"""

import sys
import time

import metafast as mf
from metafast.report.tables import (
    assembly_rows,
    correction_rows,
    error_rows,
    round_rows,
    stage_rows,
)

PAPER = {
    "bridge": "1,200 s on 2 CPUs of an Intel i7-9750H, RRMSE 0.0600",
    "graded_beam": "RRMSE 0.1900, by a family of cells",
    "family": "RRMSE 0.1900",
    "smiley": "40,320 s on 6 CPUs of an Intel i7-9750H, RRMSE 0.1623 on its own target",
}
SIZES = (10, 20, 30, 50, 70, 100)


def main():
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    # a small design first: compiling and importing are not what is measured
    mf.design(mf.problems.bridge(2, 6))
    if "--sizes" in sys.argv:
        sizes()
        return
    for name in names or PAPER:
        made = by_family() if name == "family" else mf.design(mf.problems.STANDARD[name]())
        assert made.assembly.lower_bound <= made.assembly.energy
        print(f"\n{name}: {made.problem.rows} x {made.problem.cols} cells")
        for rows in (stage_rows, assembly_rows, correction_rows, round_rows, error_rows):
            for row in rows(made):
                print("  " + row[0].ljust(62) + "".join(part.rjust(14) for part in row[1:]))
        print("  mean boundary mismatch, before the closed loop".ljust(64)
              + f"{made.open_loop.mismatch:.3f}".rjust(14))  # fmt: skip
        if name == "bridge":
            fine = mf.solve_structure(made.pixels, made.problem, refine=2)
            print("  every pixel as 2 x 2 elements".ljust(64) + f"{fine.rrmse:.4f}".rjust(14))
        print(f"  the paper: {PAPER[name]}", flush=True)
        if "--save" in sys.argv:
            made.save(f"runs/{name}")


def by_family():
    """The beam from the first of five families of the embedded cells, made continuous."""
    vae = mf.CellVAE.default()
    begun = time.perf_counter()
    families = mf.find_families(
        mf.CellDatabase.default(),
        vae,
        mf.Gradation.isotropic_like(),
        decoder=vae,
    )
    whole = [family.continuous(vae, 1000) for family in families]
    spent = time.perf_counter() - begun
    print(f"\nfive families of {[len(family) for family in families]} cells in {spent:.1f} s")
    beam = mf.problems.graded_beam()
    print("  family    macro   cells' own   every pixel (open loop)   mismatch   without smoothing")
    for k, family in enumerate(whole):
        made = mf.design(beam, family=family, refine_rounds=0)
        macro, own, pixels = made.errors.values()
        rough = mf.design(beam, family=family, refine_rounds=0, smoothing=0.0)
        print(f"  {k + 1:6d} {macro:8.4f} {own:12.4f} {pixels:25.4f} "
              f"{made.assembly.mismatch:10.3f} {rough.response.rrmse:19.4f}",
              flush=True)  # fmt: skip
    return mf.design(beam, family=whole[0])


def sizes():
    """Seconds of every stage and peak memory of smileys, open loop."""
    print("cells      unknowns   macro  select  assembly  gap       pixels   total    peak   RRMSE")
    for size in SIZES:
        made = mf.design(mf.problems.smiley(size=size), refine_rounds=0)
        t = made.timings
        gap = "proved" if made.assembly.optimal else f"{made.assembly.gap:.0e}"
        peak = max(made.peak_memory.values()) / 2**30
        print(f"{size:3d}x{size:<3d} {made.response.dofs:12,} {t['macro optimisation']:6.1f}s "
              f"{t['selection']:6.1f}s {t['assembly']:8.1f}s  {gap:6} {t['every pixel']:8.1f}s "
              f"{sum(t.values()):6.1f}s {peak:5.1f}GiB  {made.response.rrmse:.4f}",
              flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
