"""How much memory a solution takes and how much there is."""

from __future__ import annotations

from metafast._base.memory import available_memory
from metafast.structure.nodes import LARGEST


def estimate_memory(unknowns: int) -> int:
    """Bytes that the solution of a porous body with `unknowns` free degrees takes at its peak.

    The part of the factor that is kept grows like n log n, node fields and work arrays like n. The
    constants are fitted to measured peaks and lie on the safe side for porous bodies; solid ones
    take up to twice as much.

    Parameters
    ----------
    unknowns : int
        Free degrees of freedom.
    """
    n = max(int(unknowns), 2)
    return int(n * (160 + 20 * max(n.bit_length() - 14, 0)))


def require_memory(unknowns: int) -> int | None:
    """Return the available bytes; raise MemoryError if the estimate clearly exceeds them."""
    if unknowns > LARGEST:
        raise MemoryError(
            f"{unknowns} unknowns, but 32-bit numbers reach {LARGEST}; solve fewer cells, or with "
            "a smaller refine"
        )
    free = available_memory()
    needed = estimate_memory(unknowns)
    if free is not None and needed > 1.25 * free:
        raise MemoryError(
            f"{unknowns} unknowns need about {needed / 2**30:.1f} GiB, but {free / 2**30:.1f} GiB "
            "are free; solve fewer cells, use refine=1, or free memory"
        )
    return free
