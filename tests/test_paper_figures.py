"""The paper's figures show what they are to show: examples/paper_figures.py, small."""

import importlib.util
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import metafast as mf

EXAMPLES = Path(__file__).parent.parent / "examples"
FILES = {
    4: ["fig04_property_space"],
    5: ["fig05_training"],
    6: ["fig06_cells"],
    7: ["fig07a_axes", "fig07b_groups"],
    8: ["fig08_maps"],
    9: ["fig09a_arrow", "fig09b_walks"],
    10: ["fig10a_arrow", "fig10b_walks", "fig10c_curved"],
    11: ["fig11_candidates"],
    12: ["fig12a_graph", "fig12b_families"],
    13: ["fig13a_members", "fig13b_continuous"],
    14: ["fig14_pairs"],
    15: ["fig15a_problem", "fig15b_fields", "fig15c_structure", "fig15d_deformed"],
    16: ["fig16a_problem", "fig16b_structure", "fig16c_deformed", "fig16d_fields"],
    17: ["fig17a_problem", "fig17b_fields", "fig17c_structure", "fig17d_deformed"],
}


@pytest.fixture(scope="module")
def figures():
    """The script, its folder on the path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLES))
        spec = importlib.util.spec_from_file_location("figures", EXAMPLES / "paper_figures.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module


@pytest.fixture(scope="module")
def draw(figures, tmp_path_factory):
    """Function that draws one figure, checks its files, and returns what it shows."""
    folder = tmp_path_factory.mktemp("paper")
    setting = figures.Setting(folder, folder / "designs", small=True)

    def drawn(number):
        shown = figures.FIGURES[number](setting)
        files = sorted(path.stem for path in folder.glob(f"fig{number:02d}*.png"))
        assert files == FILES[number]
        assert all((folder / f"{name}.png").stat().st_size > 5000 for name in files)
        return shown

    return drawn


def test_every_figure_has_a_function_and_the_command_takes_numbers(figures, tmp_path, capsys):
    assert list(figures.FIGURES) == list(FILES) == list(range(4, 18))
    shown = figures.main(tmp_path / "out", [4], small=True, kind="pdf")
    assert list(shown) == [4]
    assert "Fig. 4: " in capsys.readouterr().out
    assert (tmp_path / "out" / "fig04_property_space.pdf").is_file()


def test_fig_5_the_loss_falls(draw):
    history = draw(5)["history"]
    for name in ("reconstruction", "regression", "held_out_reconstruction", "held_out_regression"):
        assert (np.diff(history[name]) < 0).all(), name
    loss = history["reconstruction"] + history["kl"] + history["regression"]
    assert (np.diff(loss) < 0).all()


def test_fig_6_cells_are_rebuilt_and_random_ones_are_told_as_they_are(draw):
    shown = draw(6)
    assert shown["wrong"][0.5] < 0.02 < shown["wrong"][0.9] < 0.05
    assert ((shown["rebuilt"] > 0.5) != shown["cells"]).mean() == shown["wrong"][0.5]
    assert 0.4 < shown["clear"] < 0.7
    assert 0.6 < shown["whole"] < 0.95


def test_fig_7_walks_are_whole_and_groups_are_alike(draw, figures):
    shown = draw(7)
    assert len(shown["walks"]) == 3
    for walk in shown["walks"]:
        assert walk.connected.all()
        assert walk.properties[:, [0, 2]].min() > 1e-3
    assert 0.2 < shown["whole"] < 0.6
    cells = mf.CellDatabase.default().subset(slice(0, None, 40))
    middle = [cells.take(rows).mean(axis=0) for rows in shown["groups"]]
    within = [
        np.abs(cells.take(rows) - m).mean() for rows, m in zip(shown["groups"], middle, strict=True)
    ]
    apart = [np.abs(middle[a] - middle[b]).mean() for a, b in ((0, 1), (0, 2), (1, 2))]
    assert max(within) < min(apart)


def test_fig_8_properties_vary_across_the_map(draw):
    shown = draw(8)
    points = np.column_stack([shown["points"], np.ones(len(shown["points"]))])
    c11 = shown["properties"][:, 0]
    rest = c11 - points @ np.linalg.lstsq(points, c11, rcond=None)[0]
    assert 1.0 - rest.var() / c11.var() > 0.3


def test_fig_9_walks_are_whole_and_c11_rises(draw):
    shown = draw(9)
    assert len(shown["walks"]) == 2
    for walk in shown["walks"]:
        assert walk.connected.all()
        assert (np.diff(walk.properties[:, 0]) > 0).all()
        step = np.diff(walk.z, axis=0)
        np.testing.assert_allclose(step, np.tile(0.5 * shown["arrow"], (len(step), 1)), atol=1e-9)
    assert np.linalg.norm(shown["arrow"]) == pytest.approx(1.0)
    assert shown["both"] <= min(shown["whole"], shown["rises"])
    assert shown["both"] > 0.2
    assert shown["rises"] > 0.8


def test_fig_10_c22_grows_and_surpasses_c11_in_whole_cells(draw):
    shown = draw(10)
    for walk in shown["walks"]:
        ratio = walk.properties[:, 2] / walk.properties[:, 0]
        assert walk.connected.all()
        assert (np.diff(ratio) > 0).all()
        assert (np.diff(walk.properties[:, 2]) > 0).all()
        assert ratio[0] < 1.0 < ratio[-1] < 10.0
    assert len(shown["curved"]) >= 3
    for walk in shown["curved"]:
        ratio = walk.properties[:, 2] / walk.properties[:, 0]
        assert walk.connected.all()
        assert (np.diff(ratio) > 0).all()
        assert walk.properties[:, [0, 2]].min() > 1e-3


def test_fig_11_clusters_are_the_more_diverse(draw, figures):
    shown = draw(11)
    nearest, clusters = shown["spread"].values()
    assert (clusters > nearest).all()  # both targets, in pixels and in latent space
    nearest, clusters = shown["mean"].values()
    assert (clusters > 1.05 * nearest).all()
    assert (shown["more"] > 0.7).all()
    assert shown["errors"].max() < 0.01  # the paper's bound
    for name in ("nearest", "clusters"):
        assert shown[name].shape == (2, 10)
        assert all(len({*rows}) == 10 for rows in shown[name].tolist())


def test_fig_12_families_are_disjoint_shortest_paths(draw):
    shown = draw(12)
    graph, families = shown["graph"], shown["families"]
    rows = [family.rows.tolist() for family in families]
    assert len(rows) == 5
    assert len({row for path in rows for row in path}) == sum(map(len, rows))
    assert nx.is_path(graph, ["source", *rows[0], "sink"])
    shortest = nx.dijkstra_path_length(graph, "source", "sink", weight="length")
    assert nx.path_weight(graph, rows[0], "length") == pytest.approx(shortest)
    assert graph.out_degree("source") == graph.in_degree("sink") == 50
    # every step of every family goes to one of the five most similar cells of higher rank that
    # the families before have left
    latents = nx.get_node_attributes(graph, "latent")
    left = list(latents)  # in the order of the parameter
    for path in rows:
        z = np.array([latents[row] for row in left])
        ranks = [left.index(row) for row in path]
        assert ranks[0] < 50
        assert ranks[-1] >= len(left) - 50
        for a, b in pairwise(ranks):
            assert b > a
            distance = np.linalg.norm(z[a + 1 :] - z[a], axis=1)
            assert (distance < distance[b - a - 1]).sum() < 5
        left = [row for row in left if row not in path]


def test_fig_13_families_follow_the_gradation(draw):
    shown = draw(13)
    curve = mf.Gradation.isotropic_like()
    for family, whole in zip(shown["families"], shown["continuous"], strict=True):
        assert curve.nearest(family.properties)[1].max() <= 0.02
        assert curve.nearest(whole.properties)[1].mean() < 0.03
        assert len(whole) > 20
        assert (np.diff(family.parameter) > 0).all()


def test_fig_14_equal_cells_match_and_disconnected_ones_do_not(draw):
    shown = draw(14)
    names, geometric, mechanical = shown["names"], shown["geometric"], shown["mechanical"]
    bar = names.index("vertical bar")
    others = [k for k in range(5) if k != bar]
    assert (np.diag(geometric)[others] == 0).all()
    np.testing.assert_allclose(np.diag(mechanical), 0.0, atol=1e-9)
    assert (geometric[bar] == 1).all()
    assert (geometric[:, bar] == 1).all()
    np.testing.assert_allclose(mechanical[bar, others], 1.0, atol=1e-6)
    np.testing.assert_allclose(mechanical, mechanical.T, atol=1e-9)
    # equal geometric and different mechanical terms, as in the paper's last column
    solid, hole = names.index("solid"), names.index("square hole")
    frame, cross = names.index("frame"), names.index("cross")
    assert geometric[frame, hole] == geometric[solid, hole] == 0
    assert mechanical[frame, hole] == pytest.approx(0.64, abs=0.01)
    assert mechanical[solid, hole] == pytest.approx(0.32, abs=0.01)
    assert geometric[cross, solid] == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        pytest.param(15, "graded_beam", marks=pytest.mark.slow),
        (16, "bridge"),
        pytest.param(17, "smiley", marks=pytest.mark.slow),
    ],
)
@pytest.mark.filterwarnings("ignore:the cells at hand cannot do this")
def test_figs_15_to_17_show_designs_by_the_papers_options(draw, number, name):
    design = draw(number)["design"]
    assert design.problem.name == name
    assert design.options == (mf.PAPER if number > 15 else replace(mf.PAPER, candidates=1))
    assert design.field.rrmse < {15: 0.4, 16: 0.02, 17: 0.05}[number]
    assert design.response.rrmse < {15: 0.5, 16: 0.25, 17: 0.4}[number]
    assert design.certified.optimal


@pytest.mark.slow
def test_designs_that_are_kept_are_drawn(figures, tmp_path):
    problem = mf.problems.bridge(2, 6, compression=0.2)
    cells = mf.CellDatabase.default().subset(slice(0, None, 100))
    own = mf.design(problem, cells, options=mf.PAPER)
    own.save(tmp_path / "runs" / "bridge")
    shown = figures.main(tmp_path / "out", [16], designs=tmp_path / "runs")
    np.testing.assert_array_equal(shown[16]["design"].pixels, own.pixels)
    assert not (tmp_path / "out" / "designs").exists()
