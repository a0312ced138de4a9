"""Figs. 4 to 17 of the paper.

Run: python examples/paper_figures.py --output runs/paper [--only 5 12] [--small] [--designs runs]
Figs. 1 to 3 are sketches of the method. docs/paper.md tells what agrees with the paper.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from paper import arrows, candidates, designs, families, model, pairs, space
from paper.setting import Setting

FIGURES: dict[int, Callable[[Setting], dict[str, Any]]] = {
    4: model.property_space,
    5: model.training,
    6: model.cells,
    7: space.axes_and_groups,
    8: space.maps,
    9: arrows.stiffness,
    10: arrows.anisotropy,
    11: candidates.two_targets,
    12: families.graph_and_cells,
    13: families.gradation,
    14: pairs.pairs,
    15: designs.graded_beam,
    16: designs.bridge,
    17: designs.smiley,
}


def main(
    output: str | Path = "runs/paper",
    only: Iterable[int] = (),
    *,
    small: bool = False,
    designs: str | Path | None = None,
    kind: str = "png",
) -> dict[int, dict[str, Any]]:
    """Draw the figures; returns what each shows, by its number."""
    folder = Path(output)
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / ("small_designs" if small else "designs") if designs is None else Path(designs)
    setting = Setting(folder, kept, kind, small)
    shown = {}
    for number in only or FIGURES:
        shown[number] = FIGURES[number](setting)
        files = sorted(folder.glob(f"fig{number:02d}*.{kind}"))
        print(f"Fig. {number}: {', '.join(map(str, files))}")
    return shown


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", default="runs/paper", help="folder of the figures")
    parser.add_argument("--only", type=int, nargs="+", choices=FIGURES, default=(), metavar="N",
                        help="numbers of figures; all without it")  # fmt: skip
    parser.add_argument("--small", action="store_true", help="fewer cells, small structures")
    parser.add_argument("--designs", help="folder of designs: bridge, graded_beam, smiley")
    parser.add_argument("--format", default="png", choices=("png", "pdf", "svg"))
    given = parser.parse_args()
    main(given.output, given.only, small=given.small, designs=given.designs, kind=given.format)
