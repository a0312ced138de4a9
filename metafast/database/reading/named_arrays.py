"""Named arrays of files, and how each format lays out cells.

Cells of a metafast database and of NumPy files are (N, h, w). In a .mat file they are (h, w, N), so
that MATLAB's ``cells(:, :, k)`` is a cell, and pixels run along columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np

from metafast._base.memory import available_memory


@dataclass(frozen=True, eq=False)
class NamedArray:
    """An array of a file.

    Attributes
    ----------
    values : array, or list of arrays
        A list is a cell array of MATLAB.
    axis : {"first", "last"}
        The axis that counts cells by custom of the format.
    order : {"rows", "columns"}
        How flat pixels run by custom of the format.
    """

    values: Any
    axis: Literal["first", "last"] = "first"
    order: Literal["rows", "columns"] = "rows"

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array; of a list the number of its arrays."""
        return (len(self.values),) if isinstance(self.values, list) else np.shape(self.values)


class TooLargeError(ValueError):
    """An array that does not fit into memory."""


def require_memory(size: int, path: Path) -> None:
    """Refuse arrays of `size` bytes that would not fit into memory."""
    available = available_memory()
    if available is not None and size > available:
        raise TooLargeError(
            f"the arrays of {str(path)!r} take {size / 2**30:.1f} GiB, and {available / 2**30:.1f} "
            "are free; split them"
        )


def datasets(file: Any, path: Path) -> dict[str, Any]:
    """Data sets of an open HDF5 file that fit into memory, by name."""
    found = {name: each for name, each in file.items() if isinstance(each, h5py.Dataset)}
    require_memory(
        sum(each.size * each.dtype.itemsize for each in found.values() if each.size), path
    )
    return found
