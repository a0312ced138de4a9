"""Nested dissection: a tree over all pixels, and the cheapest one."""

import numpy as np
import pytest

from metafast.homogenization.elimination import dissection
from metafast.homogenization.elimination.dissection import LEAF_PIXELS, dissect, elimination_cost


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("shape", [(1, 1), (2, 5), (3, 3), (25, 25), (17, 40)])
def test_blocks_are_a_tree_over_all_pixels(shape, periodic):
    blocks = dissect(*shape, periodic)
    seen = np.zeros(shape, dtype=int)
    for k, (r0, r1, c0, c1, first, second) in enumerate(blocks):
        assert (first < 0) == (second < 0)
        if first < 0:
            assert (r1 - r0) * (c1 - c0) <= LEAF_PIXELS
            seen[r0:r1, c0:c1] += 1
        else:
            assert first < second < k
            parts = [blocks[first], blocks[second]]
            assert sum((p.r1 - p.r0) * (p.c1 - p.c0) for p in parts) == (r1 - r0) * (c1 - c0)
    assert (seen == 1).all()
    assert blocks[-1][:4] == (0, shape[0], 0, shape[1])


@pytest.mark.parametrize(("size", "periodic"), [(25, False), (24, True), (50, True)])
def test_cuts_are_the_cheapest_of_all(size, periodic):
    """Nothing is gained by looking at every place instead of those near the middle."""

    def cost(*places):
        side = dissection._Side(size, not periodic, not periodic)
        if periodic:
            return dissection._periodic_costs(size, size, *places)(side, side)[0]
        return dissection._quarter_costs(*places)(side, side)[0]

    assert cost() == cost(lambda length: range(1, length))


def test_cost_counts_the_multiplications():
    for pivots, border in ((1, 0), (4, 7), (10, 51)):
        size = pivots + border
        count = sum(m + m * (m + 1) / 2 for m in range(border, size))
        touched = dissection._TOUCH * size * (size + 1) / 2
        assert elimination_cost(pivots, border) == pytest.approx(count + touched)
