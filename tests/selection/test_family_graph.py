"""Family graphs: shortest paths against networkx, the same families, changes by hand, a picture."""

import networkx as nx
import numpy as np
import pytest

import metafast as mf
from metafast.plotting.family_graph import plot_family_graph
from metafast.properties import PROPERTIES
from metafast.selection import PAPER_FAMILY
from metafast.selection.edge_lengths import edge_lengths, forward_edges
from metafast.selection.family_graph import arrays_of
from metafast.selection.family_options import FamilyOptions
from metafast.selection.graph_arrays import _ends


@pytest.fixture(scope="module")
def graph(database, latents, curve):
    return mf.family_graph(database, latents, curve)


def same(one, other):
    names = ("parameter", "latents", "cells", "properties", "rows")
    return len(one) == len(other) and all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for a, b in zip(one, other, strict=True)
        for name in names
    )


def path_length(graph, rows):
    return nx.path_weight(graph, ["source", *rows.tolist(), "sink"], "length")


def brute_force_graph(points, neighbors, terminals):
    """The graph of the paper as it is written, source and sink included."""
    n = len(points)
    graph = nx.DiGraph()
    gap = np.linalg.norm(points[:, None] - points, axis=2)
    for i in range(n):
        higher = np.arange(i + 1, n)
        for j in higher[np.argsort(gap[i, higher])[:neighbors]]:
            graph.add_edge(i, int(j), length=gap[i, j])
    ends = min(terminals, n // 2)
    for k in range(ends):
        graph.add_edge("source", k, length=0.0)
        graph.add_edge(n - 1 - k, "sink", length=0.0)
    return graph


@pytest.mark.parametrize("seed", range(5))
def test_graph_and_paths_are_those_of_the_paper(seed, curve, database):
    """Cells along the curve with random latents: the same edges and the same shortest path."""
    rng = np.random.default_rng(seed)
    near = np.flatnonzero(curve.nearest(database.properties).distance <= 0.02)
    cells = database.subset(np.sort(rng.choice(near, 150, replace=False)))
    steps = np.cumsum(rng.standard_normal((150, 4)), axis=0)
    points = steps + 3 * rng.standard_normal((150, 4))
    rank = np.argsort(curve.nearest(cells.properties).parameter, kind="stable")
    latents = np.empty_like(points)
    latents[rank] = points
    ours = mf.family_graph(cells, latents, curve, options=PAPER_FAMILY, terminals=10)
    theirs = brute_force_graph(points, 5, 10)
    named = nx.relabel_nodes(theirs, dict(enumerate(rank.tolist())))
    assert set(ours.edges) == set(named.edges)
    for *edge, length in ours.edges.data("length"):
        assert length == pytest.approx(named.edges[edge]["length"], rel=1e-6)
    (family,) = mf.families_of(ours, 1)
    shortest = nx.dijkstra_path_length(theirs, "source", "sink", weight="length")
    assert path_length(ours, family.rows) == pytest.approx(shortest, rel=1e-9)
    assert family.rows.tolist() == nx.dijkstra_path(ours, "source", "sink", "length")[1:-1]


def test_edges_of_few_points_and_between_blocks():
    """Fewer points than neighbours; a block of 1024 rows that leaves one; points that coincide."""
    few = forward_edges(np.array([[0.0], [1.0], [3.0]]), 4)
    np.testing.assert_allclose(few.toarray(), [[0, 1, 3], [0, 0, 2], [0, 0, 0]])
    for n in (1025, 1026):
        calls = []
        points = np.random.default_rng(1).standard_normal((n, 2))
        lengths = forward_edges(points, 12, lambda *call, calls=calls: calls.append(call))
        sizes = np.diff(lengths.indptr)
        assert sizes.tolist() == [min(12, n - 1 - row) for row in range(n)]
        done = [min(1024, n - 1), n] if n == 1025 else [1024, 1025, n]
        assert calls == [("joining cells", k, n) for k in done]
        for row in (0, 500, 1010):
            gap = np.linalg.norm(points[row + 1 :] - points[row], axis=1)
            found = np.sort(lengths[[row]].data)
            np.testing.assert_allclose(found, np.sort(gap)[:12], rtol=1e-6)
    assert forward_edges(np.zeros((2, 3)), 1).data.tolist() == [1e-12]  # still an edge


def test_lengths_are_powers_of_the_distance(curve):
    points = np.random.default_rng(2).standard_normal((40, 3))
    plain = forward_edges(points, 5)
    for power in (1.0, 2.0, 3.0):
        options = FamilyOptions(neighbors=5, power=power)
        lengths = edge_lengths(points, curve, options, 1.0)
        np.testing.assert_allclose(lengths.data, plain.data**power, rtol=1e-12)


def test_ends_are_the_first_and_the_last_ranks():
    """At most half of the cells each, so that no cell is at both."""
    for n, terminals, first, last in ((9, 3, 3, 6), (5, 50, 2, 3), (4, 50, 2, 2)):
        starts, stops = _ends(n, terminals)
        assert starts.tolist() == list(range(first))
        assert stops.tolist() == list(range(last, n))


def test_edges_that_leave_the_gradation_are_longer(database, curve):
    """By the largest distance of three decoded points, in tolerances, to the power of four."""
    vae = mf.CellVAE.default()
    near = np.flatnonzero(curve.nearest(database.properties).distance <= 0.02)[::40][:12]
    latents = vae.encode(database.take(near))
    options = FamilyOptions(neighbors=2, power=1.0, tolerance=0.03)
    plain, found = (edge_lengths(latents, curve, options, 2.0, d) for d in (None, vae))
    ends = plain.tocoo()
    largest = np.zeros(ends.nnz)
    for share in (0.25, 0.5, 0.75):
        z = (1 - share) * latents[ends.row] + share * latents[ends.col]
        made = mf.latent.decode_cells(vae, z)
        distance = curve.nearest(made.properties).distance
        largest = np.maximum(largest, np.where(made.connected, distance, 0.5))
    assert (largest > 0.03).any()
    factor = 1 + (largest / (0.03 * 2.0)) ** 4
    np.testing.assert_allclose(found.tocoo().data, ends.data * factor, rtol=1e-9)


def test_edges_lead_to_the_nearest_of_higher_rank():
    points = np.random.default_rng(0).standard_normal((1500, 3))  # more than one block
    lengths = forward_edges(points, 4)
    for row in (0, 700, 1400, 1497):
        gap = np.linalg.norm(points[row + 1 :] - points[row], axis=1)
        near = row + 1 + np.argsort(gap)[:4]
        assert sorted(lengths[[row]].indices) == sorted(near)
        np.testing.assert_allclose(np.sort(lengths[[row]].data), np.sort(gap)[:4], rtol=1e-6)
    assert lengths[[1499]].nnz == 0


def test_nodes_carry_the_cells_and_their_properties(graph, database, latents, curve):
    rows = [row for row in graph if row not in ("source", "sink")]
    near = np.flatnonzero(curve.nearest(database.properties).distance <= 0.02)
    assert sorted(rows) == near.tolist()
    assert (np.diff([graph.nodes[row]["parameter"] for row in rows]) >= 0).all()
    for row in rows[::50]:
        node = graph.nodes[row]
        assert node["row"] == row
        assert (np.asarray(node["cell"]) == database.take([row])[0]).all()
        assert [node[name] for name in PROPERTIES] == database.properties[row].tolist()
        assert (node["latent"] == latents[row]).all()
    assert list(graph.successors("source")) == rows[:10]
    assert list(graph.predecessors("sink")) == rows[-10:]
    assert nx.is_directed_acyclic_graph(graph)
    assert graph.graph["gradation"] is curve
    assert graph.graph["phases"] == database.phases
    assert graph.graph["options"] == mf.FamilyOptions()


@pytest.mark.parametrize("options", [{}, {"neighbors": 1, "power": 1.0}])
def test_families_of_the_graph_are_those_of_the_database(database, latents, curve, options):
    """Also where cells are joined again because no path is left."""
    found = mf.find_families(database, latents, curve, 3, **options)
    graph = mf.family_graph(database, latents, curve, **options)
    assert same(found, mf.families_of(graph, 3))


def test_a_decoder_lengthens_edges_that_leave_the_gradation(database):
    vae = mf.CellVAE.default()
    curve = mf.Gradation.of(lambda t: mf.Gradation.isotropic_like().at(t)[0], 0.1, 0.4, 60)
    cells = database.subset(slice(0, None, 2))
    plain = mf.family_graph(cells, vae, curve)
    kept = mf.family_graph(cells, vae, curve, decoder=vae)
    assert set(plain.edges) == set(kept.edges)
    edges = [edge for edge in plain.edges if "source" not in edge and "sink" not in edge]
    factor = np.array([kept.edges[edge]["length"] / plain.edges[edge]["length"] for edge in edges])
    assert (factor >= 1.0).all()
    assert factor.max() > 10.0
    assert same(mf.families_of(kept, 2), mf.find_families(cells, vae, curve, 2, decoder=vae))


def test_changes_by_hand_are_respected(graph, database, latents, curve):
    (first,) = mf.families_of(graph, 1)
    middle = int(first.rows[len(first) // 2])
    changed = graph.copy()
    changed.remove_node(middle)
    (other,) = mf.families_of(changed, 1)
    assert middle not in other.rows
    assert path_length(graph, other.rows) >= path_length(graph, first.rows)
    longer = graph.copy()
    nx.set_edge_attributes(longer, {edge: 1e9 for edge in graph.in_edges(middle)}, "length")
    assert same(mf.families_of(longer, 1), [other])
    fixed = graph.copy()
    start = list(graph.successors("source"))[3]
    fixed.remove_edges_from([edge for edge in graph.out_edges("source") if edge[1] != start])
    (from_start,) = mf.families_of(fixed, 1)
    assert from_start.rows[0] == start
    assert same(mf.families_of(graph, 1), [first]), "the graph stays as it was"
    named = nx.relabel_nodes(graph, {middle: "the middle one"})
    assert same(mf.families_of(named, 1), [first])


def test_graphs_that_are_no_family_graphs_are_named(graph):
    with pytest.raises(ValueError, match=r"the graph has no 'gradation'.*family_graph"):
        mf.families_of(nx.DiGraph())
    without = graph.copy()
    without.remove_node("sink")
    with pytest.raises(ValueError, match="the graph has no 'sink'"):
        mf.families_of(without)
    bare = graph.copy()
    bare.add_node(-5, parameter=0.1)
    with pytest.raises(ValueError, match="no attribute 'row'"):
        mf.families_of(bare)
    cut = graph.copy()
    cut.remove_edges_from(list(graph.out_edges("source")))
    with pytest.raises(ValueError, match="no path"):
        mf.families_of(cut)


def test_arrays_survive_the_graph(graph, database):
    arrays = arrays_of(graph)
    assert (arrays.properties == database.properties[arrays.rows]).all()
    assert (arrays.take(arrays.rows[:3]) == database.take(arrays.rows[:3])).all()
    assert arrays.lengths.nnz == graph.number_of_edges() - 20


def test_the_picture_shows_cells_edges_and_families(graph):
    families = mf.families_of(graph, 2)
    picture = plot_family_graph(graph, families)
    axes = picture.axes[0]
    paths = [line for line in axes.lines if line.get_label().startswith("family")]
    assert [line.get_label() for line in paths] == ["family 1", "family 2"]
    for line, family in zip(paths, families, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), family.parameter)
    cells = graph.number_of_nodes() - 2
    edges, dots = axes.collections
    assert len(dots.get_offsets()) == cells
    assert len(edges.get_segments()) == graph.number_of_edges() - 20
    assert f"{cells:,} cells" in axes.get_title(loc="left")
    with pytest.raises(ValueError, match="component is 17; the latents have 16"):
        plot_family_graph(graph, component=17)
