"""Command line as ``python -m metafast``."""

from metafast.cli import main

main()
