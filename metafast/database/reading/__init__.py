"""Reading of cells: arrays, pictures, outlines and grids of digits, and properties beside them."""

from metafast.database.reading.options import ReadingOptions
from metafast.database.reading.read import read_cells
from metafast.database.reading.result import ReadCells

__all__ = ["ReadCells", "ReadingOptions", "read_cells"]
