"""Decoding: thresholds, repair, pieces joined along the most probable paths."""

import networkx as nx
import numpy as np
import pytest
from reference.cells import one_piece
from scipy.ndimage import gaussian_filter, label

import metafast as mf
from metafast.cells.symmetry import mirror
from metafast.generative.config import Architecture
from metafast.generative.decoding import in_one_piece, join_pieces, non_discreteness
from metafast.generative.network import Networks
from metafast.generative.vae import Scaling


class Painted(mf.CellVAE):
    """Stands for a model whose decoder paints given probabilities, whatever z."""

    shape, latent, phases = (50, 50), 16, mf.Phases()

    def __init__(self, chance, quarter=True):
        self.chance, self.quarter = chance, quarter

    def decode(self, z):
        return self.chance[: len(z)]


def reaches_all_sides(piece):
    return label(piece)[1] == 1 and all(
        side.any() for side in (piece[0], piece[-1], piece[:, 0], piece[:, -1])
    )


def test_a_whole_cell_stays_and_loose_pieces_go():
    solid = np.zeros((9, 9), bool)
    solid[4], solid[:, 4] = True, True
    loose = solid.copy()
    loose[1, 1] = True
    assert (join_pieces(np.full((9, 9), 0.5), loose) == solid).all()


@pytest.mark.parametrize("seed", range(20))
def test_any_cell_becomes_one_piece(seed):
    rng = np.random.default_rng(seed)
    chance = rng.random((12, 15))
    piece = join_pieces(chance, chance > 0.8)
    assert reaches_all_sides(piece)


def test_an_empty_cell_grows_from_its_most_probable_pixel():
    chance = np.full((7, 7), 0.2)
    chance[5, 2] = 0.4
    piece = join_pieces(chance, chance > 0.5)
    assert piece[5, 2]
    assert reaches_all_sides(piece)


def test_the_way_is_the_most_probable_one():
    """Against networkx on a wall with a gap that is further away but surer."""
    chance = np.full((11, 11), 0.3)
    chance[:, 5] = 1e-4
    chance[9, 5] = 0.3
    solid = np.zeros((11, 11), bool)
    solid[:, :2] = True
    piece = join_pieces(chance, solid)
    assert piece[9, 5]
    assert not piece[:8, 5].any()
    grid = nx.grid_2d_graph(11, 11).to_directed()
    for _, b, data in grid.edges(data=True):
        data["toll"] = 0.0 if solid[b] else -np.log(chance[b])
    best = min(
        length
        for node, length in nx.single_source_dijkstra_path_length(
            grid, (5, 0), weight="toll"
        ).items()
        if node[1] == 10
    )
    # nine pixels from column 2 to 10, one of them in the gap, all of the same chance
    assert best == pytest.approx(-9 * np.log(0.3))
    rows, cols = np.nonzero(piece & ~solid)
    assert set(cols) == set(range(2, 11))
    assert set(rows) <= {8, 9, 10}


def in_pieces():
    """A frame whose sides are open, more so to the left and right than above and below."""
    quarter = np.zeros((1, 25, 25))
    quarter[:, 5:9], quarter[:, :, 5:9] = 0.95, 0.95
    quarter[:, :5, :5] = 0.0
    quarter[:, :5, 5:], quarter[:, 5:, :5] = 0.3, 0.2
    return mirror(quarter)


def test_rectangular_cells_are_joined():
    model = Painted(in_pieces()[:, 5:45], quarter=True)
    whole = mf.latent.decode_cells(model, np.zeros((1, 16)), join=True)
    assert whole.cells.shape == (1, 40, 50)
    assert whole.connected.all()
    assert (whole.cells[:, ::-1] == whole.cells).all()
    assert reaches_all_sides(whole.cells[0])


@pytest.mark.parametrize("quarter", [True, False])
@pytest.mark.parametrize("walk", [True, False])
def test_decoded_cells_say_whether_they_were_joined(quarter, walk):
    model = Painted(in_pieces(), quarter)
    apart = mf.latent.decode_cells(model, np.zeros((1, 16)), walk=walk)
    whole = mf.latent.decode_cells(model, np.zeros((1, 16)), walk=walk, join=True)
    assert apart.connected.tolist() == apart.joined.tolist() == [False]
    assert whole.connected.tolist() == whole.joined.tolist() == [True]
    assert reaches_all_sides(whole.cells[0])
    if quarter:
        assert (whole.cells[:, ::-1] == whole.cells).all()
        assert (whole.cells[:, :, ::-1] == whole.cells).all()
    assert (whole.properties[0, [0, 2]] > 0.001).all()


