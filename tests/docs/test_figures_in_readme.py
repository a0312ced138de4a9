"""The figures on the first screen of the README are the recorded ones, and records stay short."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def value(stage, figure):
    entry = json.loads((ROOT / "benchmarks" / "results" / f"{stage}.json").read_text())
    return next(each["value"] for each in entry["figures"] if each["figure"] == figure)


@pytest.mark.parametrize(
    ("row", "stage"),
    [
        ("linear: bridge", "bridge"),
        ("linear: graded beam", "graded_beam_by_family"),
        ("linear: smiley", "smiley"),
    ],
)
def test_rows_of_linear_designs_are_recorded_ones(row, stage):
    line = next(line for line in README.splitlines() if line.startswith(f"| {row}"))
    end, start = (value(stage, f"RRMSE at every pixel{kind}") for kind in ("", ", open loop"))
    assert f"RRMSE {end:.4f} (open loop {start:.4f}), {value(stage, 'time'):.0f} s" in line


def finite_bridge(figure):
    return value("finite_bridge", figure)


def test_the_row_of_the_finite_bridge_is_a_recorded_one():
    line = next(each for each in README.splitlines() if each.startswith("| finite deformation"))
    one, two = (finite_bridge(f"RRMSE, {k} x {k} elements per pixel") for k in (1, 2))
    limit, time = finite_bridge("RRMSE, extrapolated"), finite_bridge("time")
    said = f"RRMSE {two:.4f} with 2×2 elements per pixel, {one:.4f} with one, limit {limit:.4f}, "
    assert f"{said}{time:.0f} s" in line
    linear = finite_bridge("RRMSE of the same structure by linear elasticity")
    assert f"by linear elasticity: {linear:.4f}" in line


def test_the_row_of_homogenization_is_a_recorded_one():
    line = next(line for line in README.splitlines() if line.startswith("| homogenization"))
    stage = json.loads((ROOT / "benchmarks" / "results" / "homogenization.json").read_text())
    ours = next(
        each
        for each in stage["figures"]
        if "symmetric" in each["figure"] and "PARDISO" in str(each)
    )
    assert f"{ours['value']:,.0f} cells/s" in line
    assert f"PARDISO: {ours['peer_value']:.0f} cells/s" in line


def test_the_output_shown_is_the_recorded_one():
    shown = re.search(
        r"RRMSE (\S+) at every pixel in the limit of fine meshes \(finer mesh (\S+);\s+"
        r"mesh of the loop (\S+); open loop (\S+); linear (\S+); the paper 0.0600\)",
        README,
    )
    names = (
        "RRMSE, extrapolated",
        "RRMSE, 2 x 2 elements per pixel",
        "RRMSE, 1 x 1 elements per pixel",
        "RRMSE, 1 x 1, open loop",
        "RRMSE of the same structure by linear elasticity",
    )
    assert shown.groups() == tuple(f"{finite_bridge(name):.4f}" for name in names)
    proof = re.search(r"energy ([\d.]+)\)[^;]*;[^;]*;\s*(\d+ swaps? in \d+)", README)
    recorded = finite_bridge("assembly; swaps kept")
    assert all(part in recorded for part in (proof[1], proof[2][:2]))


def test_records_are_short():
    assert len(README.splitlines()) <= 110
    assert len((ROOT / "CHANGELOG.md").read_text().splitlines()) <= 40
