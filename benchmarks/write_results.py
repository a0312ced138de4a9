"""RESULTS.md, rendered from the JSON files that the benchmarks record.

Run: python benchmarks/write_results.py   (or make results)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from record import RESULTS, ROOT

TARGET = ROOT / "benchmarks" / "RESULTS.md"
ORDER = (
    "finite_bridge", "finite_graded_beam", "finite_graded_beam_by_family", "finite_smiley",
    "finite_bridges", "bridge", "graded_beam", "graded_beam_by_family",
    "smiley", "sizes", "options", "ablations", "encoders", "heldout", "heldout_linear",
    "single_scale", "closed_loop",
    "homogenization", "tiles", "database", "generative", "arrows", "training", "families",
    "selection", "assembly", "assembly_large", "structure",
)  # fmt: skip
GROUPED = ("options", "single_scale")  # a line of text for all figures whose names begin alike
LONGEST = 110  # letters in the first column of a line that holds several figures
LONGEST_ITEM = 250  # letters in an item of a list
BETWEEN = " · "  # figures of one line
INTRO = """\
# Results

Written by `make results` from the files in `benchmarks/results/`. Each block was measured by the
command, on the machine and at the commit above its table. "The paper" is Wang et al., CMAME 372
(2020) 113377; all other peers ran in the same run as ours, and × is the ratio of the two figures.
Goals that were not reached are marked. RRMSE is that of the problem's own target displacements.
Blocks whose name begins with "finite" hold at the full load, with displacements of any size; all
others are for small displacements and one bilinear element per pixel unless a row says otherwise.
Times on shared machines vary by up to 1.5 between runs.
"""


def render(results: Path = RESULTS) -> str:
    """The whole page."""
    blocks = {path.stem: json.loads(path.read_text()) for path in sorted(results.glob("*.json"))}
    names = [name for name in ORDER if name in blocks] + sorted(set(blocks) - set(ORDER))
    return "\n".join([INTRO, *(block(blocks[name]) for name in names)]) + "\n"


def block(entry: dict) -> str:
    """Heading, where it comes from, and a table."""
    title = entry["stage"].replace("_", " ").capitalize()
    origin = f"`{entry['command']}` ({entry['date']}, commit {entry['commit']}; "
    origin += said(entry["machine"]) + ")"
    origin = f"{origin} {entry['note']}".strip()
    head = [f"## {title}", origin]
    rows = [cells(figure) for figure in entry["figures"]]
    if entry["stage"] in GROUPED:
        return "\n".join([*head, *grouped(rows)])
    if all(isinstance(f["value"], str) for f in entry["figures"]) and not any(
        peer or goal for _, _, peer, goal in rows
    ):
        return "\n".join([*head, *listed(rows)])
    head += ["", "| figure | value | peer or paper | goal |", "|---|---|---|---|"]
    return "\n".join([*head, *folded(rows)])


def listed(rows: Iterable[list[str]]) -> Iterator[str]:
    """Items of a list, for figures that are all words without a peer; several to an item."""
    waiting = ""
    for figure, value, *_ in rows:
        each = f"{figure}: {value}"
        if waiting and len(waiting) + len(each) > LONGEST_ITEM:
            yield f"- {waiting}"
            waiting = ""
        waiting = f"{waiting}{BETWEEN}{each}" if waiting else each
    if waiting:
        yield f"- {waiting}"


def grouped(rows: Iterable[list[str]]) -> Iterator[str]:
    """Lines of a list: what is measured before the colon, its figures behind it."""
    for title, group in groupby(rows, key=lambda row: row[0].partition(": ")[0]):
        figures = [f"{name.partition(': ')[2]} {' / '.join(filter(None, rest))}"
                   for name, *rest in group]  # fmt: skip
        yield f"- {title}: {'; '.join(figures)}"


def folded(rows: Iterable[list[str]]) -> Iterator[str]:
    """Lines of the table; neighbours with neither peer nor goal share one while it is short."""
    waiting: list[str] = []
    for each in rows:
        plain = not each[2] and not each[3] and ";" not in each[0]  # those are several already
        if waiting and plain and len(f"{waiting[0]}{BETWEEN}{each[0]}") <= LONGEST:
            waiting = [f"{waiting[0]}{BETWEEN}{each[0]}", f"{waiting[1]}{BETWEEN}{each[1]}", "", ""]
            continue
        if waiting:
            yield line(waiting)
        waiting = each if plain else []
        if not plain:
            yield line(each)
    if waiting:
        yield line(waiting)


def line(row: list[str]) -> str:
    """A line of the table."""
    return f"| {' | '.join(row)} |"


def said(machine: dict) -> str:
    """The machine in words; what is not known is left out."""
    parts = [
        machine["processor"],
        f"{machine['cores']} cores" if machine["cores"] > 1 else "1 core",
    ]
    parts += [machine[key] for key in ("memory", "system") if machine.get(key)]
    parts.append(f"Python {machine['python']}")
    parts += [f"{name} {number}" for name, number in machine.get("packages", {}).items()]
    return ", ".join(parts)


def cells(figure: dict) -> list[str]:
    """What a figure is, its value, the peer's and the goal."""
    value, unit, form = figure["value"], figure["unit"], figure["form"]
    peer, goal = figure["peer"], ""
    theirs = figure["peer_value"]
    if theirs is not None:
        peer += f": {number(theirs, unit, form)}"
        if not isinstance(value, str) and value > 0 and theirs > 0:
            peer += f" ({max(value / theirs, theirs / value):.3g}×)"
    for key, sign in (("at_least", "≥"), ("at_most", "≤")):
        limit = figure[key]
        if limit is not None:
            missed = value < limit if key == "at_least" else value > limit
            goal = f"{sign} {number(limit, unit, '.4g' if form.endswith('f') else form)}"
            goal += " (missed)" if missed else ""
    return [figure["figure"], number(value, unit, form), peer, goal]


def number(value: float | str, unit: str, form: str) -> str:
    """A value with its unit."""
    if isinstance(value, str):
        return value
    if abs(value) >= 1000 and form[-1] in "fg":
        form = ",.0f"
    text = format(value, form)
    return text + (f" {unit}" if unit else "")


def main() -> None:
    """Replace RESULTS.md."""
    TARGET.write_text(render())
    print(f"written to {TARGET.relative_to(ROOT)}: {len(render().splitlines())} lines")


if __name__ == "__main__":
    main()
