"""Connection from side to side and corner contacts, against brute force."""

import networkx as nx
import numpy as np

from metafast.cells.spanning import corner_contacts, reaches_across


def test_reaching_across_against_a_graph():
    cells = (np.random.default_rng(0).random((60, 5, 6)) < 0.65).astype(np.uint8)
    expected = []
    for cell in cells:
        graph = nx.grid_2d_graph(5, 6)
        graph.remove_nodes_from([tuple(each) for each in np.argwhere(cell == 0)])
        parts = list(nx.connected_components(graph))
        across = any({c for _, c in part} >= {0, 5} for part in parts)
        upward = any({r for r, _ in part} >= {0, 4} for part in parts)
        expected.append(across and upward)
    assert 5 < sum(expected) < 55
    np.testing.assert_array_equal(reaches_across(cells), expected)


def test_corner_contacts_against_a_loop():
    cells = (np.random.default_rng(1).random((9, 6, 5)) < 0.5).astype(np.uint8)
    counts = [
        sum(
            cell[r, c] == cell[(r + 1) % 6, (c + 1) % 5]
            and cell[(r + 1) % 6, c] == cell[r, (c + 1) % 5] == 1 - cell[r, c]
            for r in range(6)
            for c in range(5)
        )
        for cell in cells
    ]
    np.testing.assert_array_equal(corner_contacts(cells), counts)
    checkers = np.indices((4, 4)).sum(axis=0)[None] % 2
    assert corner_contacts(checkers.astype(np.uint8)) == [16], "across the sides too"
    frame = np.pad(np.zeros((1, 4, 4), np.uint8), ((0, 0), (1, 1), (1, 1)), constant_values=1)
    assert corner_contacts(frame) == [0]
