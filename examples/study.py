"""A study: how high the bridge can arch, with and without the closed loop.

Run: python examples/study.py runs/study

Ctrl-C ends it at any time; the same command goes on with the designs that are missing. From the
command line: metafast study examples/study.toml --output runs/study
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import metafast as mf

FILE = Path(__file__).with_name("study.toml")


def main(
    output: str | Path = "runs/study",
    rows: int = 4,
    cols: int = 30,
    database: mf.CellDatabase | None = None,
    **options: object,
) -> mf.StudyResult:
    """Run the study on a bridge of a size, with options of all designs changed."""
    study = mf.Study.load(FILE)
    study = replace(
        study,
        parameters={**study.parameters, "rows": rows, "cols": cols},
        options={**study.options, **options},
    )
    result = mf.run_study(study, output, database)
    for row in result.rows:
        values = ", ".join(f"{name} = {value}" for name, value in row.values.items())
        print(f"{values}: {row.failure or f'RRMSE {row.headline:.4f}, {row.seconds:.0f} s'}")
    print(f"the best: {result.best.values}; table.csv and study.png are in {result.directory}")
    return result


if __name__ == "__main__":
    main(*sys.argv[1:2])
