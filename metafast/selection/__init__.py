"""Selection of cells for target properties."""

from metafast.selection.candidates import select_candidates
from metafast.selection.shape_coordinates import pixel_components, shape_coordinates

__all__ = ["pixel_components", "select_candidates", "shape_coordinates"]
