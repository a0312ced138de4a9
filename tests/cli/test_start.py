"""Start of the command line: interruptions are not lost."""

import ctypes
import os
import signal
import sys
import time

import pytest

from metafast.cli.start import interrupts_kept


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_ctrl_c_in_a_callback_of_a_c_library_is_raised_after_it():
    @ctypes.CFUNCTYPE(None)
    def callback():  # ctypes drops what is raised in here, as in the callbacks of llvmlite
        signal.raise_signal(signal.SIGINT)
        time.sleep(0.001)

    def work():
        with interrupts_kept():
            callback()
            time.sleep(30)

    hook = sys.unraisablehook
    with pytest.raises(KeyboardInterrupt):
        work()
    assert sys.unraisablehook is hook


def test_other_exceptions_that_python_drops_are_reported_as_before(capsys):
    @ctypes.CFUNCTYPE(None)
    def callback():
        raise ValueError("said once")

    seen = []
    before, sys.unraisablehook = sys.unraisablehook, seen.append
    try:
        with interrupts_kept():
            callback()
    finally:
        sys.unraisablehook = before
    assert [unraisable.exc_type for unraisable in seen] == [ValueError]
