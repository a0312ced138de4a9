"""The whole design, from a problem to a fully solved structure (section 5.1)."""

from metafast.pipeline.design import design
from metafast.pipeline.errors import Errors
from metafast.pipeline.options import PAPER, DesignOptions
from metafast.pipeline.result import Design
from metafast.pipeline.trace import Trace

__all__ = ["PAPER", "Design", "DesignOptions", "Errors", "Trace", "design"]
