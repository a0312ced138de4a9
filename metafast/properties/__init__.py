"""Property vectors (C11, C12, C22, C33): names, coordinates, space, solid share, gradations."""

from metafast.properties.coordinates import PropertyCoordinates
from metafast.properties.engineering import EngineeringConstants, engineering_constants
from metafast.properties.gradation import CurvePoints, Gradation
from metafast.properties.names import PROPERTIES, STIFFNESSES, swapped
from metafast.properties.solid_share import SolidShare
from metafast.properties.space import PropertySpace, SignedDistance

__all__ = [
    "PROPERTIES",
    "STIFFNESSES",
    "CurvePoints",
    "EngineeringConstants",
    "Gradation",
    "PropertyCoordinates",
    "PropertySpace",
    "SignedDistance",
    "SolidShare",
    "engineering_constants",
    "swapped",
]
