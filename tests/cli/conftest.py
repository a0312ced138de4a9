"""The command line, run in this process."""

import sys

import pytest

from metafast import cli


@pytest.fixture
def run(monkeypatch):
    """Function of the arguments that runs ``metafast`` and returns its exit status."""

    def status(*arguments):
        monkeypatch.setattr(sys, "argv", ["metafast", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        return stop.value.code

    return status
