"""Arrows on a latent space that is known, walks with recomputed properties."""

import numpy as np
import pytest
from reference.cells import one_piece

import metafast as mf
from metafast.generative.latent import PROPERTIES, SimilarCells, principal_map


@pytest.fixture
def linear():
    """Properties that grow along known directions of a Gaussian latent space."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((4000, 16))
    ways = np.linalg.qr(rng.standard_normal((16, 4)))[0].T
    c11, c22 = np.exp(0.5 * z @ ways[0] - 1), np.exp(0.5 * z @ ways[2] - 1)
    c12 = 0.3 * np.tanh(z @ ways[1]) * np.sqrt(c11 * c22)
    return z, np.stack([c11, c12, c22, np.exp(0.3 * z @ ways[3] - 2)], 1), ways


def test_arrows_point_where_the_property_grows(linear):
    z, properties, ways = linear
    for k, name in enumerate(PROPERTIES):
        arrow = mf.latent.property_arrow(z, properties, name)
        assert np.linalg.norm(arrow) == pytest.approx(1.0)
        if name != "C12":
            assert arrow @ ways[k] > 0.98
    difference = (ways[2] - ways[0]) / np.sqrt(2)
    assert mf.latent.property_arrow(z, properties, "anisotropy") @ difference > 0.98


@pytest.mark.parametrize(("n", "count"), [(20, 6), (21, 7)])
def test_arrows_join_the_means_of_three_tenths(n, count):
    """Six of twenty cells at either end, and no other cell, as section 4.1 has it.

    Of 21 cells the seventh from either end is the quantile itself, and counts.
    """
    rng = np.random.default_rng(3)
    z, c33 = rng.standard_normal((n, 16)), rng.permutation(np.linspace(0.1, 1.0, n))
    properties = np.stack([np.ones(n), 0 * c33, np.ones(n), c33], 1)
    order = np.argsort(c33)
    difference = z[order[-count:]].mean(axis=0) - z[order[:count]].mean(axis=0)
    arrow = mf.latent.property_arrow(z, properties, "C33")
    np.testing.assert_allclose(arrow, difference / np.linalg.norm(difference), atol=1e-12)


def test_anisotropic_cells_have_more_than_twice_the_stiffness():
    """Cells with ratios of 1.9 and of 1.2 do not count, those with 2.1 do (section 4.1)."""
    ratios = np.array([1 / 9, 1 / 2.1, 1 / 1.9, 1 / 1.2, 1.0, 1.2, 1.9, 2.1, 9])
    z = np.random.default_rng(4).standard_normal((9, 16))
    properties = np.stack([0.1 + 0 * ratios, 0 * ratios, 0.1 * ratios, 0.1 + 0 * ratios], 1)
    difference = z[[7, 8]].mean(axis=0) - z[[0, 1]].mean(axis=0)
    arrow = mf.latent.property_arrow(z, properties, "anisotropy")
    np.testing.assert_allclose(arrow, difference / np.linalg.norm(difference), atol=1e-12)


def test_local_arrows_follow_the_cells_around_a_point(linear):
    """A property that rises along one direction on one side, along another on the other."""
    z, properties, ways = linear
    side = z @ ways[1] > 0
    bent = properties.copy()
    bent[:, 3] = 1.0 + 0.1 * np.where(side, z @ ways[3], z @ ways[0])
    for sign, way in ((3.0, ways[3]), (-3.0, ways[0])):
        arrow = mf.latent.property_arrow(
            z, bent, "C33", method="slope", near=sign * ways[1], cells=300
        )
        assert arrow @ way > 0.99
        assert mf.latent.property_arrow(z, bent, "C33", method="slope") @ way < 0.9
    # those cells and no others
    near = np.argsort(((z - z[5]) ** 2).sum(axis=1))[:50]
    np.testing.assert_allclose(
        mf.latent.property_arrow(z, bent, "C11", near=z[5], cells=50),
        mf.latent.property_arrow(z[near], bent[near], "C11"),
    )
    everything = mf.latent.property_arrow(z, bent, "C11", near=z[5], cells=10**6)
    np.testing.assert_allclose(everything, mf.latent.property_arrow(z, bent, "C11"))


def test_cells_are_high_and_low_by_the_papers_shares(linear):
    """Section 4.1: the highest and the lowest 30 %, or twice as stiff along one axis."""
    z, properties, _ = linear
    high, low = mf.latent.high_and_low(properties, "C22")
    assert high.sum() == low.sum() == 0.3 * len(z)
    assert properties[high, 2].min() > properties[low, 2].max()
    rank = np.argsort(properties[:, 2])
    assert {*np.flatnonzero(low)} == {*rank[:1200]}
    arrow = z[rank[-1200:]].mean(axis=0) - z[rank[:1200]].mean(axis=0)
    made = mf.latent.property_arrow(z, properties, "C22")
    np.testing.assert_allclose(made, arrow / np.linalg.norm(arrow), atol=1e-12)
    high, low = mf.latent.high_and_low(properties, "anisotropy")
    np.testing.assert_array_equal(high, properties[:, 2] > 2 * properties[:, 0])
    np.testing.assert_array_equal(low, properties[:, 0] > 2 * properties[:, 2])
    with pytest.raises(ValueError, match="name"):
        mf.latent.high_and_low(properties, "C44")


def test_arrows_turn_when_directions_are_exchanged(linear):
    z, properties, _ = linear
    turned = properties[:, [2, 1, 0, 3]]
    arrow = mf.latent.property_arrow(z, properties, "anisotropy")
    np.testing.assert_allclose(
        mf.latent.property_arrow(z, turned, "anisotropy"), -arrow, atol=1e-12
    )
    np.testing.assert_allclose(
        mf.latent.property_arrow(z, turned, "C11"), mf.latent.property_arrow(z, properties, "C22")
    )


def test_slopes_do_not_follow_what_goes_along(linear):
    """Latents that go together pull the arrow of the means aside, not the slope."""
    z, properties, ways = linear
    pulled = z + 0.8 * (z @ ways[0])[:, None] * ways[3]
    # C11 grows with ways[0] alone; of pulled points that is a covector
    way = np.linalg.solve(np.eye(16) + 0.8 * np.outer(ways[0], ways[3]), ways[0])
    way /= np.linalg.norm(way)
    means, slope = (
        mf.latent.property_arrow(pulled, properties, "C11", method=method)
        for method in ("means", "slope")
    )
    assert slope @ way > 0.98
    assert means @ way < 0.9
    # of a property that is linear, the slope is exact; of anisotropy it turns with the axes
    plain = properties.copy()
    plain[:, 3] = 1.0 + 0.1 * z @ ways[3]
    arrow = mf.latent.property_arrow(z, plain, "C33", method="slope")
    np.testing.assert_allclose(arrow, ways[3], atol=1e-12)
    both = [
        mf.latent.property_arrow(z, p, "anisotropy", method="slope")
        for p in (properties, properties[:, [2, 1, 0, 3]])
    ]
    np.testing.assert_allclose(both[0], -both[1], atol=1e-12)
    np.testing.assert_allclose(both[0], (ways[2] - ways[0]) / np.sqrt(2), atol=1e-12)


def test_slopes_need_no_cells_that_are_called_anisotropic(linear):
    z, properties, ways = linear
    near = properties * [1.0, 0.5, 1.0, 1.0]
    near[:, 2] = near[:, 0] * (near[:, 2] / near[:, 0]) ** 0.1  # no ratio above 2
    with pytest.raises(ValueError, match="no cells high or no cells low in anisotropy"):
        mf.latent.property_arrow(z, near, "anisotropy")
    arrow = mf.latent.property_arrow(z, near, "anisotropy", method="slope")
    assert arrow @ (ways[2] - ways[0]) / np.sqrt(2) > 0.98


def test_poisson_is_of_stress_along_1(linear):
    z, properties, _ = linear
    arrow = mf.latent.property_arrow(z, properties, "poisson")
    ratio = properties[:, 1] / properties[:, 2]
    assert np.corrcoef(z @ arrow, ratio)[0, 1] > 0.7


def test_walks_are_homogenized(trained, grown):
    vae = trained.vae
    start = vae.encode(grown.take([7]))[0]
    way = np.eye(16)[3]
    walk = mf.latent.traverse(vae, start, way, 2.0, 5)
    np.testing.assert_allclose(walk.z, start + np.linspace(0, 2, 5)[:, None] * way)
    stiffness = mf.homogenize(walk.cells, vae.phases)
    np.testing.assert_allclose(walk.properties[:, 2], stiffness[:, 1, 1], atol=1e-12)
    line = mf.latent.interpolate(vae, start, start + 2 * way, 5)
    assert (line.cells == walk.cells).all()


def test_samples_are_repeatable_and_judged(trained):
    vae = trained.vae
    made = mf.latent.sample(vae, 30, seed=4)
    assert (made.cells == mf.latent.sample(vae, 30, seed=4).cells).all()
    assert made.cells.shape == (30, 50, 50)
    for cell, whole in zip(made.cells, made.connected, strict=True):
        assert whole == one_piece(cell)


def test_similar_cells_are_the_nearest():
    z = np.random.default_rng(1).standard_normal((500, 16))
    rows, distance = SimilarCells(z).nearest(z[:4] + 0.01, 3)
    assert rows[:, 0].tolist() == [0, 1, 2, 3]
    everything = np.linalg.norm(z[None] - (z[:4] + 0.01)[:, None], axis=2)
    np.testing.assert_allclose(distance, np.sort(everything, axis=1)[:, :3])


def test_more_similar_cells_than_there_are():
    with pytest.raises(ValueError, match="k is 9 but there are 5 cells"):
        SimilarCells(np.zeros((5, 16))).nearest(np.zeros(16), 9)


def test_map_keeps_what_varies_most():
    rng = np.random.default_rng(2)
    z = rng.standard_normal((300, 16)) * np.r_[5, 3, np.full(14, 0.1)]
    points = principal_map(z)
    assert abs(np.corrcoef(points[:, 0], z[:, 0])[0, 1]) > 0.99
    assert abs(np.corrcoef(points[:, 1], z[:, 1])[0, 1]) > 0.99


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda z, p, v: mf.latent.property_arrow(z, p, "colour"), "name is 'colour'"),
        (lambda z, p, v: mf.latent.property_arrow(z[1:], p, "C11"), "rows of properties"),
        (lambda z, p, v: mf.latent.property_arrow(0 * z, p, "C11"), "same mean"),
        (
            lambda z, p, v: mf.latent.property_arrow(z, p, "C11", method="best"),
            "method is 'best'; use one of 'means', 'slope'",
        ),
        (
            lambda z, p, v: mf.latent.property_arrow(z, p, "C11", near=z[0, :3]),
            r"near has shape \(3,\); \(16,\) is needed",
        ),
        (lambda z, p, v: mf.latent.property_arrow(z, p, "C11", near=z[0], cells=0), "cells is 0"),
        (lambda z, p, v: mf.latent.traverse(v, z[0, :3], z[0], 1.0, 3), r"start has shape \(3,\)"),
        (lambda z, p, v: mf.latent.interpolate(v, z[0], z[1], 0), "steps is 0"),
        (lambda z, p, v: mf.latent.sample(v, 0), "count is 0"),
        (lambda z, p, v: mf.latent.sample(v, 1, seed=-1), "seed is -1"),
    ],
)
def test_bad_input_is_named(linear, trained, call, message):
    z, properties, _ = linear
    with pytest.raises(ValueError, match=message):
        call(z, properties, trained.vae)
