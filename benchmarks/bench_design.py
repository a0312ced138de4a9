"""The whole design, stage by stage: time, peak memory, the three errors, the certified gap.

Run: python benchmarks/bench_design.py [bridge] [smiley]
The paper reports 1,200 s for its bridge (2 CPUs, Intel i7-9750H) and 40,320 s for its smiley
(6 CPUs of the same kind).
"""

import sys

import metafast as mf
from metafast.report.tables import assembly_rows, error_rows, stage_rows

PAPER_SECONDS = {"bridge": 1200.0, "smiley": 40320.0}


def main():
    for name in sys.argv[1:] or ["bridge", "smiley"]:
        # a small design first: compiling and importing are not what is measured
        mf.design(mf.problems.bridge(2, 6))
        made = mf.design(mf.problems.STANDARD[name]())
        assert made.assembly.lower_bound <= made.assembly.energy
        print(f"\n{name}: {made.problem.rows} x {made.problem.cols} cells")
        for row in [*stage_rows(made), *assembly_rows(made), *error_rows(made)]:
            print("  " + row[0].ljust(40) + "".join(part.rjust(14) for part in row[1:]))
        total = sum(made.timings.values())
        if name in PAPER_SECONDS:
            print(f"  {PAPER_SECONDS[name] / total:.0f} times as fast as the paper's own run")


if __name__ == "__main__":
    main()
