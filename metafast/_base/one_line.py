"""Representation of results in one line: sizes in place of arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from dataclasses import fields
from typing import Any

import numpy as np

_LONGEST = 200  # characters; what follows is left out
_LONGEST_VALUE = 40


def one_line(self: Any) -> str:
    """The fields of a dataclass in one line; assign it to ``__repr__`` in the class.

    Arrays are named by their shape, other results by their class; what is None, NaN or empty is
    left out, and so is what has no place in the line.
    """
    parts: list[str] = []
    for field in fields(self):
        told = field.repr and not field.name.startswith("_")
        text = _text(getattr(self, field.name)) if told else ""
        if text:
            parts.append(f"{field.name}={text}")
        if sum(map(len, parts)) > _LONGEST:
            parts[-1] = "..."
            break
    return f"{type(self).__name__}({', '.join(parts)})"


def _text(value: Any) -> str:
    """A value in a few characters, none for a value that says nothing."""
    if isinstance(value, np.ndarray):
        kind = "records" if value.dtype.names else value.dtype.name
        return f"<{'x'.join(map(str, value.shape))} {kind}>" if value.size else ""
    if value is None or (isinstance(value, Sized) and not len(value)):
        return ""
    if isinstance(value, (float, np.floating)):
        return "" if np.isnan(value) else f"{value:.4g}"
    if isinstance(value, (list, tuple, Mapping)):
        return f"<{len(value)} {type(value).__name__} items>"
    text = repr(value)
    short = len(text) <= _LONGEST_VALUE and "\n" not in text
    return text if short else f"<{type(value).__name__}>"
