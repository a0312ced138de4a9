"""Ways over pictures against networkx, strips two pixels wide, the largest piece by flood fill."""

import networkx as nx
import numpy as np
import pytest
from scipy.ndimage import label

from metafast.cells.paths import cheapest_way, largest_piece, two_wide


@pytest.mark.parametrize("seed", range(6))
def test_no_way_is_cheaper(seed):
    rng = np.random.default_rng(seed)
    toll = rng.random((8, 13)) ** 3 + 1e-3
    start, end = np.zeros(toll.shape, bool), np.zeros(toll.shape, bool)
    start[rng.integers(0, 8, 3), rng.integers(0, 4, 3)] = True
    end[rng.integers(0, 8, 3), rng.integers(9, 13, 3)] = True
    way = cheapest_way(toll, start, end)
    assert label(way)[1] == 1
    assert (way & end).sum() == 1
    grid = nx.grid_2d_graph(*toll.shape).to_directed()
    for _, b, data in grid.edges(data=True):
        data["toll"] = toll[b]
    length = nx.multi_source_dijkstra_path_length(
        grid, {tuple(p) for p in np.argwhere(start)}, weight="toll"
    )
    best = min(length[tuple(p)] for p in np.argwhere(end))
    assert toll[way & ~start].sum() == pytest.approx(best, rel=1e-12)


def test_an_end_may_be_an_index():
    toll = np.ones((5, 6))
    start = np.zeros(toll.shape, bool)
    start[2, 1] = True
    way = cheapest_way(toll, start, np.s_[:, -1])
    assert np.argwhere(way).tolist() == [[2, c] for c in range(1, 6)]


def test_strips_stay_inside_and_go_where_it_is_worth_most():
    way = np.zeros((4, 5), bool)
    way[0] = True
    assert np.argwhere(two_wide(way, np.zeros(way.shape)).any(axis=1)).ravel().tolist() == [0, 1]
    way = np.zeros((4, 5), bool)
    way[2, 1:4] = True
    value = np.zeros(way.shape)
    value[1] = 1.0
    strip = two_wide(way, value)
    assert np.argwhere(strip.any(axis=1)).ravel().tolist() == [1, 2]
    assert (strip >= way).all()


def test_the_largest_piece():
    solid = np.array([[1, 1, 0, 1], [0, 0, 0, 1], [1, 0, 1, 1]], bool)
    assert largest_piece(solid).astype(int).tolist() == [[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 1, 1]]
    assert not largest_piece(np.zeros((2, 3), bool)).any()
