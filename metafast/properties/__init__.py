"""Property vectors (C11, C12, C22, C33): names, coordinates, the space and curves they fill."""

from metafast.properties.coordinates import PropertyCoordinates
from metafast.properties.gradation import Gradation
from metafast.properties.space import PropertySpace

__all__ = ["Gradation", "PropertyCoordinates", "PropertySpace"]
