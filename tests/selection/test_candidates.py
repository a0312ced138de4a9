"""Candidates: near, diverse and complete; targets outside are refused."""

import numpy as np
import pytest

import metafast as mf
from metafast.selection.candidates import best_of_clusters, principal_plane


@pytest.fixture(scope="module")
def database():
    return mf.CellDatabase.default()


@pytest.fixture(scope="module")
def latents(database):
    return mf.pixel_components(database)


@pytest.fixture(scope="module")
def targets(database):
    rows = np.random.default_rng(0).choice(len(database), 60, replace=False)
    return database.properties[rows] * [1.03, 1.0, 0.98, 1.02]


def deviation(database, targets, chosen):
    axes = database.coordinates()
    gap = axes.to_unit(database.properties[chosen]) - axes.to_unit(targets)[:, None]
    return np.abs(gap).max(-1)


def test_pool_equal_to_count_is_the_nearest_cells(database, latents, targets):
    chosen = mf.select_candidates(database, latents, targets, 10, pool=10)
    assert (chosen == database.nearest(targets, 10)[0]).all()


def test_clusters_keep_their_nearest_cell(database, latents, targets):
    chosen = mf.select_candidates(database, latents, targets, 10, pool=60)
    nearest, _ = database.nearest(targets, 60)
    assert (chosen[:, 0] == nearest[:, 0]).all()
    for row, pool in zip(chosen, nearest, strict=True):
        assert len(set(row)) == 10
        assert set(row) <= set(pool)
    found = deviation(database, targets, chosen)
    assert (np.diff(found, axis=1) >= -1e-12).all()


def test_the_plane_is_that_of_the_principal_components():
    """By singular values, up to signs; where the points lie does not matter."""
    points = 7.0 + np.random.default_rng(2).standard_normal((3, 30, 5)) * [1, 3, 2, 0.1, 0.5]
    for each, plane in zip(points, principal_plane(points), strict=True):
        left, size, _ = np.linalg.svd(each - each.mean(axis=0), full_matrices=False)
        expected = (left * size)[:, [1, 0]]
        signs = np.sign((plane * expected).sum(axis=0))
        np.testing.assert_allclose(plane * signs, expected, atol=1e-10)


def kmeans_by_hand(points, count):
    """Lloyd's iterations, one target and one cell at a time; columns of the chosen cells."""
    centres = [points[0]]
    while len(centres) < count:
        gap = [min(((p - c) ** 2).sum() for c in centres) for p in points]
        centres.append(points[int(np.argmax(gap))])
    for _ in range(12):
        label = [int(np.argmin([((p - c) ** 2).sum() for c in centres])) for p in points]
        for k in range(count):
            members = [p for p, own in zip(points, label, strict=True) if own == k]
            centres[k] = np.mean(members, axis=0) if members else centres[k]
    chosen = {label.index(k) for k in range(count) if k in label}
    spare = [column for column in range(len(points)) if column not in chosen]
    return sorted(chosen | set(spare[: count - len(chosen)]))


def test_clusters_are_those_of_kmeans():
    """Also where points coincide, so that clusters are empty and nearest cells take their place."""
    rng = np.random.default_rng(4)
    # the third case has a cluster that shrinks to one cell, and its centre must follow
    shrinking = np.random.default_rng(0).standard_normal((2000, 24, 2))[1718:1719]
    coinciding = rng.integers(0, 2, (6, 24, 2)) * 1.0
    for scattered in (rng.standard_normal((20, 24, 2)), coinciding, shrinking):
        found = best_of_clusters(scattered, 9)
        assert found.tolist() == [kmeans_by_hand(points, 9) for points in scattered]


def test_clusters_are_more_diverse_than_the_nearest(database, latents, targets):
    def diversity(chosen):
        pixels = database.take(chosen.ravel()).reshape(*chosen.shape, -1).astype(int)
        return np.abs(pixels[:, :, None] - pixels[:, None]).sum(-1).mean()

    near = mf.select_candidates(database, latents, targets, 10, pool=10)
    diverse = mf.select_candidates(database, latents, targets, 10, pool=60)
    assert diversity(diverse) > 1.05 * diversity(near)


def test_clusters_do_not_depend_on_the_axes_of_the_latent_space(database, latents, targets):
    """Latent variables of a model stand in no order; turning them must change nothing."""
    turn = np.linalg.qr(np.random.default_rng(1).standard_normal((16, 16)))[0]
    chosen = mf.select_candidates(database, latents, targets, 10)
    turned = mf.select_candidates(database, latents @ turn, targets, 10)
    assert (chosen == turned).mean() > 0.99  # rounding may move a cell on a border


