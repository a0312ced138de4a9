"""Errors of target displacements: weights, several cases, the worst of them, derivatives."""

import numpy as np
import pytest

from metafast.problems.target_error import TargetError

RNG = np.random.default_rng(0)
TARGET, ERROR = RNG.standard_normal(12), 0.1 * RNG.standard_normal(12)
WEIGHTS = RNG.uniform(0.5, 3.0, 12)
CASE = np.repeat([0, 1, 2], [3, 5, 4])
KINDS = {
    "plain": TargetError(TARGET),
    "weighted": TargetError(TARGET, WEIGHTS),
    "cases": TargetError(TARGET, WEIGHTS, CASE, cases=3),
    "worst": TargetError(TARGET, WEIGHTS, CASE, cases=3, worst=True),
}


def plain(weights, part=slice(None)):
    """The definition."""
    w, r, t = weights[part], ERROR[part], TARGET[part]
    return np.sqrt((w * r**2).sum() / (w * t**2).sum())


def test_the_error_is_its_definition():
    assert KINDS["plain"].relative(ERROR) == pytest.approx(plain(np.ones(12)), rel=1e-14)
    assert KINDS["weighted"].relative(ERROR) == pytest.approx(plain(WEIGHTS), rel=1e-14)
    each = [plain(WEIGHTS, k == CASE) for k in range(3)]
    np.testing.assert_allclose(KINDS["cases"].by_case(ERROR), each, rtol=1e-14)
    np.testing.assert_allclose(KINDS["worst"].by_case(ERROR), each, rtol=1e-14)
    assert KINDS["cases"].relative(ERROR) == pytest.approx(plain(WEIGHTS), rel=1e-14)
    assert KINDS["worst"].relative(ERROR) == pytest.approx(max(each), rel=1e-14)


def test_the_objective_is_the_sum_of_squares():
    assert KINDS["plain"].norm2 == pytest.approx(TARGET @ TARGET)
    assert KINDS["plain"].objective(ERROR)[0] == pytest.approx(ERROR @ ERROR)
    assert KINDS["weighted"].objective(ERROR)[0] == pytest.approx(WEIGHTS @ ERROR**2)


def test_small_targets_count_as_they_are_and_zeros_have_errors_of_their_own():
    target = np.array([1e-3, 2e-3, 0.0, 0.0])
    measure = TargetError(target, None, np.array([0, 0, 1, 1]), cases=2)
    found = measure.by_case(np.array([1e-3, 0.0, 3.0, 4.0]))
    np.testing.assert_allclose(found, [1 / np.sqrt(5), 5.0])


@pytest.mark.parametrize("measure", KINDS.values(), ids=KINDS)
def test_the_error_of_two_meshes_is_over_both(measure):
    both = np.stack([ERROR, 2.0 * ERROR])
    assert measure.relative(both) == pytest.approx(np.sqrt(2.5) * measure.relative(ERROR))


@pytest.mark.parametrize("measure", KINDS.values(), ids=KINDS)
def test_derivatives_of_the_objective(measure):
    value, slope = measure.objective(ERROR)
    for k, step in enumerate(1e-6 * np.eye(12)):
        high, low = (measure.objective(ERROR + sign * step)[0] for sign in (1, -1))
        assert slope[k] == pytest.approx((high - low) / 2e-6, rel=1e-6, abs=1e-9)
    root = np.sqrt(value / measure.norm2)
    assert root <= measure.relative(ERROR) * (1 + 1e-14)
    assert root >= measure.relative(ERROR) / 3 ** (1 / 16) * (1 - 1e-14)


@pytest.mark.parametrize("measure", KINDS.values(), ids=KINDS)
def test_squares_after_the_factor_have_the_gradient_of_the_objective(measure):
    factor = measure.factor(ERROR)
    slope = measure.objective(ERROR)[1]  # cases that hardly count have a little more emphasis
    np.testing.assert_allclose(2 * factor**2 * ERROR, slope, atol=1e-3 * abs(slope).max())


def test_the_worst_case_has_most_of_the_emphasis_and_none_is_forgotten():
    error = np.where(CASE == 1, 10.0, 1.0) * ERROR
    factor = KINDS["worst"].factor(error) / np.sqrt(WEIGHTS)
    assert factor[CASE == 1].min() > 10 * factor[CASE != 1].max() > 0.0


def test_equal_errors_count_alike_and_none_is_no_fault():
    same = TargetError(np.ones(4), None, np.array([0, 0, 1, 1]), cases=2, worst=True)
    value, slope = same.objective(np.full(4, 0.1))
    assert np.sqrt(value / same.norm2) == pytest.approx(0.1)
    np.testing.assert_allclose(slope, slope[0])
    assert same.objective(np.zeros(4))[0] == 0.0
    assert np.isfinite(same.objective(np.zeros(4))[1]).all()
