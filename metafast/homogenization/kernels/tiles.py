"""Register tiles of the elimination, emitted as LLVM code.

A tile holds R x C entries of a front, each a vector of lanes, whose sums stay in registers
while the products of earlier pivot columns are subtracted; 4x3 tiles fill the sixteen registers of
AVX2 (twelve sums, three of one factor, one of the other). Written in Python, a tile is some hundred
lines for each R and C; here a loop over R and C emits them.

Legend (addresses of float64)
    pool   Schur complements of fronts, lower triangles packed by rows, each row led by a zero
    panel  (size, pivots) factor L of the current front, its diagonal holds 1/L_pp
    maps   (2, size) int16: row of the front's row i in the first and in the second child's
           complement, -1 where absent; an absent row is read as zeros from the pool's start, an
           absent column as the zero in front of the row
    first, second, out   the complements of the children and of the front in the pool, in vectors

An entry starts as ``first[i, j] + second[i, j]``, loses ``sum_k L[i, k] L[j, k]``, and then is
divided by L[j, j]^T (panel), factored (panel, on the diagonal) or stored (complement), in the order
of `sweeps`. A child that has none of a tile's rows or none of its columns is not read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from llvmlite import ir

from metafast.homogenization.lanes import (
    INDEX,
    LANES,
    VECTOR,
    llvm_function,
    vector_pointer,
)

Place = tuple[int, int]
Sums = dict[Place, Any]
_INT16 = ir.IntType(16)


def constant(value: int) -> Any:
    """An index known when the code is emitted."""
    return ir.Constant(INDEX, value)


class Rows(NamedTuple):
    """Rows (or columns) of a tile: offsets in both children, presence there, panel addresses."""

    index: Any
    offsets: list[list[Any]]
    present: list[Any]
    panel: list[Any]


class FrontCode:
    """Code for the front whose addresses and sizes are the arguments of an intrinsic."""

    def __init__(self, builder: Any, pool: Any, panel: Any, maps: Any, sizes: Any) -> None:
        self.b = builder
        self.pool, self.panel, self.maps = pool, panel, maps
        self.pivots, self.size, self.out = sizes[:3]
        self.children = sizes[3:]
        self.stride = builder.mul(self.pivots, constant(8 * LANES))

    # vectors ---------------------------------------------------------------------------------

    def load(self, base: Any, offset: Any) -> Any:
        """Vector at an address, `offset` doubles further."""
        return self.b.load(vector_pointer(self.b, base, offset), align=8)

    def store(self, value: Any, base: Any, offset: Any) -> None:
        """Write a vector to an address, `offset` doubles further."""
        self.b.store(value, vector_pointer(self.b, base, offset), align=8)

    def subtract(self, total: Any, x: Any, y: Any) -> Any:
        """``total - x*y`` with one rounding."""
        fma = llvm_function(self.b, "llvm.fma", 3)
        return self.b.call(fma, [self.b.fneg(x), y, total])

    # tiles -----------------------------------------------------------------------------------

    def rows(self, index: Any, count: int, columns: bool) -> Rows:
        """`count` rows from `index`, or as many columns."""
        b = self.b
        table = b.inttoptr(self.maps, _INT16.as_pointer())
        offsets, present = [], []
        for child in (0, 1):
            first = b.add(b.mul(self.size, constant(child)), index)
            places = [
                b.sext(b.load(b.gep(table, [b.add(first, constant(k))])), INDEX)
                for k in range(count)
            ]
            all_absent = places[0]
            for row in places[1:]:
                all_absent = b.and_(all_absent, row)
            present.append(b.icmp_signed(">=", all_absent, constant(0)))
            place = self._column_offset if columns else self._row_address
            offsets.append([place(child, row) for row in places])
        start = b.add(self.panel, b.mul(index, self.stride))
        panel = [start]
        for _ in range(1, count):
            panel.append(b.add(panel[-1], self.stride))
        return Rows(index, offsets, present, panel)

    def _column_offset(self, _child: int, row: Any) -> Any:
        return self.b.mul(self.b.add(row, constant(1)), constant(LANES))

    def _row_address(self, child: int, row: Any) -> Any:
        b = self.b
        packed = b.ashr(b.mul(row, b.add(row, constant(3))), constant(1))
        vector = b.add(self.children[child], packed)
        vector = b.select(b.icmp_signed(">=", row, constant(0)), vector, constant(0))
        return b.add(self.pool, b.mul(vector, constant(8 * LANES)))

    def gather(self, rows: Rows, columns: Rows, places: list[Place]) -> Sums:
        """Entries of both children added up."""
        b = self.b
        zero = ir.Constant(VECTOR, [0.0] * LANES)
        sums: Sums = dict.fromkeys(places, zero)
        for child in (0, 1):
            here = b.and_(rows.present[child], columns.present[child])
            before = b.block
            read, after = b.append_basic_block("read"), b.append_basic_block("gathered")
            b.cbranch(here, read, after)
            b.position_at_end(read)
            added = {}
            for x, y in places:
                value = self.load(rows.offsets[child][x], columns.offsets[child][y])
                added[x, y] = b.fadd(sums[x, y], value) if child else value
            b.branch(after)
            b.position_at_end(after)
            sums = {
                place: self._phi(VECTOR, (value, before), (added[place], read))
                for place, value in sums.items()
            }
        return sums

    def _phi(self, kind: Any, *incoming: tuple[Any, Any]) -> Any:
        phi = self.b.phi(kind)
        for value, block in incoming:
            phi.add_incoming(value, block)
        return phi

    def subtract_products(self, sums: Sums, rows: Rows, columns: Rows, depth: Any) -> Sums:
        """Sums less ``L[i + x, k] L[j + y, k]`` over k < depth."""
        b, same = self.b, rows is columns
        end = b.mul(depth, constant(LANES))
        before = b.block
        loop, done = b.append_basic_block("products"), b.append_basic_block("done")
        b.cbranch(b.icmp_signed(">", depth, constant(0)), loop, done)
        b.position_at_end(loop)
        k = self._phi(INDEX, (constant(0), before))
        totals = {place: self._phi(VECTOR, (value, before)) for place, value in sums.items()}
        right = {y: self.load(columns.panel[y], k) for y in sorted({y for _, y in sums})}
        updated = {}
        for x in sorted({x for x, _ in sums}):
            left = right[x] if same else self.load(rows.panel[x], k)
            for y in right:
                if (x, y) in sums:
                    updated[x, y] = self.subtract(totals[x, y], left, right[y])
        following = b.add(k, constant(LANES))
        b.cbranch(b.icmp_signed("<", following, end), loop, done)
        k.add_incoming(following, loop)
        for place, value in updated.items():
            totals[place].add_incoming(value, loop)
        b.position_at_end(done)
        return {
            place: self._phi(VECTOR, (value, before), (updated[place], loop))
            for place, value in sums.items()
        }

    def complement_rows(self, rows: Rows) -> list[Any]:
        """Addresses of these rows in the front's own complement, before the first pivot column."""
        b = self.b
        addresses = []
        for x in range(len(rows.panel)):
            row = b.sub(b.add(rows.index, constant(x)), self.pivots)
            start = b.ashr(b.mul(row, b.add(row, constant(3))), constant(1))
            vector = b.add(b.add(self.out, start), b.sub(constant(1), self.pivots))
            addresses.append(b.add(self.pool, b.mul(vector, constant(8 * LANES))))
        return addresses

    def store_complement(self, sums: Sums, addresses: list[Any], columns: Rows) -> None:
        """Write a tile of the complement."""
        column = self.b.mul(columns.index, constant(LANES))
        for (x, y), value in sums.items():
            self.store(value, addresses[x], self.b.add(column, constant(y * LANES)))

    def store_panel(self, sums: Sums, rows: Rows, columns: Rows) -> None:
        """Write a tile of the panel."""
        column = self.b.mul(columns.index, constant(LANES))
        for (x, y), value in sums.items():
            self.store(value, rows.panel[x], self.b.add(column, constant(y * LANES)))

    def solve(self, sums: Sums, columns: Rows) -> None:
        """Sums times the inverse transpose of the factored diagonal tile, in place."""
        count = 1 + max(y for _, y in sums)
        column = self.b.mul(columns.index, constant(LANES))
        for y in range(count):
            factors = [
                self.load(columns.panel[y], self.b.add(column, constant(q * LANES)))
                for q in range(y + 1)
            ]
            for x in sorted({x for x, _ in sums}):
                for q in range(y):
                    sums[x, y] = self.subtract(sums[x, y], sums[x, q], factors[q])
                sums[x, y] = self.b.fmul(sums[x, y], factors[y])

    def factor(self, sums: Sums) -> None:
        """Cholesky factor of a diagonal tile, reciprocals on its diagonal, in place.

        By way of L D L^T, whose pivots wait for one another's quotient but not for its root.
        """
        count = 1 + max(y for _, y in sums)
        root = llvm_function(self.b, "llvm.sqrt", 1)
        one = ir.Constant(VECTOR, [1.0] * LANES)
        for p in range(count):
            sums[p, p] = self.b.fdiv(one, sums[p, p])
            for x in range(p + 1, count):
                scaled = self.b.fmul(sums[x, p], sums[p, p])
                for y in range(p + 1, x + 1):
                    sums[x, y] = self.subtract(sums[x, y], scaled, sums[y, p])
        for p in range(count):
            sums[p, p] = self.b.call(root, [sums[p, p]])
            for x in range(p + 1, count):
                sums[x, p] = self.b.fmul(sums[x, p], sums[p, p])

    # loops -----------------------------------------------------------------------------------

    def tiled(self, start: Any, stop: Any, largest: int, emit: Callable[[int, Any], None]) -> None:
        """``emit(n, index)`` over [start, stop) in steps of `largest`, then for the remainder.

        A remainder of one more than a step is split into two halves, not into a step and a sliver.
        """
        b = self.b
        before = b.block
        head, body, rest, after = (
            b.append_basic_block(name) for name in ("head", "body", "rest", "after")
        )
        b.branch(head)
        b.position_at_end(head)
        index = self._phi(INDEX, (start, before))
        left = b.sub(stop, index)
        fits = b.icmp_signed(">=", left, constant(largest))
        awkward = b.icmp_signed("==", left, constant(largest + 1))
        b.cbranch(b.and_(fits, b.not_(awkward)), body, rest)
        b.position_at_end(body)
        emit(largest, index)
        index.add_incoming(b.add(index, constant(largest)), b.block)
        b.branch(head)
        b.position_at_end(rest)
        half = (largest + 1) // 2
        cases = {n: b.append_basic_block(f"left{n}") for n in range(1, largest)}
        split = b.append_basic_block("split")
        switch = b.switch(left, after)
        switch.add_case(constant(largest + 1), split)
        b.position_at_end(split)
        emit(largest + 1 - half, index)
        later, split_end = b.add(index, constant(largest + 1 - half)), b.block
        b.branch(cases[half])
        for n, block in cases.items():
            switch.add_case(constant(n), block)
            b.position_at_end(block)
            emit(n, self._phi(INDEX, (index, rest), (later, split_end)) if n == half else index)
            b.branch(after)
        b.position_at_end(after)
