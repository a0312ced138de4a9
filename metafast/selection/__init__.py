"""Selection of cells for target properties, and of families along a gradation."""

from metafast.selection.candidates import property_errors, select_candidates
from metafast.selection.families import find_families
from metafast.selection.family import Family
from metafast.selection.inverse_candidates import InverseCandidates, inverse_candidates
from metafast.selection.shapes import pixel_components

__all__ = [
    "Family",
    "InverseCandidates",
    "find_families",
    "inverse_candidates",
    "pixel_components",
    "property_errors",
    "select_candidates",
]
