"""Cells of .txt files: a grid of digits, with or without separators."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from metafast._base.typing import ByteArray
from metafast.database.reading.binary import solid_of_numbers
from metafast.database.reading.options import ReadingOptions


def read_digits(path: Path, options: ReadingOptions) -> tuple[ByteArray, list[str]]:
    """A cell (h, w) of a .txt file, and what was taken for what.

    Raises
    ------
    ValueError
        If the file is no grid of digits.
    """
    try:
        rows = [_digits(line) for line in path.read_text().splitlines() if line.strip()]
        if not rows:
            raise ValueError("it is empty")
        grid = np.array(rows, dtype=float)[None]
        cells, notes = solid_of_numbers(grid, options, repr(path.name))
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{str(path)!r} is not a grid of 0 and 1 ({error}); lines of equal length are "
            "needed, with digits that are adjacent or separated by blanks or commas"
        ) from error
    return cells[0], notes


def _digits(line: str) -> list[float]:
    parts = re.split(r"[\s,;]+", line.strip().strip(",;"))
    if len(parts) == 1 and len(parts[0]) > 1 and set(parts[0]) <= {"0", "1"}:
        return [float(digit) for digit in parts[0]]
    return [float(part) for part in parts]
