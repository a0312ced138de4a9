"""The whole design, stage by stage: time, peak memory, rounds, the three errors, the certified gap.

Run: python benchmarks/bench_design.py [bridge] [graded_beam] [smiley] [--save]
What the paper reports for its own runs is printed beside; --save keeps designs under runs/.
"""

import sys

import metafast as mf
from metafast.report.tables import assembly_rows, error_rows, round_rows, stage_rows

PAPER = {
    "bridge": "1,200 s on 2 CPUs of an Intel i7-9750H, RRMSE 0.0600",
    "graded_beam": "RRMSE 0.1900, by a family of cells",
    "smiley": "40,320 s on 6 CPUs of an Intel i7-9750H, RRMSE 0.1623 on its own target",
}


def main():
    names = [name for name in sys.argv[1:] if name != "--save"]
    for name in names or PAPER:
        # a small design first: compiling and importing are not what is measured
        mf.design(mf.problems.bridge(2, 6))
        made = mf.design(mf.problems.STANDARD[name]())
        assert made.assembly.lower_bound <= made.assembly.energy
        print(f"\n{name}: {made.problem.rows} x {made.problem.cols} cells")
        for row in [*stage_rows(made), *assembly_rows(made), *round_rows(made), *error_rows(made)]:
            print("  " + row[0].ljust(40) + "".join(part.rjust(14) for part in row[1:]))
        if name == "bridge":
            fine = mf.solve_structure(made.pixels, made.problem, refine=2)
            print("  every pixel as 2 x 2 elements".ljust(42) + f"{fine.rrmse:.4f}".rjust(14))
        if name in PAPER:
            print(f"  the paper: {PAPER[name]}", flush=True)
        if "--save" in sys.argv:
            made.save(f"runs/{name}")


if __name__ == "__main__":
    main()
