"""Figures of cells, families, latent points and property spaces: words, sizes, files."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from reference.figure_words import drawn_words, outside, overlaps

import metafast as mf
from metafast.plotting import (
    CandidateSets,
    plot_arrow,
    plot_candidates,
    plot_cell_rows,
    plot_cells,
    plot_clusters,
    plot_families,
    plot_family_graph,
    plot_gradation,
    plot_latent_map,
    plot_pairs,
    plot_property_cloud,
    plot_training,
    plot_walk,
    save_figure,
)
from metafast.plotting.panels import panels_shape

WIDTHS = ("single", "double")
RNG = np.random.default_rng(0)
DATABASE = mf.CellDatabase.default().subset(slice(0, None, 1000))
CELLS, PROPERTIES = DATABASE.cells, DATABASE.properties
POINTS = RNG.normal(size=(len(CELLS), 2))
CONFIG = {"optimizer": "rmsprop", "batch": 32, "kl_weight": 0.5, "regression_weight": 10.0}
PARTS = ("reconstruction", "kl", "regression")
WAYS = {"the nearest": np.s_[:10], "the best of each cluster": np.s_[10:20]}


def training(epochs=6):
    """A training run with losses that fall."""
    names = [*PARTS, *(f"held_out_{part}" for part in PARTS)]
    history = np.zeros(epochs, [("epoch", int), *((name, float) for name in names)])
    history["epoch"] = np.arange(epochs) + 1
    for k, name in enumerate(names):
        history[name] = (k + 1) * 100.0 / history["epoch"]
    vae = SimpleNamespace(provenance={"config": CONFIG})
    return SimpleNamespace(vae=vae, history=history)


def candidate_sets():
    """Ten candidates for each of two targets, chosen in two ways."""
    own = [{name: some[rows] for name, rows in WAYS.items()} for some in (POINTS, CELLS)]
    title = "Target: $C_{11}, C_{12}, C_{22}, C_{33}$ = 0.4, 0.12, 0.3, 0.1 $E$"
    return 2 * [CandidateSets(title, POINTS, *own)]


@pytest.fixture(scope="module")
def families():
    """Two families along Eq. 7, of any cells."""
    curve = mf.Gradation.isotropic_like()
    parameter = np.sort(RNG.uniform(curve.parameter[0], curve.parameter[-1], 20))
    latents, rows = RNG.normal(size=(20, 4)), np.arange(20)
    parts = (latents, CELLS[:20], PROPERTIES[:20], rows)
    return [mf.Family(curve, parameter, *parts) for _ in range(2)]


@pytest.fixture(scope="module")
def figures(families):
    """Functions of path and width that draw each figure."""
    walk = SimpleNamespace(
        cells=CELLS[:13], properties=PROPERTIES[:13], connected=np.arange(13) % 5 > 0
    )
    notes = [[f"{c[0]:.3f}" for c in PROPERTIES[:10]]] * 3
    groups, some = [POINTS[:20], POINTS[20:40]], [CELLS[:6], CELLS[6:11]]
    long = "Cells of the database, reconstructed, and moved to the nearest of all cells that hang"
    return {
        "walk": lambda **k: plot_walk(walk, "latent dimension 0", **k),
        "cells": lambda **k: plot_cells(CELLS[:3], ["a", "b", "c"], long, **k),
        "rows": lambda **k: plot_cell_rows([CELLS[:10]] * 3, ["one", "two", "3"], notes, long, **k),
        "clusters": lambda **k: plot_clusters(POINTS, groups, some, "Near", **k),
        "map": lambda **k: plot_latent_map(POINTS, PROPERTIES, **k),
        "families": lambda **k: plot_families(families, **k),
        "gradation": lambda **k: plot_gradation(families, **k),
        "cloud": lambda **k: plot_property_cloud(PROPERTIES, PROPERTIES[:9, :3], **k),
        "training": lambda **k: plot_training(training(), **k),
        "candidates": lambda **k: plot_candidates(candidate_sets(), long, **k),
        "arrow": lambda **k: plot_arrow(
            POINTS, POINTS[:, 0] < -1, POINTS[:, 0] > 1, [POINTS[:7]], title=long, **k
        ),
        "cloud in MPa": lambda **k: plot_property_cloud(PROPERTIES, young=1800.0, **k),
    }


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "name",
    [
        "walk",
        "cells",
        "rows",
        "clusters",
        "map",
        "families",
        "gradation",
        "cloud",
        "cloud in MPa",
        "training",
        "candidates",
        "arrow",
    ],
)
def test_no_words_overlap_or_leave_the_paper(figures, name, width, tmp_path):
    figure = figures[name](width=width, path=tmp_path / "figure.png")
    words = drawn_words(figure)
    assert words
    assert overlaps(words) == []
    assert outside(words, figure.bbox) == []
    with Image.open(tmp_path / "figure.png") as picture:
        mm = picture.size[0] / 300 * 25.4
    assert mm == pytest.approx({"single": 89, "double": 183}[width], abs=0.1)


def test_maps_and_gradations_have_labels_with_units(figures):
    symbols = ["$C_{11}/E$", "$C_{12}/E$", "$C_{22}/E$", "$C_{33}/E$"]
    axes = figures["map"]().axes
    assert [ax.get_xlabel() for ax in axes[4:]] == symbols  # of the colour bars
    assert {ax.get_ylabel() for ax in axes[:4]} == {"second component"}
    figure = figures["gradation"]()
    assert [ax.get_ylabel() for ax in figure.axes] == symbols
    assert {ax.get_xlabel() for ax in figure.axes} == {"parameter of Eq. 7"}
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["family 1", "family 2", "gradation"]


def test_clouds_have_a_legend_and_mpa_where_youngs_modulus_is_given(figures):
    names = [text.get_text() for text in figures["cloud"]().legends[0].get_texts()]
    assert names == ["cells", "published"]
    figure = figures["cloud in MPa"]()
    assert figure.axes[2].get_ylabel() == "$C_{33}$ (MPa)"
    x, y = figure.axes[2].get_lines()[0].get_data()
    np.testing.assert_allclose(x, 1800 * PROPERTIES[:, 0])
    np.testing.assert_allclose(y, 1800 * PROPERTIES[:, 3])
    silent = plot_property_cloud(PROPERTIES, PROPERTIES[:9], share=False, title="a")
    assert silent.get_suptitle() == "a"


def test_cells_are_drawn_solid_black(figures):
    image = figures["cells"]().axes[0].images[0]
    np.testing.assert_array_equal(image.get_array(), CELLS[0])
    assert image.to_rgba(1.0, norm=True)[:3] == (0.0, 0.0, 0.0)
    assert image.to_rgba(0.0, norm=True)[:3] == (1.0, 1.0, 1.0)


def test_notes_that_do_not_fit_are_refused_with_the_width_that_fits():
    cells, notes = [CELLS[:14]], [["0.123, 0.456"] * 14]
    with pytest.raises(ValueError, match=r"14 cells with notes do not fit .* width=\d+") as error:
        plot_cell_rows(cells, ["row"], notes, width="single")
    needed = float(str(error.value).split("width=")[1].split()[0])
    figure = plot_cell_rows(cells, ["row"], notes, width=needed)
    assert overlaps(drawn_words(figure)) == []


def test_a_graph_has_a_colour_bar_and_names_its_families(families):
    import networkx as nx

    graph = nx.DiGraph(gradation=families[0].gradation)
    for k in range(20):
        graph.add_node(k, parameter=0.05 * k, latent=families[0].latents[k], C11=0.1 * k)
    graph.add_edges_from((k, k + 1) for k in range(19))
    for width in WIDTHS:
        figure = plot_family_graph(graph, families, width=width)
        words = drawn_words(figure)
        assert overlaps(words) == outside(words, figure.bbox) == []
        assert figure.axes[0].get_xlabel() == "parameter of Eq. 7"
        assert figure.axes[1].get_ylabel() == "$C_{11}/E$"
        names = [text.get_text() for text in figure.legends[0].get_texts()]
        assert names == ["family 1", "family 2"]


@pytest.mark.parametrize(
    ("mm", "shapes"),
    [
        (183, [(1, 2), (1, 3), (1, 4)]),
        (89, [(2, 1), (3, 1), (2, 2)]),
        (50, [(2, 1), (3, 1), (4, 1)]),
    ],
)
def test_panels_have_room(mm, shapes):
    assert [panels_shape(mm, count) for count in (2, 3, 4)] == shapes


def test_pictures_are_named_by_their_ending_and_replaced_whole(figures, tmp_path):
    figure = figures["cells"]()
    assert save_figure(figure, tmp_path / "a.PDF") == tmp_path / "a.PDF"
    assert (tmp_path / "a.PDF").read_bytes().startswith(b"%PDF")
    save_figure(figure, tmp_path / "a.png", dpi=100)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size[0] == pytest.approx(720, abs=1)
    for wrong in ("a", "a.jpg", "a.svgz"):
        with pytest.raises(ValueError, match=r"can be written as \.png, \.svg or \.pdf"):
            save_figure(figure, tmp_path / wrong)
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(ValueError, match="it is a directory"):
        save_figure(figure, tmp_path / "folder.png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.PDF", "a.png", "folder.png"]


def test_a_training_history_shows_the_weighted_loss_and_its_parts():
    run = training()
    figure = plot_training(run)
    loss, *parts = figure.axes
    for line, prefix in zip(loss.get_lines(), ("", "held_out_"), strict=True):
        weighted = sum(
            weight * run.history[prefix + part]
            for part, weight in zip(PARTS, (1.0, 0.5, 10.0), strict=True)
        )
        np.testing.assert_allclose(line.get_ydata(), weighted)
    for ax, part in zip(parts, PARTS, strict=True):
        np.testing.assert_array_equal(
            ax.get_lines()[1].get_ydata(), run.history[f"held_out_{part}"]
        )
    assert "rmsprop, 32 cells per step, weights 1, 0.5 and 10" in figure.get_suptitle()
    with pytest.raises(ValueError, match="no epoch to draw"):
        plot_training(training(0))


def test_pairs_show_both_cells_and_both_numbers(tmp_path):
    names, tables = ["a", "square hole", "bar"], RNG.uniform(size=(2, 3, 3))
    figure = plot_pairs(CELLS[:3], *tables, names, "Pairs", path=tmp_path / "pairs.png")
    words = drawn_words(figure)
    assert overlaps(words) == outside(words, figure.bbox) == []
    pair = figure.axes[3 * 1 + 2]
    np.testing.assert_array_equal(pair.images[0].get_array(), np.hstack([CELLS[1], CELLS[2]]))
    assert f"{tables[0, 1, 2]:.2f}" in pair.get_xlabel()
    assert f"{tables[1, 1, 2]:.2f}" in pair.get_xlabel()
    with pytest.raises(ValueError, match=r"geometric has shape \(2, 3\); \(3, 3\) is needed"):
        plot_pairs(CELLS[:3], tables[0, :2], tables[1], names)
    with pytest.raises(ValueError, match="2 names for 3 cells"):
        plot_pairs(CELLS[:3], *tables, names[:2])
    with pytest.raises(ValueError, match=r"12 pairs do not fit .* width=\d+") as error:
        plot_pairs(CELLS[:12], *RNG.uniform(size=(2, 12, 12)), 12 * ["a"], width="single")
    needed = float(str(error.value).split("width=")[1].split()[0])
    plot_pairs(CELLS[:12], *RNG.uniform(size=(2, 12, 12)), 12 * ["a"], width=needed)


def test_an_arrow_points_from_the_mean_of_the_low_to_that_of_the_high():
    low, high = POINTS[:, 0] < -1, POINTS[:, 0] > 1
    ax = plot_arrow(POINTS, low, high, [POINTS[:7]], names=("soft", "stiff")).axes[0]
    np.testing.assert_allclose(ax.texts[-1].xy, POINTS[high].mean(axis=0))
    np.testing.assert_allclose(ax.texts[-1].xyann, POINTS[low].mean(axis=0))
    names = [text.get_text() for text in ax.figure.legends[0].get_texts()]
    assert names == ["other cells", "soft", "stiff", "walks"]


def test_candidates_lie_where_they_are_on_the_map():
    figure = plot_candidates(candidate_sets())
    maps = [ax for ax in figure.axes if ax.get_xlabel() == "first component"]
    assert len(maps) == 2
    for k, rows in enumerate(WAYS.values()):
        np.testing.assert_array_equal(maps[0].get_lines()[k + 1].get_xydata(), POINTS[rows])
    pictures = [ax.images[0].get_array() for ax in figure.axes if ax.images]
    np.testing.assert_array_equal(pictures, np.concatenate(2 * [CELLS[:20]]))
    with pytest.raises(ValueError, match="no targets to draw"):
        plot_candidates([])


def test_a_graph_may_have_a_logarithmic_scale(families):
    import networkx as nx

    graph = nx.DiGraph(gradation=families[0].gradation)
    for k in range(20):
        graph.add_node(k, parameter=0.02 + 0.05 * k, latent=families[0].latents[k], C11=0.1 * k)
    graph.add_edges_from((k, k + 1) for k in range(19))
    figure = plot_family_graph(graph, scale="log")
    assert figure.axes[0].get_xscale() == "log"
    with pytest.raises(ValueError, match="scale is 'square'"):
        plot_family_graph(graph, scale="square")
