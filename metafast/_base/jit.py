"""Options, cache and threads of all numba-compiled functions.

error_model="numpy": a division by zero in an unused lane must not raise inside a kernel.
cache=True: compiled once per machine, loaded from the cache afterwards; nothing compiles at import.
METAFAST_LANES switches it off: its kernels must not be mistaken for those of the machine's width.
boundscheck=False: sizes are checked at the public functions and come from plan tables inside.

numba considers a cached function valid while the file that defines it is unchanged. A compiled
function also contains code and constants of other files, so here every file that kernels are made
of counts. Their hash is part of the version at the head of a cache file, since the pickled types
behind it may have other names in another version of the package. Of several processes that need a
function at once, such as the workers of a cluster, one compiles it and the others wait and load it.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core.compiler_lock import global_compiler_lock

try:
    import fcntl
except ImportError:  # Windows: every process compiles for itself
    fcntl = None  # type: ignore[assignment]

# folders whose functions and constants end up in kernels
_FOLDERS = ("_base", "cells", "homogenization", "database", "macro", "structure")
_CACHE = "METAFAST_LANES" not in os.environ
_ONE_AT_A_TIME = threading.RLock()


@cache
def _fingerprint() -> str:
    """Hash of name, time and size of every source file that kernels may be made of."""
    root = Path(__file__).parents[1]
    sources = [root / "q4.py", *(path for name in _FOLDERS for path in (root / name).rglob("*.py"))]
    stats = [(str(path.relative_to(root)), path.stat()) for path in sorted(sources)]
    lines = [f"{name} {s.st_mtime_ns} {s.st_size}" for name, s in stats]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def jit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """`numba.njit` with the options above and any `options`."""

    def decorate(function: Callable[..., Any]) -> Any:
        compiled = numba.njit(
            error_model="numpy", cache=_CACHE, boundscheck=False, **options
        )(function)  # fmt: skip
        file = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
        if file is not None:
            file._version = f"{file._version} {_fingerprint()}"
            compiled.compile = _one_at_a_time(compiled)
        return compiled

    return decorate


def _one_at_a_time(compiled: Any) -> Callable[[Any], Any]:
    """The method `compile` of a function with a cache, by one process at a time.

    Functions are locked in the order of calls, so that no two processes wait for each other, and
    after numba's own lock, so that no two threads do.
    """
    inner = compiled.compile

    def compile_or_load(signature: Any) -> Any:
        with global_compiler_lock, _file_lock(compiled.stats.cache_path, compiled.__qualname__):
            return inner(signature)

    return compile_or_load


@contextmanager
def _file_lock(folder: str, name: str) -> Iterator[None]:
    """Keep other processes out; where files cannot be locked, nothing is."""
    with ExitStack() as stack:
        if fcntl is not None:
            with suppress(OSError):
                os.makedirs(folder, exist_ok=True)
                file = stack.enter_context(open(os.path.join(folder, f"{name}.lock"), "w"))
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def function_address(compiled: Any, signature: Any) -> int:
    """Address of the machine code of a function from `jit`, compiled or loaded for a signature.

    Kernels that call it by its address do not contain it: large code that several kernels share is
    compiled once and not once for each of them.
    """
    result = compiled.get_compile_result(signature)
    return int(numba.types.CompileResultWAP(result).__wrapper_address__())


def usable_threads(threads: int) -> int:
    """At most `threads`, and no more than numba can run."""
    return min(threads, int(numba.config.NUMBA_NUM_THREADS))  # type: ignore[attr-defined]


@contextmanager
def numba_threads(threads: int) -> Iterator[int]:
    """Let parallel kernels use `threads` threads; yields the number that they will get.

    Safe from several threads of Python: numba's fallback, the "workqueue" layer, would end the
    process if two kernels ran at once, so with it they take turns.
    """
    before = numba.get_num_threads()
    workers = usable_threads(threads)
    with nullcontext() if _reentrant() else _ONE_AT_A_TIME:
        numba.set_num_threads(workers)
        try:
            yield workers
        finally:
            numba.set_num_threads(before)


def _reentrant() -> bool:
    """Whether kernels may run from several threads at once; unknown before the first kernel ran."""
    try:
        return str(numba.threading_layer()) != "workqueue"  # type: ignore[attr-defined]
    except ValueError:
        return False