def test_random_cells_carry_load_in_both_directions(trained):
    vae = trained.vae
    made = mf.latent.sample(vae, 40, seed=2, rounds=1)
    assert made.connected.all()
    assert (made.properties[:, [0, 2, 3]] > 0).all()


def test_rounds_move_random_points_to_cells(trained):
    vae = trained.vae
    drawn = np.random.default_rng(6).standard_normal((25, vae.latent))
    start = mf.latent.sample(vae, 25, seed=6, rounds=0)
    bare = mf.latent.sample(vae, 25, seed=6, rounds=0, join=False)
    assert not bare.joined.any()
    assert (bare.connected == (start.connected & ~start.joined)).all()
    once = mf.latent.sample(vae, 25, seed=6, rounds=1)
    assert (start.z == drawn).all()
    np.testing.assert_allclose(once.z, vae.encode(start.cells), atol=1e-6)
    with pytest.raises(ValueError, match="rounds is -1"):
        mf.latent.sample(vae, 25, rounds=-1)


def test_a_cell_that_falls_apart_is_read_at_the_highest_threshold_that_holds():
    quarters = np.zeros((3, 25, 25))
    quarters[:, :4], quarters[:, :, :4] = 0.95, 0.95  # a frame that holds at 0.9
    quarters[1, 1:4, 10:14] = quarters[1, 10:14, 1:4] = 0.0
    quarters[1, 1:4, 10:14], quarters[1, 0, 10:14] = 0.75, 0.0
    quarters[1, 10:14, :4] = 0.65  # one side is open above 0.7, the other above 0.6
    quarters[2, 10:14, :] = quarters[2, :, 10:14] = 0.4  # never one piece across its sides
    quarters[2, :4, 10:14] = quarters[2, 10:14, :4] = 0.4
    made = mf.latent.decode_cells(Painted(mirror(quarters)), np.zeros((3, 16)))
    assert made.threshold.tolist() == [0.9, 0.6, 0.9]
    assert [one_piece(cell) for cell in made.cells] == made.connected.tolist()
    assert made.connected.tolist() == [True, True, False]
    walk = mf.latent.decode_cells(Painted(mirror(quarters)), np.zeros((3, 16)), walk=True)
    assert walk.threshold.tolist() == [0.6] * 3
    assert walk.connected.tolist() == [True, True, False]


def test_clear_means_no_greyer_than_a_pixel_of_blur():
    """The bound is what the embedded cells have when a Gaussian of one pixel blurs them."""
    cells = mf.CellDatabase.default().take(slice(0, 100_000, 200)).astype(float)
    blurred = gaussian_filter(cells, (0, 1, 1), mode="wrap")
    assert non_discreteness(blurred).mean() == pytest.approx(0.175, abs=0.005)
    quarters = np.zeros((2, 25, 25))
    quarters[:, :6] = quarters[:, :, :6] = 1.0
    quarters[0, 6:8, 6:] = 0.5  # 38 of 625 pixels with measure 1
    quarters[1, 6:15, 6:] = 0.5  # 171 of 625
    made = mf.latent.decode_cells(Painted(mirror(quarters)), np.zeros((2, 16)))
    assert made.clear.tolist() == [True, False]


def test_all_cells_are_judged_at_once_and_apart():
    """Whole cells, void ones and ones in pieces; mirror-symmetric ones by a quarter."""
    rng = np.random.default_rng(7)
    quarters = (rng.random((300, 5, 6)) < rng.uniform(0.4, 1.0, (300, 1, 1))).astype(np.uint8)
    quarters[::50] = 0
    assert 0.2 < in_one_piece(quarters).mean() < 0.8
    assert in_one_piece(quarters).tolist() == [one_piece(cell) for cell in quarters]
    assert (in_one_piece(mirror(quarters)) == in_one_piece(quarters)).all()
    assert in_one_piece(quarters[:0]).shape == (0,)


def test_rectangular_cells_are_decoded():
    """Quarters that are not square: no repair there, and void as soft as the database had it."""
    networks = Networks(Architecture(8, 12, latent=3, channels=4, hidden=8))
    scaling = Scaling(np.zeros(4), np.ones(4))
    vae = mf.CellVAE(networks, (16, 24), True, scaling, mf.Phases(void=1e-3))
    made = mf.latent.decode_cells(vae, np.random.default_rng(0).standard_normal((2, 3)))
    stiffness = mf.homogenize(made.cells, phases=mf.Phases(void=1e-3))
    np.testing.assert_allclose(made.properties[:, 0], stiffness[:, 0, 0], rtol=1e-12)
