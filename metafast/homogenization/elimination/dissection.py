"""Nested dissection of a grid of pixels, each cut chosen by dynamic programming.

A block of pixels is cut into two, each of these into two again, down to leaves. The cost of a cut
depends on the size of the block and on the edges of the grid that it touches, not on its place, so
the cheapest tree follows from the cheapest trees of its blocks (George 1973 cuts in halves; on the
quarter of a 50x50 cell the optimum needs 10 % fewer multiplications, on the whole torus it forms
rings first).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

LEAF_PIXELS = 9
_TOUCH = 3.0  # multiplications that assembling and storing one entry of a front is worth
_WINDOW = 3  # cuts considered on either side of the middle of a long block
_SHORT = 10  # blocks up to this length are cut anywhere


class Block(NamedTuple):
    """Node of the tree: pixels ``[r0, r1) x [c0, c1)`` and the two blocks that it was cut into, by
    their place in the list, -1 for a leaf."""

    r0: int
    r1: int
    c0: int
    c1: int
    first: int
    second: int


class _Side(NamedTuple):
    """Extent of a block along one axis."""

    length: int
    low: bool  # touches the grid's first edge
    high: bool  # touches the last one

    @property
    def edges(self) -> int:
        """Number of edges of the grid that it touches."""
        return self.low + self.high


_Cut = tuple[int, int]  # axis, place
_Costs = Callable[[_Side, _Side], tuple[float, _Cut | None]]  # cheapest cost and its cut
_Places = Callable[[int], range]  # where a block of a length may be cut


def elimination_cost(pivots: int, border: int) -> float:
    """Fused multiply-adds that eliminate `pivots` unknowns before `border` others."""

    def rows(m: int) -> float:  # sum over rows of m (scaling) + m (m + 1) / 2 (Schur complement)
        return 1.5 * m * (m + 1) / 2 + 0.5 * m * (m + 1) * (2 * m + 1) / 6

    size = pivots + border
    return rows(size - 1) - rows(border - 1) + _TOUCH * size * (size + 1) / 2


def _near_the_middle(length: int) -> range:
    """Places at which a block of this length may be cut."""
    if length <= _SHORT:
        return range(1, length)
    return range(length // 2 - _WINDOW, length - length // 2 + _WINDOW + 1)


def _quarter_costs(places: _Places = _near_the_middle) -> _Costs:
    """Cheapest cut of a block of a mirror-symmetric cell's quarter.

    On an edge of the quarter one displacement of each node is zero; blocks away from the edges
    serve the normal and the shear system, the others are eliminated once for each.
    """

    def border(r: _Side, c: _Side) -> int:
        sides = 2 * (c.length - 1) * (2 - r.edges) + 2 * (r.length - 1) * (2 - c.edges)
        inner_corners = (2 - r.edges) * (2 - c.edges)
        edge_corners = r.edges * (2 - c.edges) + c.edges * (2 - r.edges)
        return sides + 2 * inner_corners + edge_corners

    @cache
    def cheapest(r: _Side, c: _Side) -> tuple[float, _Cut | None]:
        systems = 2 if r.edges + c.edges else 1
        open_ = border(r, c) + r.low + c.high
        if r.length * c.length <= LEAF_PIXELS:
            return systems * _TOUCH * open_ * open_ / 2, None
        best: tuple[float, _Cut | None] = (float("inf"), None)
        for axis, (along, across) in enumerate(((r, c), (c, r))):
            pivots = 2 * (across.length + 1) - across.edges - 2 * (2 - across.edges)
            here = systems * elimination_cost(pivots, open_)
            for place in places(along.length):
                low = _Side(place, along.low, False)
                high = _Side(along.length - place, False, along.high)
                a, b = ((low, c), (high, c)) if axis == 0 else ((r, low), (r, high))
                cost = here + cheapest(*a)[0] + cheapest(*b)[0]
                if cost < best[0]:
                    best = (cost, (axis, place))
        return best

    return cheapest


def _periodic_costs(rows: int, cols: int, places: _Places = _near_the_middle) -> _Costs:
    """Cheapest cut of a block of a periodic cell; one as long as the cell closes to a ring."""

    def border(h: int, w: int) -> int:
        if h == rows and w == cols:
            return 0
        if h == rows:
            return 4 * rows
        return 4 * cols if w == cols else 4 * (h + w)

    @cache
    def cheapest(r: _Side, c: _Side) -> tuple[float, _Cut | None]:
        h, w = r.length, c.length
        open_ = border(h, w) + 3 * (h == rows or w == cols)
        if h * w <= LEAF_PIXELS:
            return _TOUCH * open_ * open_ / 2, None
        best: tuple[float, _Cut | None] = (float("inf"), None)
        for axis, (along, whole) in enumerate(((h, rows), (w, cols))):
            across = w if axis == 0 else h
            closes = across == (cols if axis == 0 else rows)
            lines = 2 if along == whole else 1
            pivots = lines * (2 * across if closes else 2 * (across - 1))
            here = elimination_cost(max(pivots - 2 * (open_ == 3), 0), open_)
            thirds = {along // 3, along - along // 3} if along > _SHORT else set()
            for place in sorted(set(places(along)) | thirds):
                low, high = _Side(place, False, False), _Side(along - place, False, False)
                a, b = ((low, c), (high, c)) if axis == 0 else ((r, low), (r, high))
                cost = here + cheapest(*a)[0] + cheapest(*b)[0]
                if cost < best[0]:
                    best = (cost, (axis, place))
        return best

    return cheapest


def dissect(rows: int, cols: int, periodic: bool) -> list[Block]:
    """Blocks in postorder, the whole grid last.

    Parameters
    ----------
    rows, cols : int
        Pixels of the whole cell (`periodic`) or of a mirror-symmetric cell's quarter.
    periodic : bool
    """
    cheapest = _periodic_costs(rows, cols) if periodic else _quarter_costs()
    blocks: list[Block] = []

    def visit(r0: int, r1: int, c0: int, c1: int) -> int:
        touching = not periodic
        r = _Side(r1 - r0, touching and r0 == 0, touching and r1 == rows)
        c = _Side(c1 - c0, touching and c0 == 0, touching and c1 == cols)
        cut = cheapest(r, c)[1]
        first = second = -1
        if cut is not None:
            for half in _halves((r0, r1, c0, c1), cut):
                first, second = second, visit(*half)
        blocks.append(Block(r0, r1, c0, c1, first, second))
        return len(blocks) - 1

    visit(0, rows, 0, cols)
    return blocks


def _halves(block: tuple[int, int, int, int], cut: _Cut) -> Iterator[tuple[int, int, int, int]]:
    r0, r1, c0, c1 = block
    axis, place = cut
    if axis == 0:
        yield r0, r0 + place, c0, c1
        yield r0 + place, r1, c0, c1
    else:
        yield r0, r1, c0, c0 + place
        yield r0, r1, c0 + place, c1
