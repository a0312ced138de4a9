"""Families: disjoint paths inside the tolerance, errors, and files that reopen."""

import numpy as np
import pytest

import metafast as mf
from metafast.selection import PAPER_FAMILY
from metafast.selection.family_options import FamilyOptions
from metafast.selection.graph_arrays import GraphArrays


@pytest.fixture(scope="module")
def families(database, latents, curve):
    return mf.find_families(database, latents, curve, 3, options=PAPER_FAMILY, terminals=10)


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


def test_cells_that_are_left_are_joined_again_where_no_path_is_left(database, latents, curve):
    """Each cell has one neighbour, so that a family takes the others' ways with it."""
    found = mf.find_families(
        database, latents, curve, 3, options=PAPER_FAMILY, neighbors=1, terminals=10
    )
    rows = np.concatenate([family.rows for family in found])
    assert len(np.unique(rows)) == len(rows)
    for family in found:
        assert (np.diff(family.parameter) >= 0).all()
        assert np.ptp(family.parameter) > 0.5 * np.ptp(curve.parameter)


def test_options_are_checked_and_those_of_the_paper_are_named():
    assert (PAPER_FAMILY.neighbors, PAPER_FAMILY.terminals, PAPER_FAMILY.power) == (5, 50, 1.0)
    for name, value in (("terminals", 0), ("tolerance", 0.0), ("power", -1.0)):
        with pytest.raises(ValueError, match=f"{name} is"):
            mf.FamilyOptions(**{name: value})


def test_progress_reaches_the_end(database, latents, curve):
    told = {}
    mf.find_families(
        database,
        latents,
        curve,
        2,
        progress=lambda what, done, total, note="": told.update({what: (done, total)}),
    )
    assert told.keys() == {"joining cells", "finding families"}
    assert told["finding families"] == (2, 2)
    assert told["joining cells"][0] == told["joining cells"][1] > 500


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
    with pytest.raises(ValueError, match="neighbors is 0"):
        mf.find_families(database, latents, curve, neighbors=0)
    with pytest.raises(TypeError, match="neighbours"):
        mf.find_families(database, latents, curve, neighbours=5)


def test_a_path_holds_both_ends(database, latents, curve):
    """With one cell at each end, the first rank and the last are on the path."""
    options = FamilyOptions(neighbors=40, terminals=1)
    arrays = GraphArrays.of_database(
        database.subset(slice(0, 20_000)), latents[:20_000], curve, options
    )
    path = arrays.shortest_path()
    assert path is not None
    assert path[[0, -1]].tolist() == [0, len(arrays.rows) - 1]
    assert (np.diff(path) > 0).all()
