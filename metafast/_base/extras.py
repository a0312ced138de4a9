"""Packages that not every installation has, imported where they are used."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class MissingPackageError(ImportError, ValueError):
    """A package is not installed; the message names the command that installs it.

    It is a ValueError too, as every error that the user of a function can mend.
    """


def need(package: str, what: str, install: str = "metafast[export]") -> Any:
    """A module of a package that may be missing.

    Parameters
    ----------
    package : str
        Module to import.
    what : str
        What needs it, for the message.
    install : str
        What to give to ``pip install``.

    Raises
    ------
    MissingPackageError
        If the package is not installed.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        name = package.partition(".")[0]
        if error.name is not None and error.name.partition(".")[0] != name:
            raise  # the package is there, and a package that it needs is not
        shown = f"'{install}'" if "[" in install else install  # brackets mean much to a shell
        raise MissingPackageError(
            f"{what} needs {name}, which is not installed; pip install {shown}", name=name
        ) from error
