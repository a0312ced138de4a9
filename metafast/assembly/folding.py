"""Symmetric assembly: costs of a body folded onto its fundamental part.

A cell and its mirror images have one label. Their node costs add, and so do the edge costs of sides
that are images of each other, with both labels exchanged where the mirror exchanges the cells. A
side on the mid-line joins a cell and its own image: its cost is one of a single label, and counts
as a node cost. The energy of a labelling of the fundamental part is that of the whole body.
"""

from __future__ import annotations

from metafast._base.typing import FloatArray
from metafast.problems.symmetry import Repetition, Symmetry

Tables = tuple[FloatArray, FloatArray, FloatArray]


def folded(
    unary: FloatArray, horizontal: FloatArray, vertical: FloatArray, symmetry: Symmetry
) -> Tables:
    """Costs of the fundamental part; layouts as in `metafast.assembly.mrf.solve_mrf`.

    Parameters
    ----------
    unary : (rows, cols, count) array
    horizontal : (rows, cols-1, count, count) array
    vertical : (rows-1, cols, count, count) array
    symmetry : Symmetry
    """
    tables = unary, horizontal, vertical
    if isinstance(symmetry, Repetition):
        return _first_copy(*tables, symmetry)
    if symmetry.x:
        tables = _left_half(*tables)
    if symmetry.y:
        tables = _turned(*_left_half(*_turned(*tables)))
    return tables


def _first_copy(
    unary: FloatArray, horizontal: FloatArray, vertical: FloatArray, copies: Repetition
) -> Tables:
    """Costs of one copy of a body times their number, with the absent column behind it."""
    nodes, down = copies.sums(unary), copies.sums(vertical)
    period = copies.period
    right = horizontal[:, : period - 1] * float(copies.copies)
    return nodes[:, :period], right, down[:, :period]


def _turned(unary: FloatArray, horizontal: FloatArray, vertical: FloatArray) -> Tables:
    """The transposed grid, whose columns are the rows."""
    nodes, right, down = (table.swapaxes(0, 1) for table in (unary, horizontal, vertical))
    return nodes, down, right


def _left_half(unary: FloatArray, horizontal: FloatArray, vertical: FloatArray) -> Tables:
    cols = unary.shape[1]
    pairs, odd = cols // 2, cols % 2  # columns that have an image beside them
    half = pairs + odd
    nodes, down = unary[:, :half].copy(), vertical[:, :half].copy()
    nodes[:, :pairs] += unary[:, ::-1][:, :pairs]
    down[:, :pairs] += vertical[:, ::-1][:, :pairs]
    # side c, between columns c and c + 1, has the image cols - 2 - c, with left and right exchanged
    images = horizontal[:, ::-1].swapaxes(2, 3)
    right = horizontal[:, : half - 1] + images[:, : half - 1]
    if not odd:
        nodes[:, -1] += horizontal[:, pairs - 1].diagonal(axis1=1, axis2=2)
    return nodes, right, down
