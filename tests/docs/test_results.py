"""RESULTS.md is what the recorded JSON files render, short, and free of paths."""

import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "benchmarks" / "results").glob("*.json"))


@pytest.fixture
def modules(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import record
    import write_results

    yield record, write_results
    for name in ("record", "write_results"):
        sys.modules.pop(name, None)


def test_results_are_what_the_records_render(modules):
    page = (ROOT / "benchmarks" / "RESULTS.md").read_text()
    assert page == modules[1].render(), "run make results"
    assert len(page.splitlines()) <= 250


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_record_says_where_it_comes_from(path):
    text = path.read_text()
    entry = json.loads(text)
    assert entry["stage"] == path.stem
    script = re.match(r"python (benchmarks/bench_\w+\.py)|metafast \w+ ", entry["command"])
    assert script, entry["command"]
    assert script[1] is None or (ROOT / script[1]).exists()
    assert re.fullmatch(r"[0-9a-f]{7,}(-dirty)?", entry["commit"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", entry["date"])
    assert entry["machine"]["processor"]
    assert entry["figures"]
    assert not re.search(r'[ "]/\w', text), "a path of some machine"


def test_a_record_is_written_and_rendered(modules, tmp_path, monkeypatch):
    record, write_results = modules
    monkeypatch.setattr(record, "RESULTS", tmp_path)
    monkeypatch.setattr(
        sys, "argv", ["x/bench_fast.py", "--cloud", "/somewhere/c.npz", "--size", "9"]
    )
    path = record.record(
        "fast",
        {
            "speed": record.Figure(
                3000.0, "cells/s", peer="slow", peer_value=1500.0, at_least=4000
            ),
            "error": record.Figure(0.0125, form=".4f", at_most=0.05),
            "proof": record.Figure("proved optimal"),
        },
        note="A note.",
    )
    assert [p.name for p in tmp_path.iterdir()] == ["fast.json"]
    entry = json.loads(path.read_text())
    assert entry["command"] == "python benchmarks/bench_fast.py --cloud CLOUD --size 9"
    record.record("plain", {name * 40: record.Figure(k) for k, name in enumerate("abcd")})
    page = write_results.render(tmp_path)
    assert f"| {'a' * 40} · {'b' * 40} | 0 · 1 |  |  |\n| {'c' * 40} · {'d' * 40} | 2 · 3 |" in page
    assert "| speed | 3,000 cells/s | slow: 1,500 cells/s (2×) | ≥ 4,000 cells/s (missed) |" in page
    assert "| error | 0.0125 |  | ≤ 0.05 |" in page
    assert "| proof | proved optimal |  |  |" in page
    assert "A note." in page
    words = {name * 80: record.Figure(f"{name} ± 1") for name in "abcd"}
    record.record("words", words)
    page = write_results.render(tmp_path)
    a, b, c, d = (f"{name}: {figure.value}" for name, figure in words.items())
    assert f"\n- {a} · {b}\n- {c} · {d}\n" in page


def test_a_listed_record_has_a_line_for_figures_that_belong_together(
    modules, tmp_path, monkeypatch
):
    record, write_results = modules
    monkeypatch.setattr(record, "RESULTS", tmp_path)
    figures = {
        "bridge: error": record.Figure(0.02, peer="ours", peer_value=0.01),
        "bridge: time": record.Figure(3.0, "s"),
        "smiley: time": record.Figure("not run"),
    }
    record.record(write_results.GROUPED[0], figures)
    lines = write_results.render(tmp_path).splitlines()[-2:]
    assert lines == ["- bridge: error 0.02 / ours: 0.01 (2×); time 3 s", "- smiley: time not run"]
