"""Numbers as text, many lines at a time."""

from __future__ import annotations

from collections.abc import Iterator

from metafast._base.typing import AnyArray

_CHUNK = 65536  # lines that are made at once


def lines_of(line: str, *columns: AnyArray) -> Iterator[str]:
    """Text of rows of numbers, in chunks.

    Parameters
    ----------
    line : str
        Format of one row, as in ``"%d, %.9g\\n"``.
    columns : arrays (n,) or (n, k)
        Columns of the rows, from left to right.
    """
    wide = [column if column.ndim == 2 else column[:, None] for column in columns]
    for start in range(0, len(wide[0]), _CHUNK):
        chunk = [part[start : start + _CHUNK] for part in wide]
        lists = [numbers for part in chunk for numbers in part.T.tolist()]
        rows = zip(*lists, strict=True)
        yield (line * len(chunk[0])) % tuple(number for row in rows for number in row)
