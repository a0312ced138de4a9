"""Command line: commands for cells, databases, models, families, designs and assemblies."""

from metafast.cli.start import main

__all__ = ["main"]
