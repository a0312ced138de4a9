"""Reading of a walk: the cheapest by brute force, whole cells, properties that rise."""

import itertools

import numpy as np
import pytest
from reference.cells import one_piece

import metafast as mf
from metafast.generative.rising import cheapest_walk


def cost(walk, whole, joined, value):
    """The cost of a walk as the module says it."""
    points = range(len(walk))
    pieces = sum(not whole[r, k] for r, k in zip(walk, points, strict=True))
    bars = sum(joined[r, k] for r, k in zip(walk, points, strict=True))
    seen = [value[r, k] for r, k in zip(walk, points, strict=True)]
    falls = sum(b < a - 1e-6 for a, b in itertools.pairwise(seen))
    changes = sum(abs(a - b) for a, b in itertools.pairwise(walk))
    return 1000 * pieces + 100 * falls + bars + 0.1 * changes


@pytest.mark.parametrize("seed", range(20))
def test_no_other_reading_costs_less(seed):
    rng = np.random.default_rng(seed)
    whole, joined = rng.random((2, 3, 5)) < [[[0.7]], [[0.3]]]
    value = rng.random((3, 5))
    every = [cost(w, whole, joined, value) for w in itertools.product(range(3), repeat=5)]
    found = cheapest_walk(whole, joined, value)
    assert cost(found.tolist(), whole, joined, value) == pytest.approx(min(every))


def test_one_threshold_serves_all_cells_where_it_can():
    value = np.tile(np.linspace(0, 1, 6), (4, 1))
    whole, joined = np.ones((4, 6), bool), np.zeros((4, 6), bool)
    joined[:3, 2] = True
    assert cheapest_walk(whole, joined, value).tolist() == [3] * 6
    value[3, 4] = value[3, 3] - 1e-3  # a fall at the lowest threshold
    assert cheapest_walk(whole, joined, value).tolist() != [3] * 6


def test_walks_that_rise_stay_on_the_line_and_are_homogenized(trained, grown):
    vae = trained.vae
    z = vae.encode(grown.take(slice(0, 400)))
    way = mf.latent.property_arrow(z, grown.properties[:400], "C11")
    for length in (3.0, -3.0):
        walk = mf.latent.traverse(vae, z[7], way, length, 5, rising="C11")
        np.testing.assert_allclose(walk.z, z[7] + np.linspace(0, length, 5)[:, None] * way)
        stiffness = mf.homogenize(walk.cells, vae.phases)
        np.testing.assert_allclose(walk.properties[:, 0], stiffness[:, 0, 0], atol=1e-12)
        for cell, held in zip(walk.cells, walk.connected, strict=True):
            assert held == one_piece(cell)
        plain = mf.latent.traverse(vae, z[7], way, length, 5, join=True)
        assert walk.connected.sum() >= plain.connected.sum()
    with pytest.raises(ValueError, match="name is 'colour'"):
        mf.latent.traverse(vae, z[7], way, 3.0, 5, rising="colour")
