"""Sweeps of register tiles over a front, as numba intrinsics: its panel, then its complement.

Tiles go row by row, so that the addresses of a row are computed once and its part of the panel
stays in the first-level cache::

    D             panel_diagonal: each row of tiles from the left, then the diagonal tile D
    P D
    P P |         panel_rows below it
    P P | D       complement_columns: in strips of columns, each down to the last row
    P P | C D
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import types
from numba.extending import intrinsic

from metafast.homogenization.kernels.tiles import FrontCode, Place, constant
from metafast.homogenization.lanes import TILE_COLUMNS, TILE_ROWS

_ARGUMENTS = (types.int64,) * 10


def _row_code(emit: Callable[[FrontCode, Any, Any], None]) -> Any:
    """Intrinsic of a front (pool, ..., second) and a range of its rows or columns."""

    @intrinsic
    def function(
        _context: Any, _pool: Any, _panel: Any, _maps: Any, _pivots: Any, _size: Any, _out: Any,
        _first: Any, _second: Any, _start: Any, _stop: Any,
    ) -> Any:  # fmt: skip
        def code(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            pool, panel, maps, *sizes = args
            emit(FrontCode(builder, pool, panel, maps, sizes[:5]), sizes[5], sizes[6])
            return context.get_dummy_value()

        return types.void(*_ARGUMENTS), code

    return function


def _rectangle(count: int, width: int) -> list[Place]:
    return [(x, y) for x in range(count) for y in range(width)]


def _triangle(count: int) -> list[Place]:
    return [(x, y) for x in range(count) for y in range(x + 1)]


def _emit_panel(front: FrontCode, start: Any, stop: Any, diagonal: bool) -> None:
    def row(count: int, i: Any) -> None:
        rows = front.rows(i, count, columns=False)

        def tile(width: int, j: Any) -> None:
            columns = front.rows(j, width, columns=True)
            sums = front.gather(rows, columns, _rectangle(count, width))
            sums = front.subtract_products(sums, rows, columns, j)
            front.solve(sums, columns)
            front.store_panel(sums, rows, columns)

        front.tiled(constant(0), i if diagonal else front.pivots, TILE_COLUMNS, tile)
        if diagonal:
            columns = front.rows(i, count, columns=True)
            sums = front.gather(rows, columns, _triangle(count))
            sums = front.subtract_products(sums, rows, rows, i)
            front.factor(sums)
            front.store_panel(sums, rows, columns)

    front.tiled(start, stop, TILE_ROWS, row)


def _emit_complement(front: FrontCode, start: Any, stop: Any) -> None:
    b = front.b

    def row(count: int, i: Any) -> None:
        rows = front.rows(i, count, columns=False)
        addresses = front.complement_rows(rows)
        above = b.icmp_signed("<", i, stop)

        def tile(width: int, j: Any) -> None:
            columns = front.rows(j, width, columns=True)
            sums = front.gather(rows, columns, _rectangle(count, width))
            sums = front.subtract_products(sums, rows, columns, front.pivots)
            front.store_complement(sums, addresses, columns)

        front.tiled(start, b.select(above, i, stop), TILE_COLUMNS, tile)
        with b.if_then(above):
            columns = front.rows(i, count, columns=True)
            sums = front.gather(rows, columns, _triangle(count))
            sums = front.subtract_products(sums, rows, rows, front.pivots)
            front.store_complement(sums, addresses, columns)

    front.tiled(start, front.size, TILE_ROWS, row)


# factor of the pivot rows [start, stop), and of the rows below them
panel_diagonal = _row_code(lambda front, i, n: _emit_panel(front, i, n, True))
panel_rows = _row_code(lambda front, i, n: _emit_panel(front, i, n, False))
# columns [start, stop) of the complement; all but the last strip hold whole tiles
complement_columns = _row_code(_emit_complement)
