"""Candidates by inverse homogenization: homogenized, sorted, of different shapes, turned with C."""

import numpy as np
import pytest
from reference.extremes import extreme_targets

import metafast as mf
from metafast.homogenization import properties_of
from metafast.properties import swapped


@pytest.fixture(scope="module")
def database():
    return mf.CellDatabase.default().subset(slice(0, 20_000))


@pytest.fixture(scope="module")
def latents(database):
    return mf.pixel_components(database)


@pytest.fixture(scope="module")
def targets(database):
    return extreme_targets(database, 12)


@pytest.fixture(scope="module")
def found(database, latents, targets):
    return mf.inverse_candidates(database, latents, targets, 6)


def distance(properties, targets):
    """Frobenius norm of the deviation of C relative to that of the target."""
    weight = [1.0, 2.0, 1.0, 1.0]
    return np.sqrt(((properties - targets) ** 2 * weight).sum(-1) / (targets**2 * weight).sum(-1))


def test_targets_are_outside_and_possible(database, targets):
    space = mf.PropertySpace.from_properties(database.properties)
    assert (space.signed_distance(targets)[0] < 0).mean() > 0.8
    assert (database.nearest(targets)[1] > 0.04).all()
    solid = mf.Material().stiffness
    for c11, c12, c22, c33 in targets:
        c = np.array([[c11, c12, 0], [c12, c22, 0], [0, 0, c33]])
        assert np.linalg.eigvalsh(c).min() > 0
        assert np.linalg.eigvalsh(solid - c).min() > 0
    with pytest.raises(ValueError, match="of 100000 targets were found"):
        extreme_targets(database, 100_000)


def test_what_it_says_is_homogenized(found, targets):
    m, count, h, w = found.cells.shape
    assert (m, count, h, w) == (12, 6, 50, 50)
    true = properties_of(mf.homogenize(found.cells.reshape(-1, h, w))).reshape(m, count, 4)
    np.testing.assert_allclose(found.properties, true, atol=1e-12)
    np.testing.assert_allclose(found.error, distance(true, targets[:, None]), rtol=1e-9)
    assert (found.cells == found.cells[..., ::-1]).all()
    assert (found.cells == found.cells[:, :, ::-1]).all()


def test_sound_ones_first_then_by_error(found):
    assert (np.diff(found.sound.astype(int), axis=1) <= 0).all()
    for error, sound in zip(found.error, found.sound, strict=True):
        assert (np.diff(error[sound]) >= 0).all()
        assert (np.diff(error[~sound]) >= 0).all()


def test_they_are_nearer_than_what_they_started_from(found, database, targets):
    before = distance(database.properties[found.start], targets[:, None])
    assert np.median(found.error) < 0.7 * np.median(before)
    assert (found.error[:, 0] < before.min(axis=1)).all()


def test_better_and_more_diverse_than_a_uniform_guess(found, targets):
    """Grey everywhere, with noise of a hundredth: exact uniformity would stay uniform."""
    quarter = 0.5 + 0.01 * np.random.default_rng(0).standard_normal((72, 25, 25))
    half = np.concatenate([quarter, quarter[:, ::-1]], axis=1)
    uniform = np.concatenate([half, half[:, :, ::-1]], axis=2)
    plain = mf.inverse_homogenize(targets.repeat(6, axis=0), uniform)
    assert found.sound.mean() >= plain.sound.mean()
    assert np.median(found.error) < np.median(plain.error)

    def diversity(cells):
        flat = cells.reshape(12, 6, -1).astype(float)
        return np.abs(flat[:, :, None] - flat[:, None]).mean()

    assert diversity(found.cells) > diversity(plain.cells)


def test_turned_targets_give_turned_cells(database, latents, targets, found):
    """Swapping C11 and C22 must turn everything: the database, and what comes out."""
    cells = database.take(found.start[0])
    one, turned = (mf.CellDatabase(c) for c in (cells, cells.transpose(0, 2, 1)))
    first = mf.inverse_candidates(one, None, targets[:1], 6, iterations=20)
    second = mf.inverse_candidates(turned, None, swapped(targets[:1]), 6, iterations=20)
    np.testing.assert_allclose(second.error, first.error, rtol=1e-6)
    np.testing.assert_allclose(second.properties, swapped(first.properties), atol=1e-9)


def test_targets_of_any_shape(database, latents, targets):
    flat = mf.inverse_candidates(database, latents, targets[:2], 3, iterations=4)
    grid = mf.inverse_candidates(database, latents, targets[:2].reshape(2, 1, 4), 3, iterations=4)
    assert grid.cells.shape == (2, 1, 3, 50, 50)
    assert (grid.cells[:, 0] == flat.cells).all()
    assert (grid.start[:, 0] == flat.start).all()
    assert (grid.properties[:, 0] == flat.properties).all()


def test_bad_arguments_are_named(database, latents):
    lopsided = np.zeros((12, 20, 20))
    lopsided[:, :, :7] = 1
    lopsided[:, :3] = 1
    with pytest.raises(ValueError, match="without mirror symmetry"):
        mf.inverse_candidates(mf.CellDatabase(lopsided), None, [[0.3, 0.1, 0.3, 0.1]])
    with pytest.raises(ValueError, match="not a stable orthotropic stiffness"):
        mf.inverse_candidates(database, latents, [[0.3, 0.9, 0.3, 0.1]])
