"""Choice of cells: pixels are laid out as printed, costs are those of the paper's equations."""

import itertools

import numpy as np
import pytest

import metafast as mf
from metafast.assembly.costs import assembly_costs, open_tables
from metafast.assembly.tiling import disconnected_sides
from metafast.properties import swapped


def test_tile_puts_row_0_at_the_top():
    cells = np.zeros((3, 2, 2), np.uint8)
    cells[1, 0, 1] = cells[2, 1, 0] = 1
    picture = mf.tile(cells, np.array([[0, 1, 2], [2, 0, 0]]))
    assert picture.tolist() == [
        [0, 0, 0, 1, 0, 0],
        [0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 0, 0],
    ]


def test_sides_where_no_solid_meets():
    cells = np.ones((4, 3, 3), np.uint8)
    cells[1, :, 0] = 0  # nothing on the left
    cells[2, 0] = 0  # nothing at the top
    cells[3, :, :2] = 0  # a bar on the right
    plain, left, top, bar = range(4)
    arrangement = np.array([[plain, plain, left], [top, bar, plain]])
    # left of `left` and of `bar`, above `top`
    assert disconnected_sides(mf.tile(cells, arrangement), 2, 3) == 3
    assert disconnected_sides(np.ones((4, 4)), 1, 1) == 0
    # solid on both sides that never meets
    comb = np.ones((2, 3, 3), np.uint8)
    comb[0, 0, 2] = comb[1, 1:, 0] = 0
    comb[0, 1:, 2], comb[1, 0, 0] = 1, 1
    assert disconnected_sides(mf.tile(comb, np.array([[0, 1]])), 1, 2) == 1


def mismatch(database, a, b, side):
    """theta^G + theta^M of cell a left of ("right") or above ("below") cell b, written out."""
    first, second = database.cells[a], database.cells[b]
    t = mf.boundary_tractions(database.cells[[a, b]], database.phases)
    if side == "right":
        p, q, ta, tb = first[:, -1], second[:, 0], t[0, 1], -t[1, 0]
    else:
        p, q, ta, tb = first[-1], second[0], t[0, 2], -t[1, 3]
    geometric = (p != q).sum() / (p | q).sum() if p.any() and q.any() else 1.0
    return geometric + np.abs(ta - tb).sum() / (np.abs(ta).sum() + np.abs(tb).sum())


def test_energy_by_hand_and_optimum_by_brute_force(database):
    rng = np.random.default_rng(1)
    candidates = np.array([rng.choice(len(database), 3, replace=False) for _ in range(4)])
    candidates = candidates.reshape(2, 2, 3)
    targets = database.properties[rng.choice(len(database), 4)].reshape(2, 2, 4)
    assembly = mf.assemble(database, targets, candidates, edge_weight=0.3)
    axes = database.coordinates()

    def energy(labels):
        cells = np.take_along_axis(candidates, labels[..., None], 2)[..., 0]
        gap = axes.to_unit(database.properties[cells]) - axes.to_unit(targets)
        total = np.abs(gap).max(-1).sum()
        for r in range(2):
            total += 0.3 * mismatch(database, cells[r, 0], cells[r, 1], "right")
        for c in range(2):
            total += 0.3 * mismatch(database, cells[0, c], cells[1, c], "below")
        return total

    every = [np.array(x).reshape(2, 2) for x in itertools.product(range(3), repeat=4)]
    best = min(every, key=energy)
    assert assembly.energy == pytest.approx(energy(best), abs=1e-9)
    assert assembly.energy == pytest.approx(energy(assembly.labels), abs=1e-9)
    assert assembly.lower_bound <= assembly.energy
    assert assembly.optimal
    assert assembly.node_cost + assembly.edge_cost == pytest.approx(assembly.energy, abs=1e-9)
    chosen = np.take_along_axis(candidates, assembly.labels[..., None], 2)[..., 0]
    assert (assembly.cells == chosen).all()


def test_equal_cells_fit_perfectly(database):
    candidates = np.full((3, 4, 1), 5)
    targets = np.tile(database.properties[5], (3, 4, 1))
    assembly = mf.assemble(database, targets, candidates)
    assert assembly.energy == pytest.approx(0, abs=1e-9)
    assert assembly.mismatch == pytest.approx(0, abs=1e-9)


