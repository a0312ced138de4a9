"""Memory that this process may still allocate, and a check before much of it is needed."""

from __future__ import annotations

import os
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")
_NEGLIGIBLE = 1 << 20  # bytes below which the system is not asked


def available_memory() -> int | None:
    """Bytes that this process may still allocate; None where the system does not tell."""
    limits = []
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                limits.append(1024 * int(line.split()[1]))
    except (OSError, ValueError, IndexError):
        pass
    group = _group_memory()
    if group is not None:
        limits.append(group)
    if not limits:
        try:
            limits.append(os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
        except (AttributeError, ValueError, OSError):
            return None
    return min(limits)


def _group_memory() -> int | None:
    """Bytes left by the limit of the process's control group; cached files count as free."""
    try:
        path = Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines()[0]
        group = _GROUPS / path.split(":", 2)[2].lstrip("/")
        if not (group / "memory.max").exists():
            group = _GROUPS
        allowed = (group / "memory.max").read_text(encoding="ascii").strip()
        if allowed == "max":
            return None
        used = int((group / "memory.current").read_text(encoding="ascii"))
        for line in (group / "memory.stat").read_text(encoding="ascii").splitlines():
            name, value = line.split()
            if name in ("inactive_file", "active_file"):
                used -= int(value)
        return max(0, int(allowed) - used)
    except (OSError, ValueError, IndexError):
        return None


def require_memory(needed: int, what: str, cure: str) -> None:
    """Refuse work that cannot fit into memory, before anything is allocated.

    Parameters
    ----------
    needed : int
        Bytes.
    what : str
        What takes them, for the message.
    cure : str
        What to do about it.

    Raises
    ------
    MemoryError
        If more is needed than this process may still allocate.
    """
    free = available_memory() if needed > _NEGLIGIBLE else None
    if free is not None and needed > free:
        raise MemoryError(
            f"{what} would take {_in_words(needed)} of memory and {_in_words(free)} are free; "
            f"{cure}"
        )


def _in_words(count: int) -> str:
    return f"{count / 2**30:,.3g} GiB" if count < 2**50 else f"{count / 2**30:.0e} GiB"
