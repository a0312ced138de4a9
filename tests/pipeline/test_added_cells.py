"""Cells that a design adds where the database misses its optimum."""

import numpy as np
import pytest

import metafast as mf
from metafast.homogenization import properties_of
from metafast.pipeline.added_cells import missed_targets, with_cells

BRIDGE = mf.problems.bridge(rows=2, cols=8)
OPEN = {"kinematics": "linear", "correction_rounds": 0, "swap_rounds": 0}


@pytest.fixture(scope="module")
def few():
    """Every twentieth of the embedded cells."""
    database = mf.CellDatabase.default()
    return database.subset(np.arange(0, len(database), 20))


@pytest.fixture(scope="module")
def plain(few):
    return mf.design(BRIDGE, few, **OPEN)


@pytest.fixture(scope="module")
def made(few):
    return mf.design(BRIDGE, few, inverse_above=0.02, **OPEN)


def deviation(made, database):
    """Mean deviation of the chosen cells from the optimum."""
    cells = made.assembly.cells[..., None]
    return mf.property_errors(database, made.field.properties, cells).mean()


def test_missed_targets_are_those_that_every_cell_is_far_from(few):
    rng = np.random.default_rng(0)
    targets = few.properties[rng.choice(len(few), 40)] * rng.uniform(0.9, 1.1, (40, 4))
    targets = np.concatenate([targets, targets[:7]])
    buildable = rng.random(len(few)) < 0.5
    axes = few.coordinates("log")
    cells = axes.to_unit(few.properties[buildable])
    far = [np.abs(cells - x).max(axis=1).min() > 0.03 for x in axes.to_unit(targets[:40])]
    assert 0 < sum(far) < 40
    missed = missed_targets(few, targets, buildable, 0.03, "log")
    np.testing.assert_array_equal(missed, targets[:40][far])


def test_cells_are_designed_and_come_nearer_than_those_of_the_database(few, plain, made):
    assert made.field.rrmse == plain.field.rrmse  # the first stage does not know of them yet
    assert len(plain.added_cells) == 0
    added = made.added_cells
    assert len(added) > 0
    assert (made.assembly.cells >= len(few)).any()
    everything = with_cells(few, added)
    np.testing.assert_array_equal(everything.properties[: len(few)], few.properties)
    np.testing.assert_allclose(
        everything.properties[len(few) :],
        properties_of(mf.homogenize(added, few.phases)),
        rtol=1e-12,
    )
    assert deviation(made, everything) < deviation(plain, few)
    blocks = made.pixels.reshape(2, 50, 8, 50).swapaxes(1, 2)
    chosen = everything.take(made.assembly.cells.ravel()).reshape(blocks.shape)
    np.testing.assert_array_equal(blocks, chosen)


def test_a_saved_design_brings_its_cells_along(few, made, tmp_path):
    again = mf.Design.load(made.save(tmp_path / "bridge"))
    np.testing.assert_array_equal(again.added_cells, made.added_cells)
    further = mf.design(BRIDGE, few, start=again, swap_rounds=1)
    assert further.errors.pixels <= made.errors.pixels
    np.testing.assert_array_equal(further.added_cells, made.added_cells)


def test_a_start_with_added_cells_needs_the_same_database(few, made):
    with pytest.raises(ValueError, match="are not those that the start was made of"):
        mf.design(BRIDGE, few.subset(np.arange(2000)), start=made)
    small = mf.CellDatabase(few.take(np.arange(40))[:, 13:37, 13:37], few.properties[:40])
    with pytest.raises(ValueError, match="are not those that the start was made of"):
        mf.design(BRIDGE, small, start=made, least_side_solid=0.0, least_stiffness=0.0)


def test_nothing_is_designed_where_the_database_is_near_enough(few, plain):
    near = mf.design(BRIDGE, few, inverse_above=0.5, **OPEN)
    assert len(near.added_cells) == 0
    np.testing.assert_array_equal(near.pixels, plain.pixels)


def test_cells_that_no_others_can_be_designed_from_are_refused_at_once(few):
    rng = np.random.default_rng(0)
    odd = mf.CellDatabase(rng.random((20, 50, 50)) < 0.8, few.properties[:20], phases=few.phases)
    with pytest.raises(ValueError, match="mirror-symmetric about both axes"):
        mf.design(BRIDGE, odd, inverse_above=0.1)
    rows = np.argsort(few.properties[:20, 0])
    cells, p = few.take(rows), few.properties[rows]
    gradation = mf.Gradation(p[:, 0], p, "these cells")
    family = mf.Family(gradation, p[:, 0], np.zeros((20, 1)), cells, p, np.full(20, -1))
    with pytest.raises(ValueError, match="a family was given"):
        mf.design(BRIDGE, family=family, inverse_above=0.1)
    with pytest.raises(ValueError, match="inverse_above"):
        mf.DesignOptions(inverse_above=-0.1)
