"""Fronts: places of their complements in the pool."""

import pytest

from metafast.homogenization.elimination.dissection import dissect
from metafast.homogenization.elimination.fronts import build_fronts, packed_size, place_complements
from metafast.homogenization.elimination.numbering import number_grid


@pytest.mark.parametrize(("kind", "size"), [("quarter", 12), ("periodic", 20)])
def test_complements_do_not_overwrite_what_is_still_needed(kind, size):
    blocks = dissect(size, size, kind == "periodic")
    fronts = build_fronts(blocks, number_grid(size, size, kind, blocks), "none")
    end = place_complements(fronts, 10)
    places = [(f.out, f.out + packed_size(len(f.border))) for f in fronts]
    assert min(start for start, _ in places) == 10
    assert max(stop for _, stop in places) == end
    last = {child: f for f, front in enumerate(fronts) for child in front.children}
    for f, (start, stop) in enumerate(places):
        # the parent that reads this one last must not write over it either
        for begin, finish in places[f + 1 : last.get(f, len(fronts)) + 1]:
            assert finish <= start or stop <= begin
