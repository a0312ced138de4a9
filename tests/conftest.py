"""Settings of all tests: Ctrl-C works, and threads that wait leave the cores to others."""

import os
import signal

# read when NumPy is imported, also by processes that tests start: idle threads of OpenBLAS spin, so
# that two processes on two cores keep each other from working
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # the same of torch, MKL and the kernels


def pytest_configure():
    # a shell starts background jobs with SIGINT ignored, and tests that send it would wait forever
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
