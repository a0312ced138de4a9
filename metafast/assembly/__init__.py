"""Assembly of compatible cells: incompatibility tables and MAP inference (section 5.1)."""

from metafast.assembly.boundary import incompatibility_tables
from metafast.assembly.mrf import MrfResult, solve_mrf

__all__ = ["MrfResult", "incompatibility_tables", "solve_mrf"]
