"""Claims of results that a command is going to write, so that two commands do not write the same.

A claim is a locked file in the folder for temporary files, named by the result's path. The system
gives it up when the process ends, however it ends. Processes on other machines are not kept out.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import gettempdir

try:
    import fcntl
except ImportError:  # Windows: the last to write stays
    fcntl = None  # type: ignore[assignment]


@contextmanager
def claimed(path: Path) -> Iterator[None]:
    """Keep other processes from claiming the same path within the block.

    Raises
    ------
    ValueError
        If a process has claimed it.
    """
    held = None if fcntl is None else _lock(path)
    try:
        yield
    finally:
        if held is not None:
            number, name = held
            with suppress(OSError):
                name.unlink()
            os.close(number)


def _lock(path: Path) -> tuple[int, Path] | None:
    """Number and name of the locked file; None where files cannot be locked."""
    whole = os.fsencode(os.path.realpath(path))
    name = Path(gettempdir()) / f"metafast-{hashlib.sha256(whole).hexdigest()[:32]}.lock"
    while True:
        try:
            number = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError:
            return None
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(number)
            raise ValueError(
                f"another process is going to write {str(path)!r}; wait until it ends, or choose "
                "another name"
            ) from None
        except OSError:
            os.close(number)
            return None
        if _is_there(number, name):
            return number, name
        os.close(number)  # the process that had it has removed it in between


def _is_there(number: int, name: Path) -> bool:
    """Whether an open file still has its name."""
    try:
        return os.path.samestat(os.fstat(number), os.stat(name))
    except OSError:
        return False
