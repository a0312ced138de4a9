"""Command line as ``python -m metafast``."""

from metafast.cli.app import main

main()
