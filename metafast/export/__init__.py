"""Files to take home: to print, to cut, to view and to simulate, in millimetres."""

from metafast.export.options import ExportOptions
from metafast.export.printability import Printability, printability
from metafast.export.sheet import cell_sheet
from metafast.export.structure import Exported, export_structure

__all__ = [
    "ExportOptions",
    "Exported",
    "Printability",
    "cell_sheet",
    "export_structure",
    "printability",
]
