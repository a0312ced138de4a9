"""Figures of cells, families, latent points and property spaces: words, sizes, files."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from reference.figure_words import drawn_words, outside, overlaps

import metafast as mf
from metafast.plotting import (
    plot_cell_rows,
    plot_cells,
    plot_clusters,
    plot_families,
    plot_family_graph,
    plot_gradation,
    plot_latent_map,
    plot_property_cloud,
    plot_walk,
    save_figure,
)
from metafast.plotting.panels import panels_shape

WIDTHS = ("single", "double")
RNG = np.random.default_rng(0)
DATABASE = mf.CellDatabase.default().subset(slice(0, None, 1000))
CELLS, PROPERTIES = DATABASE.cells, DATABASE.properties
POINTS = RNG.normal(size=(len(CELLS), 2))


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
        "cloud in MPa": lambda **k: plot_property_cloud(PROPERTIES, young=1800.0, **k),
    }


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "name",
    ["walk", "cells", "rows", "clusters", "map", "families", "gradation", "cloud", "cloud in MPa"],
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
