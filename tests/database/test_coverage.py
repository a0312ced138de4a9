"""Figures of a cloud against brute force and closed forms."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

import metafast as mf
from metafast.database import coverage, soft_coverage
from metafast.database.coverage import hull_volume, neighbour_distances
from metafast.database.growing.targets import reachable_targets
from metafast.plotting import plot_property_cloud


def cloud_of(n, seed=0):
    return reachable_targets(n, mf.Material(), np.random.default_rng(seed))


def test_coverage_against_brute_force():
    own, other = cloud_of(300), cloud_of(200, 1)
    for columns in (3, 4):
        gap = cdist(other[:, :columns], own[:, :columns]).min(axis=1)
        shares = coverage(own, other[:, :columns], (0.1, 0.2))
        assert shares == [(gap <= 0.1).mean(), (gap <= 0.2).mean()]
    gap = cdist(np.log10(other[:, [0, 2]]), np.log10(own[:, [0, 2]])).min(axis=1)
    assert soft_coverage(own, other, 0.05) == (gap <= 0.05).mean()
    assert soft_coverage(own, [[0.0, 0.0, 0.3]]) == 0.0, "no cell is near one without stiffness"


def test_density_and_hull():
    own = cloud_of(300)
    gap = cdist(own, own) + np.diag(np.full(300, np.inf))
    np.testing.assert_allclose(neighbour_distances(own), gap.min(axis=1))
    box = np.array(np.meshgrid([0.5, 0.7], [0.1, 0.2], [0.6, 1.0])).reshape(3, -1).T
    with_shear = np.c_[box, np.full(8, 0.2)]
    assert hull_volume(with_shear) == pytest.approx(0.2 * 0.1 * 0.4)
    assert hull_volume(with_shear[:3]) == 0.0


def test_targets_are_between_nothing_and_the_solid():
    solid = mf.Material().stiffness
    for c11, c12, c22, c33 in cloud_of(300):
        c = np.array([[c11, c12, 0], [c12, c22, 0], [0, 0, c33]])
        assert np.linalg.eigvalsh(c)[0] > 0
        assert np.linalg.eigvalsh(solid - c)[0] > -1e-12
    cloud = cloud_of(2000)
    assert 0.05 < (cloud[:, 1] < 0).mean() < 0.95, "C12 of both signs"
    assert abs((cloud[:, 0] - cloud[:, 2]).mean()) < 0.03, "no direction is preferred"


def test_the_picture_tells_the_share():
    own = cloud_of(400)
    made = plot_property_cloud(own, own[:50, :3])
    assert "100.00% of 50 published points" in made.get_suptitle()
    labels = [axes.get_ylabel() for axes in made.axes]
    assert labels == ["$C_{12}/E$", "$C_{22}/E$", "$C_{33}/E$"]
    with pytest.raises(ValueError, match=r"cloud has shape \(2, 2\)"):
        plot_property_cloud(own, np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"cloud\[1\]"):
        coverage(own, [[1, 0, 1], [np.nan, 0, 1]])
