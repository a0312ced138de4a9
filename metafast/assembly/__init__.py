"""Assembly of compatible cells: incompatibility tables and MAP inference (section 5.1)."""

from metafast.assembly.boundary import IncompatibilityTables, incompatibility_tables
from metafast.assembly.mrf import MrfInterrupted, MrfResult, solve_mrf

__all__ = [
    "IncompatibilityTables",
    "MrfInterrupted",
    "MrfResult",
    "incompatibility_tables",
    "solve_mrf",
]
