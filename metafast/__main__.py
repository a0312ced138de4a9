"""``python -m metafast`` is the command line."""

from metafast.cli import main

main()
