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
    path = tmp_path / "cache" / "kernel.lock"
    with (
        _file_lock(str(path.parent), "kernel"),
        path.open() as other,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with path.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_folder_that_cannot_be_written_locks_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    with _file_lock(str(tmp_path / "file" / "cache"), "kernel"):
        pass
