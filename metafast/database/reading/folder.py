"""Folders of files of one cell each: pictures, outlines, or grids of digits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from metafast._base.typing import ByteArray
from metafast.database.reading.digits import read_digits
from metafast.database.reading.options import ReadingOptions
from metafast.database.reading.outlines import OUTLINES, read_outlines
from metafast.database.reading.pictures import PICTURES, read_picture
from metafast.database.reading.result import ReadCells

TEXTS = (".txt",)
SINGLE = (*TEXTS, *PICTURES, *OUTLINES)  # endings of files of one cell
_KINDS = {"pictures": PICTURES, "outlines": OUTLINES, ".txt files": TEXTS}


def read_single(path: Path, options: ReadingOptions) -> tuple[ByteArray, list[str]]:
    """The cell (1, h, w) of a file, or those (n, h, w) of a picture with several frames."""
    kind = path.suffix.lower()
    if kind in PICTURES:
        return read_picture(path, options), []
    cell, notes = (read_outlines if kind in OUTLINES else read_digits)(path, options)
    return cell[None], notes


def read_folder(path: Path, options: ReadingOptions) -> ReadCells:
    """Cells of the files of a folder, in the order of the numbers in their names.

    Raises
    ------
    ValueError
        If there are no such files, files of several kinds, or of several sizes.
    """
    files = _files(path)
    cells: list[ByteArray] = []
    notes: list[str] = []
    names: list[str] = []
    for file in files:
        found, said = read_single(file, options)
        if cells and found.shape[1:] != cells[0].shape[1:]:
            kind = "grid" if file.suffix.lower() in TEXTS else "picture"
            raise ValueError(
                f"{str(file)!r} holds a {kind} of shape {found.shape[1:]}, but {files[0].name!r} "
                f"one of {cells[0].shape[1:]}; all cells need the same size"
            )
        cells.append(found)
        names += [file.name] * len(found)
        notes = notes or said  # the first one's are enough
    return ReadCells(np.concatenate(cells), None, tuple(names), tuple(notes))


def _files(path: Path) -> list[Path]:
    """The files of cells in a folder, in order."""
    inside = [file for file in path.iterdir() if file.is_file() and file.name[0] != "."]
    found = {
        kind: [file for file in inside if file.suffix.lower() in endings]
        for kind, endings in _KINDS.items()
    }
    kinds = [kind for kind, files in found.items() if files]
    if not kinds:
        raise ValueError(
            f"the folder {str(path)!r} holds no .txt files, pictures or outlines; one per cell is "
            "needed"
        )
    if len(kinds) > 1:
        told = " and ".join(f"{len(found[kind])} {kind}" for kind in kinds)
        raise ValueError(
            f"the folder {str(path)!r} holds {told}; keep the cells in a folder of their own"
        )
    key = _numbers if kinds[0] == ".txt files" else _natural
    return sorted(found[kinds[0]], key=key)


def _numbers(path: Path) -> Any:
    """Numbers in the name first, so that runs of several prefixes interleave."""
    return [int(number) for number in re.findall(r"\d+", path.stem)], path.name


def _natural(path: Path) -> Any:
    """Words and numbers of a name in turn, so that cell_10 comes after cell_9."""
    parts = re.split(r"(\d+)", path.stem)
    return [int(part) if k % 2 else part.lower() for k, part in enumerate(parts)], path.name
