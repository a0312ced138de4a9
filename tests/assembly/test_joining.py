"""Strips join every open side, and change nothing else."""

import itertools

import numpy as np
import pytest
from scipy.ndimage import label

import metafast as mf
from metafast.assembly.costs import assembly_costs
from metafast.assembly.joining import join_sides, open_sides
from metafast.assembly.tiling import choose_cells, disconnected_sides
from metafast.pipeline.every_pixel import BodySolver


def posts(rows, cols):
    """Cells of 6x6 pixels with a post that reaches top and bottom only."""
    cell = np.zeros((6, 6), np.uint8)
    cell[:, 2:4] = 1
    return np.tile(cell, (rows, cols))


def test_joined_structures_stay_as_they_are():
    pixels = posts(3, 1)
    assert join_sides(pixels, 3, 1) is pixels


def test_posts_are_joined_by_straight_bars():
    pixels = posts(1, 2)
    joined = join_sides(pixels, 1, 2)
    added = (joined != pixels).nonzero()
    # two pixels wide, across the four void columns between the posts
    assert len(added[0]) == 8
    assert set(added[1]) == {4, 5, 6, 7}
    assert np.ptp(added[0]) == 1
    assert (joined >= pixels).all()


def test_a_bar_follows_solid_that_is_there():
    pixels = np.zeros((8, 16), np.uint8)
    pixels[:, 0:2] = pixels[:, 14:] = 1
    pixels[5:7, 2:7] = 1  # an arm that ends a pixel before the side
    joined = join_sides(pixels, 1, 2)
    rows, cols = (joined != pixels).nonzero()
    assert disconnected_sides(joined, 1, 2) == 0
    assert set(range(7, 14)) <= set(cols) <= set(range(6, 14))
    assert set(rows) <= {4, 5, 6, 7}
    assert 14 <= len(rows) <= 15


@pytest.mark.parametrize("seed", range(4))
def test_all_sides_of_random_cells_are_joined(seed):
    rng = np.random.default_rng(seed)
    rows, cols, h = 4, 5, 7
    pixels = (rng.random((rows * h, cols * h)) < 0.12).astype(np.uint8)
    across, down = open_sides(pixels, rows, cols)
    assert across.sum() + down.sum() == disconnected_sides(pixels, rows, cols) > 5
    joined = join_sides(pixels, rows, cols)
    assert disconnected_sides(joined, rows, cols) == 0
    assert (joined >= pixels).all()
    # a cell without an open side is touched by no bar
    touched = np.zeros((rows, cols), bool)
    touched[:-1] |= down
    touched[1:] |= down
    touched[:, :-1] |= across
    touched[:, 1:] |= across
    for r, c in itertools.product(range(rows), range(cols)):
        block = np.s_[r * h : (r + 1) * h, c * h : (c + 1) * h]
        assert touched[r, c] or (joined[block] == pixels[block]).all()


@pytest.mark.parametrize("way", ["across", "down", "turned"])
def test_bars_of_a_mirrored_or_turned_structure_are_mirrored_or_turned(way):
    """A way that is the only shortest one, in a structure whose other sides are joined."""
    pixels = np.zeros((8, 16), np.uint8)
    pixels[:, :2] = pixels[:, 14:] = 1
    pixels[3:5, 2:6] = pixels[3:5, 10:14] = 1
    change = {"across": np.fliplr, "down": np.flipud, "turned": np.transpose}[way]
    joined, shape = join_sides(pixels, 1, 2), (2, 1) if way == "turned" else (1, 2)
    assert joined.sum() - pixels.sum() == 8
    other = join_sides(np.ascontiguousarray(change(pixels)), *shape)
    assert (other == change(joined)).all()


def test_a_speck_next_to_the_side_does_not_count_as_the_cell():
    pixels = np.zeros((8, 16), np.uint8)
    pixels[:, :2] = pixels[:, 14:] = 1
    pixels[3, 6] = 1
    joined = join_sides(pixels, 1, 2)
    assert label(joined)[1] == 1


def test_pixels_that_are_no_such_cells_are_refused():
    with pytest.raises(ValueError, match=r"pixels have shape \(12, 6\); a multiple of 5 rows"):
        mf.join_sides(posts(2, 1), 5, 1)
    with pytest.raises(ValueError, match="cols is 0"):
        mf.join_sides(posts(2, 1), 2, 0)


def test_void_cells_stay_void():
    pixels = posts(1, 3)
    pixels[:, 6:12] = 0
    assert (join_sides(pixels, 1, 3) == pixels).all()
    assert disconnected_sides(join_sides(pixels, 1, 3), 1, 3) == 2


def test_a_body_of_posts_carries_its_load_once_joined():
    """Nothing joins posts from left to right, so that both ends of the bridge would be alone."""
    cells = np.stack([posts(1, 1), np.ones((6, 6), np.uint8)])
    database = mf.CellDatabase(cells, phases=mf.Phases(void=1e-4))
    problem = mf.problems.bridge(2, 5, compression=0.1)
    targets = np.broadcast_to(database.properties[0], (2, 5, 4))
    candidates = np.zeros((2, 5, 1), int)
    candidates[:, [0, -1]] = 1
    assembly = choose_cells(assembly_costs(database, targets, candidates))
    assert assembly.open_sides == 8
    body = BodySolver(problem, database)(assembly)
    assert disconnected_sides(body.pixels, 2, 5) == 0
    assert body.response.removed_pixels == 0
    assert 0.0 < body.response.rrmse < 2.0
    again = mf.solve_structure(body.pixels, problem, database.phases)
    assert again.rrmse == body.response.rrmse


def test_swaps_keep_away_from_bars():
    """Windows lay no bars, so cells that have one are not judged; the others are."""
    cells = np.stack([posts(1, 1), np.ones((6, 6), np.uint8)])
    database = mf.CellDatabase(cells, phases=mf.Phases(void=1e-4))
    targets = np.broadcast_to(database.properties[0], (2, 5, 4))
    costs = assembly_costs(database, targets, np.broadcast_to([0, 1], (2, 5, 2)).copy())
    labels = np.ones((2, 5), int)
    labels[0, 2:4] = 0
    assert costs.open_sides(labels) == 3
    assert costs.cells_with_open_sides(labels).tolist() == [
        [False, True, True, True, True],
        [False, False, False, False, False],
    ]
