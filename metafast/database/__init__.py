"""Databases of cells: growth, storage, exchange and coverage of the property space."""

from metafast.database.coverage import coverage, soft_coverage
from metafast.database.exchange import (
    ImportedDatabase,
    LabelCheck,
    import_database,
    merge_databases,
)
from metafast.database.growing.growth import build_database
from metafast.database.growing.options import GrowthOptions
from metafast.database.mesh_errors import mesh_differences, mesh_errors
from metafast.database.reading import ReadCells, ReadingOptions, read_cells
from metafast.database.store import CellDatabase, NearestCells
from metafast.database.thinning import thin_database
from metafast.database.writers import export_database

__all__ = [
    "CellDatabase",
    "GrowthOptions",
    "ImportedDatabase",
    "LabelCheck",
    "NearestCells",
    "ReadCells",
    "ReadingOptions",
    "build_database",
    "coverage",
    "export_database",
    "import_database",
    "merge_databases",
    "mesh_differences",
    "mesh_errors",
    "read_cells",
    "soft_coverage",
    "thin_database",
]
