"""Full-resolution finite elements of assembled structures (section 5.2)."""

from metafast.structure.input import estimate_memory
from metafast.structure.response import StructureResponse
from metafast.structure.solve import solve_load_cases, solve_structure

__all__ = ["StructureResponse", "estimate_memory", "solve_load_cases", "solve_structure"]
