"""One self-contained page about a design."""

from metafast.report.html import write_report

__all__ = ["write_report"]
