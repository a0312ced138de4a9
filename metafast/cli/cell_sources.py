"""Kinds of files that a command can take cells from, and the cells that ``--rows`` chooses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metafast._base.typing import AnyArray

_RANGE = re.compile(r"[0-9]{1,18}(-[0-9]{1,18})?")
_MOST_CELLS = 400  # without --rows


def kind_of(path: Path) -> str:
    """What a file holds: a design, a database, a family, or an array."""
    import h5py

    if not path.exists():
        raise ValueError(f"there is nothing at {str(path)!r}; check the path")
    if path.suffix in (".npy", ".npz"):
        return "array"
    try:
        with h5py.File(path, "r") as file:
            kind = str(file.attrs.get("format", "")).removeprefix("metafast-").split("-")[0]
    except OSError as error:
        raise ValueError(
            f"{str(path)!r} cannot be read ({error}); a design, database or family (.h5), or an "
            "array (.npy, .npz) is needed"
        ) from error
    if kind not in ("design", "database", "family"):
        raise ValueError(f"{str(path)!r} is no design, database or family of metafast")
    return kind


def cells_of(path: Path, kind: str, rows: str | None) -> AnyArray:
    """Cells (n, h, w) of a database, a family or an array."""
    from metafast._base.checks import require_cells
    from metafast._base.files import load_array

    if kind == "database":
        from metafast.database import CellDatabase

        database = CellDatabase.load(path)
        chosen = _chosen(rows, len(database))
        return database.take(chosen)
    if kind == "family":
        from metafast.selection import Family

        every = Family.load(path).cells
    else:
        every = require_cells(load_array(path, "cells"))
    return every[_chosen(rows, len(every))]


def _chosen(rows: str | None, count: int) -> list[int]:
    """Numbers of the cells that were asked for; all by default, if they are not too many."""
    if rows is None:
        if count > _MOST_CELLS:
            raise ValueError(
                f"there are {count:,} cells; choose some with --rows 3,17 or --rows 0-99"
            )
        return list(range(count))
    numbers: list[int] = []
    for word in rows.split(","):
        if not _RANGE.fullmatch(word.strip()):
            raise ValueError(f"--rows came with {rows!r}; numbers are needed, as 3,17 or 0-8")
        first, _, last = word.strip().partition("-")
        chosen = range(int(first), int(last or first) + 1)
        if not chosen:
            raise ValueError(f"--rows {rows} holds {word.strip()!r}, which ends before it starts")
        if chosen[-1] >= count:
            raise ValueError(f"--rows {rows} reaches beyond the {count:,} cells, counted from 0")
        numbers += chosen
    return numbers
