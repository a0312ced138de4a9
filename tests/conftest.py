"""Ctrl-C works in the tests however they were started."""

import signal


def pytest_configure():
    # a shell starts background jobs with SIGINT ignored, and tests that send it would wait forever
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
