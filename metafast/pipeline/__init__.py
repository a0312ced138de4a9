"""The whole design, from a problem to proved pixels (section 5.1)."""

from metafast.pipeline.design import design
from metafast.pipeline.design_file import read_design
from metafast.pipeline.result import Design

__all__ = ["Design", "design", "read_design"]
