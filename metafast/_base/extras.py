"""Packages of optional extras, imported where they are used."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def need(package: str, what: str, extra: str = "export") -> Any:
    """A module of a package of an extra.

    Parameters
    ----------
    package : str
        Module to import.
    what : str
        What needs it, for the message.
    extra : str

    Raises
    ------
    ValueError
        If the package is not installed.
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise ValueError(
            f"{what} needs {package.partition('.')[0]}, which is not installed; "
            f"pip install 'metafast[{extra}]'"
        ) from error
