"""Report of a design: a self-contained page, tables and a summary of three lines."""

from metafast.report.html import write_report
from metafast.report.summary import size_text, stiffness_text, summary_lines

__all__ = ["size_text", "stiffness_text", "summary_lines", "write_report"]
