"""Packages of the optional extra ``export``, imported where they are used."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def need(package: str, kind: str) -> Any:
    """A package of the extra.

    Raises
    ------
    ValueError
        If it is not installed.
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise ValueError(
            f"{kind} needs {package}, which is not installed; pip install 'metafast[export]'"
        ) from error
