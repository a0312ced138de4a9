"""Faults of a problem file: the line of a key, and one line that names file, key and cure."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from typing import Any

Keys = tuple[str | int, ...]


class Fault(ValueError):
    """What is wrong at a key of a problem file, before file and line are known.

    Parameters
    ----------
    keys : tuple of str and int
        Keys and indices from the top of the file down to the value.
    message : str
        What came, what is needed, and the cure.
    line : int, optional
        Line of the file, where no key tells it.
    """

    def __init__(self, keys: Keys, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.keys, self.line = keys, line


def line_of(text: str, keys: Keys) -> int:
    """Number of the line on which a key of a TOML text begins, or the last known one above it.

    The text is parsed line by line until the key is there, since no TOML reader tells positions.
    """
    while keys:
        lines = text.splitlines(keepends=True)
        complete = 0  # lines of the longest text so far that is TOML by itself
        for count in range(1, len(lines) + 1):
            try:
                data = tomllib.loads("".join(lines[:count]))
            except tomllib.TOMLDecodeError:
                continue  # within a value that goes on
            if _holds(data, keys):
                return complete + 1
            complete = count
        keys = keys[:-1]
    return 1


def _holds(data: Any, keys: Keys) -> bool:
    for key in keys:
        inside = key < len(data) if isinstance(data, list) and isinstance(key, int) else False
        if not inside and not (isinstance(data, dict) and key in data):
            return False
        data = data[key]
    return True


def told(name: str, text: str, fault: Fault) -> str:
    """One line: file, line, key, and the fault."""
    key = ".".join(str(part) for part in fault.keys if isinstance(part, str))
    line = line_of(text, fault.keys) if fault.line is None else fault.line
    place = f"{name}, line {line}"
    message = " ".join(str(fault).split())
    return f"{place}, {key}: {message}" if key else f"{place}: {message}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Known words for a message, the one that was probably meant first."""
    names = list(known)
    close = difflib.get_close_matches(word, names, 1)
    meant = f"did you mean {close[0]!r}? " if close else ""
    return f"{meant}known are {', '.join(names)}" if names else "none are defined"
