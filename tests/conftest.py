"""Settings of all tests: Ctrl-C works, and BLAS does not fight for the cores."""

import os
import signal

# read when NumPy is imported, also by processes that tests start: idle threads of OpenBLAS spin,
# and where two processes test on two cores, they keep each other from working
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_configure():
    # a shell starts background jobs with SIGINT ignored, and tests that send it would wait forever
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
