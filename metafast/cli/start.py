"""Start of the command line, which Ctrl-C ends in one line while the commands are loaded.

Nothing heavy is imported here. A KeyboardInterrupt would not do: some modules turn one into an
ImportError while they are loaded.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import NoReturn

_INTERRUPTED = 130  # exit status


def main() -> None:
    """Run the command line; errors that the user can mend end in one line, not a traceback."""
    with _quiet_interrupt():
        from metafast.cli.app import main as run
    run()


@contextmanager
def _quiet_interrupt() -> Iterator[None]:
    """Let Ctrl-C end the process with one line, in the thread that receives signals."""
    ignored = signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, None)
    if ignored or current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _leave(*_: object) -> NoReturn:
    sys.stderr.write("interrupted: nothing was done yet\n")
    sys.stderr.flush()
    os._exit(_INTERRUPTED)
