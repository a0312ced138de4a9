"""Cells of any known format, and their properties if the file has any."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from metafast._base.checks import changed_options, shown
from metafast._base.typing import AnyArray, ByteArray
from metafast.database.reading.array_files import read_arrays
from metafast.database.reading.binary import solid_of_numbers
from metafast.database.reading.choice import choose_cells, choose_labels
from metafast.database.reading.folder import SINGLE, read_folder, read_single
from metafast.database.reading.layout import laid_out
from metafast.database.reading.named_arrays import NamedArray
from metafast.database.reading.options import ReadingOptions
from metafast.database.reading.result import ReadCells

FORMATS = ".mat, .npy, .npz, .h5, .txt, a picture, .svg, .dxf, or a folder of files of one cell"


def read_cells(
    path: str | os.PathLike[str], *, options: ReadingOptions | None = None, **changes: Any
) -> ReadCells:
    """Read cells, and their properties if the file has any, from any known format.

    Parameters
    ----------
    path : path
        - .mat of version 5 or 7.3, also cell arrays; .npy, .npz or .h5: arrays (N, h, w),
          (h, w, N), (N, h*w), (h*w, N) with square cells, or (h, w), of 0 and 1, logical, or greys;
        - .png or another bitmap, each frame a cell, dark pixels solid;
        - .txt, a grid of digits; .svg or .dxf, closed outlines (extra ``export``);
        - a folder of files of one cell each, in the order of their names, numbers as numbers.
    options : ReadingOptions, optional
        What the file does not say: names of arrays, axes, what is solid, a threshold.
    **changes
        Fields of `ReadingOptions` that differ from `options`, for instance ``solid="white"``.

    Returns
    -------
    ReadCells
        `notes` says what was taken for what.

    Raises
    ------
    ValueError
        If the file is missing, damaged, of an unknown format, or can be read in several ways.
    """
    options = changed_options("read_cells", options or ReadingOptions(), changes)
    place = _existing(path)
    single = place.is_dir() or place.suffix.lower() in SINGLE
    if single and (options.variable, options.labels, options.columns) != (None, None, None):
        kind = "folder of files of one cell" if place.is_dir() else f"{place.suffix} file"
        raise ValueError(
            f"{str(place)!r} is a {kind}, which has no variables; leave variable, labels and "
            "columns out"
        )
    if place.is_dir():
        return read_folder(place, options)
    if single:
        cells, notes = read_single(place, options)
        return ReadCells(cells, None, notes=tuple(notes))
    return _read_arrays(place, options)


def _existing(path: Any) -> Path:
    """The path of a file or folder that is there."""
    try:
        place = Path(path)
        there = place.exists()
    except (TypeError, ValueError, OSError):
        raise ValueError(f"the path is {path!r}; the name of a file or folder is needed") from None
    if not there:
        raise ValueError(f"there are no cells at {str(place)!r}: it does not exist; check the path")
    if not place.is_file() and not place.is_dir():
        raise ValueError(f"{str(place)!r} is no regular file; {FORMATS} is needed")
    return place


def _read_arrays(path: Path, options: ReadingOptions) -> ReadCells:
    """Cells and properties of a file of arrays."""
    arrays = read_arrays(path, FORMATS)
    name = choose_cells(arrays, options.variable, path)
    cells, notes = _cells(arrays.pop(name), options, name)
    labels, said = choose_labels(arrays, options, len(cells), path)
    if labels is None and options.columns is not None:
        raise ValueError(
            f"columns is {shown(options.columns)}, but no properties are read beside the cells of "
            f"{str(path)!r}; leave columns out, or name their array with labels"
        )
    return ReadCells(cells, labels, notes=(*notes, *said))


def _cells(array: NamedArray, options: ReadingOptions, name: str) -> tuple[ByteArray, list[str]]:
    """Cells (n, h, w) of an array, and what was taken for what."""
    if isinstance(array.values, list):
        values = _stacked(array.values, name)
        if values.ndim == 3 and options.axes is None:
            solid, notes = solid_of_numbers(values, options, name)
            return solid, [f"{len(values)} cells of the cell array {name}", *notes]
        array = NamedArray(values, "first", array.order)
    values = np.asarray(array.values)
    if values.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} has dtype {values.dtype}; real numbers are needed, 1 = solid and 0 = void"
        )
    cells, notes = laid_out(values, options, array, name)
    solid, said = solid_of_numbers(cells, options, name)
    return solid, [*notes, *said]


def _stacked(parts: list[AnyArray], name: str) -> AnyArray:
    """Arrays of a cell array of MATLAB as one, (n, h, w) or (n, pixels)."""
    for k, part in enumerate(parts):
        if part.shape != parts[0].shape or part.ndim != 2 or 0 in part.shape:
            raise ValueError(
                f"element {k} of the cell array {name} has shape {part.shape}, the first "
                f"{parts[0].shape}; equal (h, w) are needed"
            )
    flat = 1 in parts[0].shape and parts[0].size > 1
    return np.stack([part.ravel() if flat else part for part in parts])
