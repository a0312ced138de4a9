"""The database of cells: growth, storage and the space of their properties."""

from metafast.database.coordinates import PropertyCoordinates
from metafast.database.growth import build_database
from metafast.database.property_space import PropertySpace
from metafast.database.store import CellDatabase
from metafast.database.thinning import thin_database

__all__ = [
    "CellDatabase",
    "PropertyCoordinates",
    "PropertySpace",
    "build_database",
    "thin_database",
]
