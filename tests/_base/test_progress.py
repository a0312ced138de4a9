"""Progress bars: one for each stage, with its note."""

import contextlib
import io

import pytest

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
