"""Parts of a batch that are solved together: quarters of symmetric cells, and whole cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from metafast._base.typing import AnyArray, ByteArray, IntArray
from metafast.cells.symmetry import is_mirror_symmetric, quarter
from metafast.homogenization.elimination.numbering import Kind


class Part(NamedTuple):
    """Cells of one kind.

    Attributes
    ----------
    rows : (m,)
        Rows of the batch, ascending.
    kind : {"quarter", "periodic"}
    pixels : (m, h/2, w/2) or (m, h, w)
        Pixels that are solved: the upper left quarters of mirror-symmetric cells, or whole cells.
    """

    rows: IntArray
    kind: Kind
    pixels: AnyArray


def parts(cells: AnyArray, threads: int) -> Iterator[Part]:
    """Mirror-symmetric cells of a batch (n, h, w), then the others; parts without cells are left
    out. Pixels may be binary or grey."""
    _, h, w = cells.shape
    if h % 2 or w % 2 or min(h, w) < 4:
        symmetric = np.zeros(len(cells), dtype=bool)
    else:
        symmetric = is_mirror_symmetric(cells, threads)
    quarters, whole = np.flatnonzero(symmetric), np.flatnonzero(~symmetric)
    if len(quarters):
        yield Part(quarters, "quarter", quarter(_rows(cells, quarters)))
    if len(whole):
        yield Part(whole, "periodic", _rows(cells, whole))


def _rows(cells: AnyArray, rows: IntArray) -> AnyArray:
    """These rows of the batch, without a copy where they are all of it."""
    return cells if len(rows) == len(cells) else cells[rows]


def double_thin_cells(cells: ByteArray) -> ByteArray:
    """Two periods of cells one pixel wide, which have the same stiffness.

    In a single period an element would be its own neighbour.
    """
    _, h, w = cells.shape
    if min(h, w) > 1:
        return cells
    return np.tile(cells, (1, 2 if h == 1 else 1, 2 if w == 1 else 1))
