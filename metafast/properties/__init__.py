"""Property vectors (C11, C12, C22, C33): names, coordinates, space, solid share, gradations."""

from metafast.properties.coordinates import PropertyCoordinates
from metafast.properties.gradation import CurvePoints, Gradation
from metafast.properties.names import PROPERTIES, swapped
from metafast.properties.solid_share import SolidShare
from metafast.properties.space import PropertySpace, SignedDistance

__all__ = [
    "PROPERTIES",
    "CurvePoints",
    "Gradation",
    "PropertyCoordinates",
    "PropertySpace",
    "SignedDistance",
    "SolidShare",
    "swapped",
]
