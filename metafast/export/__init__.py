"""Files that a design is taken home in."""

from metafast.export.hdf5 import read_design, write_design

__all__ = ["read_design", "write_design"]
