"""Memory that this process may still allocate."""

from __future__ import annotations

import os
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")


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
