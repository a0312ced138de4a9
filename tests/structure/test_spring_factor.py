"""Springs beside a factor, against dense matrices: solutions, inertia, directions."""

import numpy as np
import pytest

from metafast.structure.spring_factor import SpringFactor


class Dense:
    """A factor of a dense symmetric matrix; absolute takes eigenvalues as positive."""

    def __init__(self, matrix):
        self.values, self.vectors = np.linalg.eigh(matrix)
        self.size, self.memory = len(matrix), matrix.nbytes
        self.negative = int((self.values < 0.0).sum())

    def solve(self, rhs, *, absolute=False):
        values = np.abs(self.values) if absolute else self.values
        return self.vectors @ ((self.vectors.T @ rhs).T / values).T


def example(seed, negative, springs, anchors=0, size=12):
    """A matrix with some negative eigenvalues, spring columns and stiffnesses."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.standard_normal((size, size)))[0]
    values = rng.uniform(0.5, 2.0, size) * np.where(np.arange(size) < negative, -0.1, 1.0)
    matrix = basis @ np.diag(values) @ basis.T
    columns = rng.standard_normal((size, springs + anchors))
    stiffness = np.r_[rng.uniform(0.01, 3.0, springs), np.full(anchors, -0.3)]
    return matrix, columns, stiffness, matrix + columns @ np.diag(stiffness) @ columns.T


@pytest.mark.parametrize("negative", [0, 1, 3])
@pytest.mark.parametrize(("springs", "anchors"), [(1, 0), (4, 0), (3, 3)])
@pytest.mark.parametrize("seed", range(5))
def test_dense(seed, negative, springs, anchors):
    matrix, columns, stiffness, whole = example(seed, negative, springs, anchors)
    factor = SpringFactor(Dense(matrix), columns, stiffness)
    rhs = np.random.default_rng(9).standard_normal((12, 2))
    np.testing.assert_allclose(factor.solve(rhs), np.linalg.solve(whole, rhs), atol=1e-9)
    count = int((np.linalg.eigvalsh(whole) < 0.0).sum())
    assert factor.negative == count
    downhill = factor.solve(rhs[:, 0], absolute=True)
    assert rhs[:, 0] @ downhill > 0.0
    if not count:
        np.testing.assert_allclose(downhill, np.linalg.solve(whole, rhs[:, 0]), atol=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_the_softest_direction_has_the_lowest_curvature(seed):
    matrix, columns, stiffness, whole = example(seed, 2, 2)
    factor = SpringFactor(Dense(matrix), columns, stiffness)
    mode = factor.softest()
    assert np.abs(mode).max() == pytest.approx(1.0)
    lowest = np.linalg.eigvalsh(whole)[0]
    assert (mode @ whole @ mode) / (mode @ mode) == pytest.approx(lowest, rel=0.05)
    assert lowest < 0.0 or factor.negative == 0


def test_springs_that_make_a_body_stable_count():
    """A spring in the direction of the only negative eigenvalue."""
    matrix = np.diag([-0.5, 1.0, 2.0])
    factor = SpringFactor(Dense(matrix), np.eye(3)[:, :1], np.array([2.0]))
    assert factor.negative == 0
    np.testing.assert_allclose(factor.solve(np.ones(3), absolute=True), [1 / 1.5, 1.0, 0.5])