def test_transposed_problem_has_the_same_energy(database):
    """Cells, targets and grid transposed together: only row-column mix-ups can change the cost."""
    rng = np.random.default_rng(2)
    candidates = rng.choice(len(database), (3, 4, 4))
    targets = database.properties[rng.choice(len(database), (3, 4))]
    turned = mf.CellDatabase(database.cells.transpose(0, 2, 1), phases=mf.Phases(void=1e-4))
    one = mf.assemble(database, targets, candidates)
    two = mf.assemble(turned, swapped(targets.transpose(1, 0, 2)), candidates.transpose(1, 0, 2))
    assert one.energy == pytest.approx(two.energy, abs=1e-9)


def test_bad_arguments_are_named(database):
    targets = np.tile(database.properties[0], (2, 2, 1))
    with pytest.raises(ValueError, match=r"shape \(2, 2\)"):
        mf.assemble(database, targets, np.zeros((2, 2), int))
    with pytest.raises(ValueError, match="float64"):
        mf.assemble(database, targets, np.zeros((2, 2, 3)))
    with pytest.raises(ValueError, match="rows of the database"):
        mf.assemble(database, targets, np.full((2, 2, 3), len(database)))
    with pytest.raises(ValueError, match="edge_weight is -1"):
        mf.assemble(database, targets, np.zeros((2, 2, 3), int), edge_weight=-1)


def test_sides_are_joined_where_the_candidates_allow_it():
    """Posts at the left edge are nearest to the targets, but only full cells join them sideways."""
    post, full = np.zeros((6, 6), np.uint8), np.ones((6, 6), np.uint8)
    post[:, 2:4] = 1  # reaches top and bottom, not the sides
    database = mf.CellDatabase(np.stack([post, full]), phases=mf.Phases(void=1e-4))
    targets = np.broadcast_to(database.properties[0], (3, 4, 4))
    candidates = np.broadcast_to([0, 1], (3, 4, 2)).copy()
    assembly = mf.assemble(database, targets, candidates, edge_weight=0.1)
    pixels = mf.tile(database.cells, assembly.cells)
    assert assembly.open_sides == disconnected_sides(pixels, 3, 4) == 0
    assert assembly.optimal
    assert assembly.node_cost + assembly.edge_cost == pytest.approx(assembly.energy, rel=1e-9)
    # where nothing joins, every side is counted
    alone = mf.assemble(database, targets, candidates[..., :1])
    assert alone.open_sides == disconnected_sides(mf.tile(database.cells, alone.cells), 3, 4) == 9
    assert alone.lower_bound <= alone.energy
    assert alone.edge_cost >= 90.0
    for weight in (0.1, 1.0):  # more than four mismatches on all sides of two cells can cost
        costs = assembly_costs(database, targets, candidates[..., :1], edge_weight=weight)
        assert costs.open_cost == pytest.approx(10.0 + 8.0 * weight)


def test_open_pairs_are_those_of_the_pixels():
    rng = np.random.default_rng(1)
    cells = rng.random((12, 5, 5)) < 0.25
    candidates = rng.integers(0, 12, (3, 4, 5))
    across, down = open_tables(candidates, cells.astype(np.uint8))
    for r, c, a, b in itertools.product(range(3), range(4), range(5), range(5)):
        if c < 3:
            left, right = cells[candidates[r, c, a]], cells[candidates[r, c + 1, b]]
            assert across[r, c, a, b] == (not (left[:, -1] & right[:, 0]).any())
        if r < 2:
            upper, lower = cells[candidates[r, c, a]], cells[candidates[r + 1, c, b]]
            assert down[r, c, a, b] == (not (upper[-1] & lower[0]).any())


def test_cells_that_are_not_there_are_named():
    cells = np.zeros((2, 3, 3), np.uint8)
    with pytest.raises(ValueError, match="reaches from 0 to 2; there are 2 cells"):
        mf.tile(cells, np.array([[0, 2]]))
    with pytest.raises(ValueError, match="whole numbers"):
        mf.tile(cells, np.array([[0.0, 1.0]]))
