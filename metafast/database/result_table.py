"""CSV tables of the properties of cells."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence

from metafast._base.files import atomic_write
from metafast._base.typing import FloatArray


def write_result_table(
    path: str | os.PathLike[str],
    names: Sequence[str],
    volume: FloatArray,
    columns: Mapping[str, FloatArray],
) -> None:
    """Write one line for each cell: its name, its solid fraction and the columns.

    Parameters
    ----------
    path : path
    names : sequence of str
    volume : (n,) array
    columns : mapping of str to (n,) array
        By heading.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    with atomic_write(path) as partial, partial.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["cell", "volume", *columns])
        values = [volume.tolist(), *(each.tolist() for each in columns.values())]
        for name, *row in zip(names, *values, strict=True):
            table.writerow([name, *map(repr, row)])
