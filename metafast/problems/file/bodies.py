"""Body of a problem from its file: kinds of the cells, and pixels of those that are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from metafast._base.typing import BoolArray, ByteArray, IntArray
from metafast.problems.body import CellKind, require_body
from metafast.problems.file.beside import Beside
from metafast.problems.file.body_models import BodyTable
from metafast.problems.file.faults import Fault, nearest
from metafast.problems.file.models import Document
from metafast.problems.file.pictures import read_greys, sampled
from metafast.problems.file.places import Grid, cells_of_place


@dataclass(frozen=True, eq=False)
class Body:
    """Cells of a problem, before its supports and targets are known.

    Attributes
    ----------
    kinds : (rows, cols) int array
        See `CellKind`.
    given : (k, p, p) array or None
    named : dict of str to int
        Kinds by the names that a file has for them.
    centres : Grid
        Centres of the cells.
    """

    kinds: IntArray
    given: ByteArray | None
    named: dict[str, int]
    centres: Grid

    @property
    def present(self) -> BoolArray:
        """Cells (rows, cols) that are there."""
        return np.asarray(self.kinds != CellKind.ABSENT)


def build_body(
    title: str,
    document: Document,
    cells: tuple[int, int],
    given: Mapping[str, ByteArray],
    names: Mapping[str, float],
    beside: Beside,
) -> Body:
    """The body of a file.

    Parameters
    ----------
    title : str
        The problem's name, for messages.
    document : Document
    cells : rows, cols
    given : mapping of str to (p, p) array
        Pixels of the table ``[cells]``.
    names : mapping of str to float
        For expressions.
    beside : Beside
        Files that the problem names.
    """
    rows, cols = cells
    x, y = np.meshgrid(np.arange(cols) + 0.5, np.arange(rows, 0, -1) - 0.5)
    centres, table = Grid(x, y, names), document.body or BodyTable.model_validate({})
    named = {"designed": int(CellKind.DESIGNED), "solid": int(CellKind.SOLID)}
    named |= {name: int(CellKind.GIVEN) + k for k, name in enumerate(given)}
    kinds = np.full(cells, int(CellKind.DESIGNED))
    for k, passive in enumerate(table.passive):
        keys = "body", "passive", k
        if passive.cell not in named or passive.cell == "designed":
            known = nearest(passive.cell, [name for name in named if name != "designed"])
            raise Fault((*keys, "cell"), f"the cell {passive.cell!r} is not known; {known}")
        place = cells_of_place(passive.place, document.places, centres, (*keys, "place"))
        kinds[place] = named[passive.cell]
    kinds[~_outline(table, document, centres, beside)] = CellKind.ABSENT
    try:
        require_body(title, kinds, len(given), cells)
    except ValueError as error:
        raise Fault(("body",), str(error)) from None
    pixels = np.stack(list(given.values())) if given else None
    return Body(kinds, pixels, named, centres)


def picture_size(table: BodyTable | None, beside: Beside) -> tuple[int, int] | None:
    """Rows and columns of pixels of a body's picture, None if it has none."""
    if table is None or table.png is None:
        return None
    try:
        height, width = read_greys(beside.path(table.png)).shape
    except ValueError as error:
        raise Fault(("body", "png"), str(error)) from None
    return height, width


def _outline(table: BodyTable, document: Document, centres: Grid, beside: Beside) -> BoolArray:
    """Cells (rows, cols) that are there."""
    present = np.ones(centres.x.shape, bool)
    if table.png is not None:
        try:
            present &= sampled(beside.path(table.png), present.shape)
        except ValueError as error:
            raise Fault(("body", "png"), str(error)) from None
    rows, cols = (int(count) for count in centres.x.shape)
    if table.svg is not None:
        from metafast.database.reading.outlines import filled

        try:
            present &= filled(beside.path(table.svg), (rows, cols))
        except ValueError as error:
            raise Fault(("body", "svg"), str(error)) from None
    for key, inside in (("only", True), ("without", False)):
        place = getattr(table, key)
        if place is not None:
            held = cells_of_place(place, document.places, centres, ("body", key))
            present &= held if inside else ~held
    return present
