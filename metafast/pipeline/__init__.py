"""The whole design, from a problem to proved pixels (section 5.1)."""

from metafast.pipeline.design import design
from metafast.pipeline.options import PAPER, DesignOptions
from metafast.pipeline.result import Design, Errors
from metafast.pipeline.trace import Trace

__all__ = ["PAPER", "Design", "DesignOptions", "Errors", "Trace", "design"]
