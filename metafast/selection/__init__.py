"""Selection of cells for target properties, and of families of cells along a gradation."""

from metafast.selection.candidates import property_errors, select_candidates
from metafast.selection.eligible import LEAST_SIDE_SOLID, buildable_cells
from metafast.selection.families import families_of, find_families
from metafast.selection.family import Family
from metafast.selection.family_graph import PackedCell, family_graph
from metafast.selection.family_options import PAPER_FAMILY, FamilyOptions
from metafast.selection.inverse_candidates import InverseCandidates, inverse_candidates
from metafast.selection.shapes import Encoder, pixel_components

__all__ = [
    "LEAST_SIDE_SOLID",
    "PAPER_FAMILY",
    "Encoder",
    "Family",
    "FamilyOptions",
    "InverseCandidates",
    "PackedCell",
    "buildable_cells",
    "families_of",
    "family_graph",
    "find_families",
    "inverse_candidates",
    "pixel_components",
    "property_errors",
    "select_candidates",
]
