"""Simple shapes first: how long a boundary is and may be, and what growth makes of that."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

import metafast as mf
from metafast.cells.repair import Limits
from metafast.cells.symmetry import mirror
from metafast.database.growing.children import Children, Recipe, pack_quarters
from metafast.database.growing.population import Population
from metafast.database.growing.seeds import smoothed
from metafast.database.growing.simplicity import boundary_length, simple_length

SOLID = mf.Material()


def stripes(count, size=24):
    """A quarter with so many sides between solid and void in each row."""
    quarter = np.zeros((size, size), np.uint8)
    edges = np.linspace(0, size, count + 2).astype(int)
    for k in range(0, count + 1, 2):
        quarter[:, edges[k] : edges[k + 1]] = 1
    return quarter


def children(quarters, properties):
    quarters = np.array(quarters)
    return Children(np.arange(len(quarters)), pack_quarters(quarters), np.array(properties))


def population(size=24, target_size=1000, keep_simple=True):
    return Population(Recipe(mf.Phases(SOLID), size, Limits(), 1, keep_simple), target_size)


def test_boundary_of_the_lattice_is_four_times_that_of_a_quarter():
    quarters = (np.random.default_rng(0).random((20, 13, 13)) < 0.5).astype(np.uint8)
    length = boundary_length(quarters)
    for cell, expected in zip(mirror(quarters), length, strict=True):
        around = sum(
            int(cell[i, j] != cell[(i + 1) % 26, j]) + int(cell[i, j] != cell[i, (j + 1) % 26])
            for i in range(26)
            for j in range(26)
        )
        assert around == 4 * expected
    np.testing.assert_array_equal(boundary_length(quarters.transpose(0, 2, 1)), length)
    assert boundary_length(np.array([stripes(0), stripes(3)])).tolist() == [0, 3 * 24]


def test_soft_cells_may_be_more_intricate_whatever_the_unit_of_stress():
    c = np.array([[1.0, 0.2, 1.0, 0.3], [0.1, 0.02, 0.1, 0.03], [1.0, 0.02, 0.01, 0.03]])
    length = simple_length(c, SOLID, 25)
    assert length[0] < length[1]
    assert length[1] == pytest.approx(length[2]), "C11 and C22 count alike"
    np.testing.assert_allclose(simple_length(7e4 * c, mf.Material(7e4), 25), length)
    np.testing.assert_allclose(simple_length(c, SOLID, 50), 2 * length)


def test_an_intricate_cell_joins_only_where_there_is_no_other():
    c = [0.5, 0.1, 0.4, 0.1]
    far = [0.5, 0.1, 0.9, 0.1]
    grown = population()
    assert grown.add(children([stripes(9), stripes(7)], [c, c]), np.array([-1, -1])) == 2
    kept = np.unpackbits(grown.column("packed")[0], count=24 * 24).reshape(24, 24)
    assert (kept == stripes(7)).all(), "the simplest of two that are too intricate"
    near = [0.501, 0.101, 0.401, 0.14]
    assert grown.add(children([stripes(9)], [near]), np.array([-1])) == 0
    assert grown.add(children([stripes(1)], [near]), np.array([-1])) == 2, "simple ones always may"
    assert grown.add(children([stripes(9)], [far]), np.array([-1])) == 2
    free = population(keep_simple=False)
    assert free.add(children([stripes(9)], [c]), np.array([-1])) == 2
    assert free.add(children([stripes(7)], [near]), np.array([-1])) == 2


def test_near_is_nearer_when_most_cells_are_there():
    c, beside = [0.512, 0.1, 0.402, 0.1], [0.512, 0.1, 0.418, 0.1]
    for target_size, joined in ((1000, 0), (2, 2)):
        grown = population(target_size=target_size)
        grown.add(children([stripes(1)], [c]), np.array([-1]))
        assert grown.add(children([stripes(9)], [beside]), np.array([-1])) == joined


def test_grown_cells_are_simpler_and_reach_as_far():
    kwargs = {"seeds": 60, "iterations": 8, "seed": 3}
    simple = mf.build_database(5000, **kwargs)
    free = mf.build_database(5000, keep_simple=False, **kwargs)
    length = [boundary_length(d.cells[:, :25, :25]) for d in (simple, free)]
    assert length[0].mean() < 0.9 * length[1].mean()
    for span in (
        lambda d: np.ptp(d.properties, axis=0),
        lambda d: np.ptp(np.log(d.properties[:, 0])),
    ):
        assert (span(simple) > 0.9 * span(free)).all()


def test_rounding_is_a_gaussian_with_mirrored_sides():
    fields = np.random.default_rng(1).standard_normal((3, 25, 25))
    expected = gaussian_filter(fields, (0, 1.5, 1.5), mode="reflect", truncate=8.0)
    np.testing.assert_allclose(smoothed(fields, 1.5), expected, atol=5e-3)


def test_a_checkpoint_of_the_other_kind_is_refused(tmp_path):
    path = tmp_path / "state.npz"
    mf.build_database(150, seeds=10, iterations=2, checkpoint=path)
    with pytest.raises(ValueError, match="another keep_simple"):
        mf.build_database(150, seeds=10, iterations=2, checkpoint=path, keep_simple=False)
    with pytest.raises(ValueError, match="keep_simple is 'no'"):
        mf.build_database(150, keep_simple="no")
