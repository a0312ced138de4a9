"""The paper claims recorded figures only, cites what it lists, and agrees with CITATION.cff."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAPER = (ROOT / "paper.md").read_text()
RESULTS = (ROOT / "benchmarks" / "RESULTS.md").read_text()
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in PAPER.splitlines()
    if line.startswith("| ") and not line.startswith("| stage")
]


@pytest.mark.parametrize(("stage", "figure", "value", "peer"), ROWS)
def test_every_row_is_a_recorded_one(stage, figure, value, peer):
    block = re.search(rf"^## {stage}\n(.*?)(?=^## |\Z)", RESULTS, re.M | re.S)[1]
    lines = [[cell.strip() for cell in line.split("|")[1:4]] for line in block.splitlines()]
    rows = [line for line in lines if len(line) == 3]
    # neighbours without a peer share a line
    parts = [
        (*each, peer)
        for *row, peer in rows
        for each in zip(*(cell.split(" · ") for cell in row), strict=True)
    ]
    assert (figure, value, peer) in [*map(tuple, rows), *parts]


def test_there_are_no_other_figures():
    prose = re.sub(r"^\|.*$|^---\n.*?^---$", "", PAPER, flags=re.M | re.S)
    numbers = {*re.findall(r"\d[\d.,]*", prose.replace("toulbar2", ""))}
    assert numbers <= {"50", *re.findall(r"(?<=@)\w+?(\d{4})", PAPER)}


def test_every_citation_has_an_entry_and_the_other_way_round():
    cited = {*re.findall(r"@(\w+\d{4})", PAPER)}
    entries = {*re.findall(r"^@\w+\{(\w+),", (ROOT / "paper.bib").read_text(), re.M)}
    assert cited == entries


def test_version_title_and_licence_are_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = (ROOT / "CITATION.cff").read_text()
    assert f"\nversion: {project['version']}\n" in citation
    assert f"\nlicense: {project['license']}\n" in citation
    title = re.search(r'^title: "(.*)"$', citation, re.M)[1]
    assert f"\ntitle: '{title}'\n" in PAPER
