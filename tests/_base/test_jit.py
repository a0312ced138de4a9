"""Compiled functions: called by address, and compiled by one process at a time."""

import numpy as np
import pytest
from numba import types

from metafast._base.jit import _file_lock, function_address, jit


@jit()
def double(values):
    for k in range(len(values)):
        values[k] *= 2.0


def test_an_address_is_of_the_compiled_function():
    signature = types.void(types.float64[::1])
    address = function_address(double, signature)
    assert address > 0
    assert address == function_address(double, signature)
    assert len(double.signatures) == 1
    values = np.arange(3.0)
    double(values)
    assert values.tolist() == [0.0, 2.0, 4.0]


def test_other_processes_wait(tmp_path):
    fcntl = pytest.importorskip("fcntl")

    def lock_at_once(path):
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    with _file_lock(str(tmp_path), "kernel"), pytest.raises(BlockingIOError):
        lock_at_once(tmp_path / "kernel.lock")
    lock_at_once(tmp_path / "kernel.lock")


def test_a_folder_that_cannot_be_written_locks_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    with _file_lock(str(tmp_path / "file" / "cache"), "kernel"):
        pass
