"""Choice of the arrays of a file that are the cells and their properties."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from metafast._base.typing import FloatArray
from metafast.database.reading.columns import stiffness_columns
from metafast.database.reading.named_arrays import NamedArray
from metafast.database.reading.options import ReadingOptions

_CELLS = ("cells", "shapedatabase", "shape", "shapes", "microstructures", "x")
_LABELS = ("properties", "property", "published", "labels", "c", "stiffness")
_COLUMNS = (3, 4, 6, 9)
NONE = "none"

Arrays = dict[str, NamedArray]


def choose_cells(arrays: Arrays, variable: str | None, path: Path) -> str:
    """Name of the array that holds the cells.

    Raises
    ------
    ValueError
        If there is none, or several could be meant.
    """
    shapes = shapes_of(arrays)
    if variable is not None:
        if variable not in arrays:
            raise ValueError(f"{str(path)!r} has no {variable!r}; it holds {shapes}")
        return variable
    if not arrays:
        raise ValueError(
            f"{str(path)!r} holds no array of numbers; save cells as one, not as structs, objects "
            "or text"
        )
    others = [name for name, each in arrays.items() if not _is_stiffness(name, each)]
    batches = [k for k in others if len(shapes[k]) in (3, 4) or isinstance(arrays[k].values, list)]
    group = batches or [k for k in others if len(shapes[k]) in (1, 2)]  # a single cell, or flat
    known = [name for name in group if name.lower() in _CELLS]
    chosen = known if len(known) == 1 else group
    if len(chosen) == 1:
        return chosen[0]
    raise ValueError(
        f"{str(path)!r} holds {shapes}; name the variable with the cells, an array of three axes "
        "(--variable)"
    )


def choose_labels(
    arrays: Arrays, options: ReadingOptions, n: int, path: Path
) -> tuple[FloatArray | None, list[str]]:
    """Stiffnesses of n cells from arrays other than the cells, if it is clear which they are.

    Returns
    -------
    labels : (n, 3), (n, 4) or (n, 6) array, or None
    notes : list of str

    Raises
    ------
    ValueError
        If the array that is named, or has the name of properties, does not fit the cells.
    """
    shapes, name = shapes_of(arrays), options.labels
    if name == NONE and NONE not in arrays:
        return None, []
    if name is not None:
        if name not in arrays:
            raise ValueError(
                f"{str(path)!r} has no {name!r}; in addition to the cells it holds {shapes}"
            )
        return _labels(name, arrays[name], options, n)
    known = [k for k, each in arrays.items() if k.lower() in _LABELS and _could_be_stiffness(each)]
    tables = [k for k, shape in shapes.items() if shape in ((n, 3), (n, 4))]
    fitting = [k for k in known if _table(arrays[k], n) is not None]
    chosen = fitting if len(fitting) == 1 else known if len(known) == 1 else tables
    if len(chosen) == 1 and (chosen[0] in known or chosen[0] in tables):
        try:
            return _labels(chosen[0], arrays[chosen[0]], options, n)
        except ValueError:
            if chosen[0] in known:
                raise
            return None, [f"{chosen[0]} {shapes[chosen[0]]} is no stiffness and is left out"]
    if len(chosen) > 1:
        return None, [f"{' and '.join(chosen)} could be properties; none is read without labels="]
    return None, []


def shapes_of(arrays: Arrays) -> dict[str, tuple[int, ...]]:
    """Shapes by name, for messages."""
    return {name: each.shape for name, each in arrays.items()}


def _labels(
    name: str, array: NamedArray, options: ReadingOptions, n: int
) -> tuple[FloatArray, list[str]]:
    table = _table(array, n)
    if table is None or np.asarray(array.values).dtype.kind not in "biuf":
        kind = "list" if isinstance(array.values, list) else np.asarray(array.values).dtype
        raise ValueError(
            f"{name!r} has shape {array.shape} ({kind}); real numbers ({n}, 4), columns C11, C12, "
            f"C22, C33, or ({n}, 3), ({n}, 6) or ({n}, 3, 3) are needed for {n} cells; leave them "
            "out with labels='none' (--labels none)"
        )
    return stiffness_columns(table, options.columns, repr(name))


def _table(array: NamedArray, n: int) -> FloatArray | None:
    """The array with cells along its first axis; None if it cannot be properties of n cells."""
    shape = array.shape
    if isinstance(array.values, list):
        return None
    values = np.asarray(array.values)
    if len(shape) == 2 and shape[0] == n and shape[1] > 1:
        return values
    if len(shape) == 2 and shape[1] == n and shape[0] in _COLUMNS:
        return values.T
    if shape == (3, 3, n) and (array.axis == "last" or n != 3):
        return np.moveaxis(values, 2, 0)
    return values if shape == (n, 3, 3) else None


def _could_be_stiffness(array: NamedArray) -> bool:
    """Whether the shape is one of properties, of any number of cells."""
    shape = array.shape
    if isinstance(array.values, list) or np.asarray(array.values).dtype.kind not in "biuf":
        return False
    if len(shape) == 3:
        return shape[1:] == (3, 3) or shape[:2] == (3, 3)
    return len(shape) == 2 and (shape[1] in _COLUMNS or shape[0] in _COLUMNS)


def _is_stiffness(name: str, array: NamedArray) -> bool:
    """Whether an array is properties rather than cells."""
    if name.lower() in _CELLS or not _could_be_stiffness(array):
        return False
    values = np.asarray(array.values)
    return name.lower() in _LABELS or bool((values != np.round(values)).any())
