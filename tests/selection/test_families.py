"""Families: shortest paths against networkx, disjoint, inside the tolerance; files that reopen."""

import networkx
import numpy as np
import pytest

import metafast as mf
from metafast.selection.families import _forward_graph, _shortest_path


@pytest.fixture(scope="module")
def database():
    return mf.CellDatabase.default()


@pytest.fixture(scope="module")
def latents(database):
    return mf.pixel_components(database)


@pytest.fixture(scope="module")
def curve():
    """The middle of Eq. 7, where cells are dense."""
    return mf.Gradation.of(lambda t: mf.Gradation.isotropic_like().at(t)[0], 0.03, 0.6, 60)


@pytest.fixture(scope="module")
def families(database, latents, curve):
    return mf.find_families(database, latents, curve, count=3, terminals=10)


def brute_force_path(points, neighbors, terminals):
    """The paper's graph as it is written, source and sink included."""
    n = len(points)
    graph = networkx.DiGraph()
    gap = np.linalg.norm(points[:, None] - points, axis=2)
    for i in range(n):
        higher = np.arange(i + 1, n)
        for j in higher[np.argsort(gap[i, higher])[:neighbors]]:
            graph.add_edge(i, int(j), weight=gap[i, j])
    ends = min(terminals, n // 2)
    for k in range(ends):
        graph.add_edge("source", k, weight=0.0)
        graph.add_edge(n - 1 - k, "sink", weight=0.0)
    path = networkx.dijkstra_path(graph, "source", "sink")
    return path[1:-1]


@pytest.mark.parametrize("seed", range(5))
def test_paths_are_the_shortest(seed):
    rng = np.random.default_rng(seed)
    n = 150
    points = np.cumsum(rng.standard_normal((n, 4)), axis=0) + 3 * rng.standard_normal((n, 4))
    ours = _shortest_path(_forward_graph(points, 5), 10)
    theirs = brute_force_path(points, 5, 10)

    def length(path):
        return np.linalg.norm(np.diff(points[path], axis=0), axis=1).sum()

    assert length(ours) == pytest.approx(length(theirs))
    assert (np.diff(ours) > 0).all()


def test_edges_lead_to_the_nearest_of_higher_rank():
    points = np.random.default_rng(0).standard_normal((1500, 3))  # more than one block
    graph = _forward_graph(points, 4)
    for row in (0, 700, 1400, 1497):
        gap = np.linalg.norm(points[row + 1 :] - points[row], axis=1)
        near = row + 1 + np.argsort(gap)[:4]
        assert sorted(graph[[row]].indices) == sorted(near)
        np.testing.assert_allclose(np.sort(graph[[row]].data), np.sort(gap)[:4], rtol=1e-6)
    assert graph[[1499]].nnz == 0


def test_members_follow_the_gradation(families, database, curve):
    for family in families:
        assert (family.deviation <= 0.02).all()
        assert (np.diff(family.parameter) >= 0).all()
        assert (family.cells == database.take(family.rows)).all()
        np.testing.assert_allclose(family.properties, database.properties[family.rows], atol=1e-12)
        assert family.parameter[0] < 0.1
        assert family.parameter[-1] > 0.4


def test_families_have_no_cell_in_common(families):
    rows = np.concatenate([family.rows for family in families])
    assert len(set(rows)) == len(rows)


def test_shape_changes_less_along_a_family_than_between_its_neighbours_in_property(
    families, database, latents, curve
):
    """A walk through cells chosen for their properties alone jumps in shape."""
    for family in families:
        near, _ = database.nearest(curve.at(family.parameter), 1)
        jumps = np.abs(np.diff(database.take(near[:, 0]).astype(int), axis=0)).mean()
        assert np.abs(np.diff(family.cells.astype(int), axis=0)).mean() < jumps


def test_a_family_gives_the_cell_of_any_value(families):
    family = families[0]
    cells, properties = family.at(family.parameter)
    _, first = np.unique(family.parameter, return_index=True)
    assert (cells[first] == family.cells[first]).all()
    nearest = min(family.parameter, key=lambda value: abs(value - 0.3))
    row = int(np.flatnonzero(family.parameter == nearest)[0])
    np.testing.assert_array_equal(family.at(0.3)[1], properties[[row]])
    with pytest.raises(ValueError, match=r"the gradation holds from 0.03 to 0.6"):
        family.at([0.3, 0.9])


def test_what_is_left_is_joined_anew_where_no_path_is_left(database, latents, curve):
    """Each cell has one neighbour, so that a family takes the others' ways with it."""
    found = mf.find_families(database, latents, curve, count=3, neighbors=1, terminals=10)
    rows = np.concatenate([family.rows for family in found])
    assert len(np.unique(rows)) == len(rows)
    for family in found:
        assert (np.diff(family.parameter) >= 0).all()
        assert np.ptp(family.parameter) > 0.5 * np.ptp(curve.parameter)


def test_files_reopen(families, tmp_path):
    back = mf.Family.load(families[1].save(tmp_path / "family.h5"))
    for name in ("parameter", "latents", "cells", "properties", "rows"):
        assert (getattr(back, name) == getattr(families[1], name)).all()
    assert (back.gradation.properties == families[1].gradation.properties).all()
    assert repr(back) == repr(families[1])
    (tmp_path / "bad.h5").write_bytes((tmp_path / "family.h5").read_bytes()[:900])
    with pytest.raises(ValueError, match=r"not a readable family"):
        mf.Family.load(tmp_path / "bad.h5")
    with pytest.raises(ValueError, match=r"no family at"):
        mf.Family.load(tmp_path / "none.h5")


def test_what_cannot_be_found_is_said(database, latents, curve):
    stiff = mf.Gradation([0.0, 1.0], [[3, 0.1, 3, 1], [4, 0.1, 4, 1]], "too stiff")
    with pytest.raises(ValueError, match=r"0 cells lie within 0.02 of the gradation 'too stiff'"):
        mf.find_families(database, latents, stiff)
    apart = mf.Gradation([0.0, 1.0], [[0.3, 0.1, 0.3, 0.08], [3, 1.0, 3, 1]], "leaves")
    with pytest.raises(ValueError, match=r"no cell lies within .* between 0.* and 1"):
        mf.find_families(database, latents, apart)
    with pytest.raises(ValueError, match=r"latents have shape \(3, 2\)"):
        mf.find_families(database, np.zeros((3, 2)), curve)
    with pytest.raises(ValueError, match=r"latents contain NaN"):
        mf.find_families(database, np.full_like(latents, np.nan), curve)
    with pytest.raises(ValueError, match=r"no path .* family"):
        mf.find_families(database, latents, curve, count=500, terminals=2)
