"""Several load cases of one body: copies side by side, their errors, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from reference.load_cases import squeezed_and_pressed

import metafast as mf
from metafast.problems import CellKind, case_of
from metafast.problems.symmetry import Repetition, repetition_of, symmetry_of

ONE, OTHER = squeezed_and_pressed()
BOTH = mf.load_cases("both", [ONE, OTHER])
ARRAYS = ("prescribed", "target", "forces", "springs", "tractions", "body", "given")


def displacement(problem, seed=0):
    return np.random.default_rng(seed).standard_normal(problem.target.shape)


@pytest.mark.parametrize("number", [0, 1])
def test_each_case_comes_back(number):
    own, back = (ONE, OTHER)[number], case_of(BOTH, number)
    assert back.name == own.name
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(back, name), getattr(own, name))
    u = displacement(BOTH)
    part = u[:, number * 5 : number * 5 + 5]
    assert back.rrmse(part) == pytest.approx(own.rrmse(part), rel=1e-12)


def test_loads_and_holes_come_back_too():
    bar = mf.read_problem("l_bracket").problem
    forces, springs = np.zeros_like(bar.target), np.zeros_like(bar.target)
    tractions = np.zeros((*bar.kinds.shape, 4, 2))
    r, c = np.argwhere(np.isnan(bar.prescribed[..., 0]) & bar.nodes)[0]
    forces[r, c, 0], springs[r, c, 0], tractions[-1, -1, 1, 0] = 0.1, 0.2, 0.3
    pulled = replace(bar, name="pulled", forces=forces, springs=springs, tractions=tractions)
    whole = mf.load_cases("three", [bar, pulled, replace(bar, name="again")])
    assert whole.copies == 3
    assert whole.present.sum() == 3 * bar.present.sum()
    for number, own in enumerate((bar, pulled, bar)):
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(case_of(whole, number), name), getattr(own, name))


@pytest.mark.parametrize("weights", [None, (1.0, 3.0)])
def test_the_error_is_the_weighted_mean_of_the_cases_squares(weights):
    both = mf.load_cases("both", [ONE, OTHER], weights=weights)
    u = displacement(both)
    each = [ONE.rrmse(u[:, :5]), OTHER.rrmse(u[:, 5:])]
    assert list(both.rrmse_by_case(u).items()) == [
        ("squeezed", pytest.approx(each[0])),
        ("pressed", pytest.approx(each[1])),
    ]
    shares = np.ones(2) if weights is None else np.array(weights)
    mean = np.sqrt((shares * np.square(each)).sum() / shares.sum())
    assert both.rrmse(u) == pytest.approx(mean, rel=1e-12)
    worst = mf.load_cases("both", [ONE, OTHER], worst=True)
    assert worst.rrmse(u) == pytest.approx(max(each), rel=1e-12)


def test_weights_of_targets_count_within_a_case():
    weights = np.where(np.arange(5)[:, None] > 2, 4.0, 1.0) * np.ones((4, 5, 2))
    heavy = replace(ONE, weights=weights)
    u = displacement(ONE)
    error, w = (u - ONE.target)[0, :, 1], weights[0, :, 1]
    expected = np.sqrt((w * error**2).sum() / (w * ONE.target[0, :, 1] ** 2).sum())
    assert heavy.rrmse(u) == pytest.approx(expected, rel=1e-12)
    both = mf.load_cases("both", [heavy, OTHER])
    u = displacement(both)
    assert both.rrmse_by_case(u)["squeezed"] == pytest.approx(heavy.rrmse(u[:, :5]))
    assert replace(ONE, weights=np.ones((4, 5, 2))).weights is None


def test_pixels_of_one_body_and_of_its_copies():
    pixels = np.random.default_rng(0).integers(0, 2, (3 * 5, 4 * 5))
    whole = BOTH.side_by_side(pixels)
    assert whole.shape == (15, 45)
    assert not whole[:, 20:25].any()
    np.testing.assert_array_equal(whole[:, 25:], pixels)
    np.testing.assert_array_equal(BOTH.one_body(whole), pixels)
    np.testing.assert_array_equal(BOTH.side_by_side(whole), whole)
    np.testing.assert_array_equal(ONE.one_body(pixels), ONE.side_by_side(pixels))


def test_copies_are_a_symmetry():
    copies = repetition_of(mf.load_cases("three", [ONE, OTHER, replace(ONE, name="again")]))
    assert copies == Repetition(False, False, 3, 5)
    shape = (3, 14)
    places = np.arange(42).reshape(shape)
    own = copies.fundamental(shape)
    np.testing.assert_array_equal(np.flatnonzero(own[0]), np.arange(5))
    images = {tuple(place): copies.images(*place, shape) for place in np.argwhere(own)}
    assert images[1, 2] == {(1, 2), (1, 7), (1, 12)}
    values = np.random.default_rng(0).integers(0, 9, (*shape, 2))
    spread, sums, every = copies.spread(values), copies.sums(values), copies.everywhere(values > 2)
    for place, same in images.items():
        inside = [each for each in same if each[1] < 14]
        for each in inside:
            np.testing.assert_array_equal(spread[each], values[place])
            if place[1] < 4:
                np.testing.assert_array_equal(sums[each], sum(values[one] for one in inside))
                np.testing.assert_array_equal(
                    every[each], np.all([values[one] > 2 for one in inside], axis=0)
                )
    assert copies.holds(spread)
    assert not copies.holds(places)
    pixels = spread[..., 0].repeat(3, axis=0).repeat(3, axis=1)
    np.testing.assert_array_equal(copies.spread(pixels), pixels)
    np.testing.assert_array_equal(
        copies.judged(np.array([[1, 2, 7]])), [[1, 2, 7], [1, 7, 7], [1, 12, 7]]
    )


def test_no_mirror_is_looked_for_and_a_single_case_has_no_copies():
    bridge = mf.problems.bridge(2, 6)
    two = mf.load_cases("two", [bridge, replace(bridge, name="same")])
    assert not symmetry_of(two)
    assert symmetry_of(bridge)
    assert not repetition_of(bridge)
    assert case_of(bridge, 0) is bridge


@pytest.mark.parametrize(
    ("cases", "options", "message"),
    [
        (ONE, {}, "cases is Problem.*; a list of problems is needed"),
        ([ONE], {}, "has 1 load cases; two or more"),
        ([ONE, "other"], {}, "a load case is str; a Problem with a single one"),
        ([ONE, BOTH], {}, "a load case is one of several cases"),
        ([ONE, ONE], {}, "named .*; use different names"),
        ([ONE, mf.problems.bridge()], {}, "has other cells than 'squeezed'"),
        ([ONE, OTHER], {"weights": [1.0]}, "2 positive numbers are needed"),
        ([ONE, OTHER], {"weights": [1.0, 0.0]}, "2 positive numbers are needed"),
        ([ONE, OTHER], {"weights": [1.0, 2.0], "worst": True}, "the worst case has no weights"),
    ],
)
def test_wrong_cases_are_refused(cases, options, message):
    with pytest.raises(ValueError, match=message):
        mf.load_cases("both", cases, **options)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weights": np.ones(3)}, "weights have shape"),
        ({"weights": np.zeros((4, 5, 2))}, "the weight of a target is a positive number"),
        ({"cases": "ab"}, "names of load cases are needed"),
        ({"cases": ("a",)}, "two names or more are needed"),
        ({"cases": ("a", "b")}, "its body is not as many copies"),
    ],
)
def test_wrong_weights_and_copies_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(ONE, **changes)


def test_copies_must_be_the_same_body():
    kinds = BOTH.kinds.copy()
    kinds[0, 1] = CellKind.SOLID
    with pytest.raises(ValueError, match="not as many copies"):
        replace(BOTH, body=kinds)
    with pytest.raises(ValueError, match="has 2 load cases, numbered from 0"):
        case_of(BOTH, 2)
