"""``python -m metafast`` is the command line."""

from metafast.cli.app import main

main()
