"""Command line: one subcommand for each stage."""

from metafast.cli.app import main

__all__ = ["main"]
