"""The one place that owns the options of numba-compiled functions.

error_model="numpy": a division by zero in an unused lane must not raise inside a kernel.
cache=True: compiled once per machine, loaded from the cache afterwards; nothing compiles at import.
METAFAST_LANES switches it off: its kernels must not be mistaken for those of the machine's width.
boundscheck=False: sizes are checked at the public functions and come from plan tables inside.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numba

_CACHE = "METAFAST_LANES" not in os.environ


def jit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """`numba.njit` with this project's options; `options` adds to them."""
    return numba.njit(error_model="numpy", cache=_CACHE, boundscheck=False, **options)  # type: ignore[no-any-return]


@contextmanager
def numba_threads(threads: int) -> Iterator[int]:
    """Let parallel kernels use `threads` threads; yields how many they will get."""
    before = numba.get_num_threads()
    workers = min(threads, int(numba.config.NUMBA_NUM_THREADS))  # type: ignore[attr-defined]
    numba.set_num_threads(workers)
    try:
        yield workers
    finally:
        numba.set_num_threads(before)