def test_never_fewer_than_asked_even_where_all_shapes_are_alike(database, targets):
    alike = np.zeros((len(database), 3))
    chosen = mf.select_candidates(database, alike, targets, 10, pool=40)
    assert chosen.shape == (60, 10)
    assert all(len(set(row)) == 10 for row in chosen)
    nearest = database.nearest(targets, 10)[1]
    np.testing.assert_allclose(deviation(database, targets, chosen), nearest, atol=1e-12)


def test_without_an_encoder_the_nearest_cells_are_selected(database, targets):
    chosen = mf.select_candidates(database, None, targets, 10)
    assert (chosen == database.nearest(targets, 10).rows).all()
    with pytest.raises(ValueError, match="pool is 60 without an encoder"):
        mf.select_candidates(database, None, targets, 10, pool=60)


def test_targets_of_any_shape(database, latents, targets):
    flat = mf.select_candidates(database, latents, targets, 5)
    grid = mf.select_candidates(database, latents, targets.reshape(4, 15, 4), 5)
    assert (grid == flat.reshape(4, 15, 5)).all()
    assert (mf.select_candidates(database, latents, targets[0], 5) == flat[0]).all()
    errors = mf.property_errors(database, targets.reshape(4, 15, 4), grid)
    np.testing.assert_array_equal(
        errors.reshape(60, 5), mf.property_errors(database, targets, flat)
    )


def test_property_errors_are_those_of_equation_16(database, latents, targets):
    chosen = mf.select_candidates(database, latents, targets, 10)
    expected = deviation(database, targets, chosen)
    found = mf.property_errors(database, targets, chosen)
    np.testing.assert_allclose(found, expected, atol=1e-15)
    nearest, gap = database.nearest(targets, 4, coordinates="linear")
    linear = mf.property_errors(database, targets, nearest, coordinates="linear")
    np.testing.assert_allclose(linear, gap, atol=1e-12)
    plain = np.abs(database.properties[nearest] - targets[:, None]).max(axis=-1)
    found = mf.property_errors(database, targets, nearest, scaled=False)
    np.testing.assert_array_equal(found, plain)
    stiff = mf.CellDatabase(
        database.cells[:9], 70 * database.properties[:9], phases=mf.Phases(mf.Material(young=70.0))
    )
    found = mf.property_errors(stiff, 70 * targets[:1], np.arange(9)[None], scaled=False)
    expected = mf.property_errors(database, targets[:1], np.arange(9)[None], scaled=False)
    np.testing.assert_allclose(found, expected)
    with pytest.raises(ValueError, match="rows of the database"):
        mf.property_errors(database, targets, np.full((60, 1), len(database)))
    with pytest.raises(ValueError, match=r"targets \(60, 4\)"):
        mf.property_errors(database, targets, chosen[:5])


def test_only_eligible_cells(database, latents, targets):
    eligible = database.side_solid() >= 0.4
    chosen = mf.select_candidates(database, latents, targets, 5, eligible=eligible)
    assert eligible[chosen].all()


def test_pixel_components_are_orthogonal_and_sorted(database):
    z = mf.pixel_components(database, 6)
    assert z.shape == (len(database), 6)
    variance = z.var(axis=0)
    assert (np.diff(variance) < 0.05 * variance[0]).all()
    correlation = np.corrcoef(z.T) - np.eye(6)
    assert np.abs(correlation).max() < 0.1


def test_targets_outside_are_refused(database, latents):
    axes = database.coordinates()
    outside = axes.to_properties(np.array([[0.5, 0.5, 0.5, 0.5], [0.0, 0.9, 1.0, 1.0]]))
    with pytest.raises(ValueError, match=r"target 1 = .* lies outside the property space"):
        mf.select_candidates(database, latents, outside)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"encoder": np.zeros((3, 2))}, r"latents have shape \(3, 2\)"),
        ({"count": 0}, "count is 0"),
        ({"targets": [[np.nan] * 4]}, "not a stable orthotropic stiffness"),
        ({"targets": [[0.5, 0.1, 0.5]]}, r"targets have shape \(1, 3\)"),
        ({"eligible": np.ones(3, bool)}, r"eligible has shape \(3,\)"),
        ({"eligible": [7] * 100_000}, "booleans are needed"),
        ({"encoder": "abc"}, "latents holds no real numbers"),
        ({"pool": 5}, "pool is 5"),
        ({"coordinates": "polar"}, "coordinates is 'polar'"),
    ],
)
def test_bad_arguments_are_named(database, latents, targets, change, message):
    arguments = {"encoder": latents, "targets": targets, "count": 10} | change
    with pytest.raises(ValueError, match=message):
        mf.select_candidates(database, **arguments)


def test_too_few_eligible_cells_are_said(database, latents, targets):
    eligible = np.zeros(len(database), bool)
    eligible[:4] = True
    with pytest.raises(ValueError, match="10 candidates were asked for but 4 cells"):
        mf.select_candidates(database, latents, targets, 10, eligible=eligible)
