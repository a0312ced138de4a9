"""Progress bars: one for each stage, with its note."""

import contextlib
import io
import re
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from metafast._base import notebook_bars
from metafast._base.checks import require_progress
from metafast._base.progress import progress_bars, silent


def test_a_note_is_shown_and_makes_no_bar_of_its_own():
    text = io.StringIO()
    with contextlib.redirect_stdout(text), progress_bars(transient=False) as progress:
        progress("growing", 1, 3)
        progress("growing", 2, 3, "12 voxels")
        progress("growing", 3, 3, "15 voxels")
        progress("homogenizing", 4, 4)
    shown = text.getvalue()
    assert "growing: 15 voxels" in shown
    assert "homogenizing" in shown
    assert shown.count("growing") == 1


def test_silent_takes_a_note():
    silent("growing", 1, 2, "12 voxels")
    silent("growing", 2, 2)


def test_a_callback_is_checked_before_the_work():
    for right in (silent, lambda stage, done, total, note="": None, lambda *told: None):
        require_progress(right, noted=True)
    require_progress(lambda stage, done, total: None)
    for wrong in (lambda stage, done, total: None, lambda stage, done, total, note: None):
        with pytest.raises(ValueError, match=r"is called as progress\(stage, done, total\) and"):
            require_progress(wrong, noted=True)


@pytest.fixture
def pages(monkeypatch):
    """What a notebook has shown, each time; IPython itself is replaced by its three calls."""
    shown = []

    def display(page, display_id):
        assert display_id is True
        shown.append(page)
        return SimpleNamespace(update=shown.append)

    ipython, parts = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object())
    parts.HTML, parts.display = str, display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", parts)
    return shown


def test_a_notebook_has_a_bar_for_each_stage(pages):
    with progress_bars(transient=False) as progress:
        progress("growing", 1, 3)
        progress("growing", 3, 3, "<15 voxels>")
        progress("homogenizing", 2_000, 4_000)
    assert re.findall(r'value="(\d+)" max="(\d+)"', pages[-1]) == [("3", "3"), ("2000", "4000")]
    assert "&lt;15 voxels&gt;" in pages[-1]
    assert "2,000 of 4,000" in pages[-1]


def test_bars_vanish_when_the_work_fails(pages):
    with contextlib.suppress(KeyError), progress_bars() as progress:
        progress("growing", 3, 3)
        raise KeyError
    assert [bool(page) for page in pages] == [False, True, False]


def test_ten_pages_a_second_are_shown_and_the_last_one(pages, monkeypatch):
    clock = iter(np.arange(1.0, 4.0, 0.01))
    monkeypatch.setattr(notebook_bars, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    with progress_bars() as progress:
        for step in range(250):  # a hundred steps a second
            progress("growing", step, 250)
        progress("growing", 250, 250)
    assert 23 <= len(pages) - 2 <= 26  # without the empty ones at both ends
    assert 'value="250"' in pages[-2]


def test_ipython_in_a_terminal_is_no_notebook(monkeypatch, pages):
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", SimpleNamespace)
    with contextlib.redirect_stdout(io.StringIO()), progress_bars() as progress:
        progress("growing", 1, 1)
    assert pages == []


def test_transient_is_true_or_false():
    with pytest.raises(ValueError, match="transient is 1; use True or False"):
        progress_bars(1)
