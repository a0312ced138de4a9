"""Start of the command line, which Ctrl-C ends in one line while the commands are loaded.

Nothing heavy is imported here. A KeyboardInterrupt would not do: some modules turn one into an
ImportError while they are loaded.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer, current_thread, get_ident, main_thread
from typing import Any, NoReturn

_INTERRUPTED = 130  # exit status
_SECONDS_TO_ASK_AGAIN = 0.05  # after an interruption that was lost


def main() -> None:
    """Run the command line; errors that the user can mend end in one line, not a traceback."""
    with _quiet_interrupt():
        from metafast.cli.app import main as run
    with interrupts_kept():
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


@contextmanager
def interrupts_kept() -> Iterator[None]:
    """Raise a KeyboardInterrupt again that was raised where Python can only drop it.

    Ctrl-C while LLVM compiles a kernel is raised in a callback of llvmlite, from which no exception
    gets out: the command would run on to its end.
    """
    before, thread = sys.unraisablehook, get_ident()

    def hook(unraisable: Any) -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            # later and from outside, since this hook cannot raise either
            again = Timer(_SECONDS_TO_ASK_AGAIN, _interrupt, (thread,))
            again.daemon = True
            again.start()
        else:
            before(unraisable)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before


def _interrupt(thread: int) -> None:
    """Send Ctrl-C to a thread, also while it sleeps or waits where the system allows that."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(thread, signal.SIGINT)
    else:
        _thread.interrupt_main()


def _leave(*_: object) -> NoReturn:
    sys.stderr.write("interrupted: nothing was done yet\n")
    sys.stderr.flush()
    os._exit(_INTERRUPTED)
