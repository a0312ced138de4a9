"""One variable per cell along a gradation, and smooth fields: derivatives, orientation, optima."""

import numpy as np
import pytest

import metafast as mf
from metafast.macro.smoothing import SmoothVariables, cone_filter
from metafast.macro.variables import GradationVariables, SpaceVariables
from metafast.properties import swapped

CURVE = mf.Gradation.isotropic_like()
# crooked and not isotropic, its parameter no property
CROOKED = mf.Gradation(
    [-1.0, 0.0, 0.2, 3.0],
    [[0.1, 0.02, 0.3, 0.05], [0.2, -0.05, 0.3, 0.06], [0.6, 0.1, 0.2, 0.1], [0.9, 0.3, 0.8, 0.3]],
)


def transposed(problem):
    """The problem mirrored about the diagonal through the top left corner."""

    def turn(field):
        return -field.transpose(1, 0, 2)[..., ::-1]

    return mf.Problem(problem.name, turn(problem.prescribed), turn(problem.target))


def test_every_place_is_on_the_gradation():
    for curve in (CURVE, CROOKED):
        variables = GradationVariables(curve)
        x = np.linspace(0, 1, 300)[:, None]
        p = variables.properties(x)
        t, distance = curve.nearest(p)
        assert distance.max() < 2.5e-3  # half the spacing of the samples where CROOKED is steep
        assert (np.diff(t) >= 0).all()
        np.testing.assert_allclose(p[[0, -1]], curve.properties[[0, -1]])
        np.testing.assert_allclose(variables.nearest(p), x, atol=1e-3)


def test_equal_steps_are_equal_ratios():
    """C11 = C22 = 4 C33 from 0.01 to 1: halfway lies their geometric mean."""
    curve = mf.Gradation.of(lambda t: [t, 0.3 * t, t, 0.25 * t], 0.01, 1.0, 4001)
    middle = GradationVariables(curve).properties(np.array([[0.5]]))
    np.testing.assert_allclose(middle, [[0.1, 0.03, 0.1, 0.025]], rtol=1e-4)


@pytest.mark.parametrize("radius", [0.0, 1.5, 2.5])
def test_gradients_are_those_of_finite_differences(radius):
    rng = np.random.default_rng(0)
    weight = rng.standard_normal((12, 4))
    space = mf.PropertySpace.from_properties(mf.CellDatabase.default().properties[::50], 12)
    for variables, width in ((GradationVariables(CROOKED), 1), (SpaceVariables(space), 4)):
        chosen = SmoothVariables(variables, np.ones((3, 4), bool), radius) if radius else variables
        x, way = rng.uniform(0.2, 0.8, (12, width)), rng.standard_normal((12, width))

        def value(x, chosen=chosen):
            return float((weight * chosen.properties(x)).sum())

        slope = chosen.gradient(x, weight)
        assert slope.shape == x.shape
        step = 1e-6
        numeric = (value(x + step * way) - value(x - step * way)) / (2 * step)
        assert float((slope * way).sum()) == pytest.approx(numeric, rel=1e-5)
        assert chosen.constraint(x, 30.0)[1].shape == x.shape


def test_the_filter_is_a_mean_over_a_cone():
    mean = cone_filter(np.ones((4, 6), bool), 1.8).toarray()
    np.testing.assert_allclose(mean.sum(axis=1), 1.0)
    assert (mean >= 0).all()
    middle = mean[1 * 6 + 2].reshape(4, 6)
    np.testing.assert_allclose(middle[1, 3] / middle[1, 2], 0.8 / 1.8)
    np.testing.assert_allclose(middle[2, 3] / middle[1, 2], (1.8 - np.sqrt(2)) / 1.8)
    assert middle[1, 4] == 0.0
    np.testing.assert_allclose(mean @ np.full(24, 0.3), 0.3)
    assert (cone_filter(np.ones((4, 6), bool), 1.0).toarray() == np.eye(24)).all()


def test_the_filter_reaches_no_cell_without_variables():
    designed = np.random.default_rng(3).random((5, 6)) < 0.7
    whole = cone_filter(np.ones((5, 6), bool), 2.3).toarray()
    kept = whole[np.ix_(designed.ravel(), designed.ravel())]
    mean = cone_filter(designed, 2.3).toarray()
    np.testing.assert_allclose(mean, kept / kept.sum(axis=1, keepdims=True), rtol=1e-12)


def test_a_smooth_field_is_found_again():
    smooth = SmoothVariables(GradationVariables(CURVE), np.ones((5, 6), bool), 1.5)
    x = np.random.default_rng(1).uniform(0.3, 0.6, (30, 1))
    p = smooth.properties(x)
    np.testing.assert_allclose(smooth.properties(smooth.nearest(p)), p, rtol=0.02)


@pytest.mark.parametrize(
    ("kinematics", "smoothing", "bound"),
    [("linear", 0.0, 0.007), ("linear", 1.5, 0.03), ("finite", 0.0, 0.02), ("finite", 1.5, 0.05)],
)
def test_graded_beam_along_equation_7(kinematics, smoothing, bound):
    problem = mf.problems.graded_beam()
    field = mf.optimize_properties(problem, CURVE, kinematics=kinematics, smoothing=smoothing)
    assert field.rrmse < bound
    assert field.stable
    assert field.feasible
    p = field.properties.reshape(-1, 4)
    assert CURVE.nearest(p)[1].max() < 1e-3
    np.testing.assert_allclose(p[:, 0], p[:, 2])


def test_smooth_neighbours_are_more_alike():
    def jumps(smoothing):
        field = mf.optimize_properties(mf.problems.graded_beam(9, 20), CURVE, smoothing=smoothing)
        logs = np.log(field.properties[..., 0])
        return np.abs(np.diff(logs, axis=0)).mean() + np.abs(np.diff(logs, axis=1)).mean()

    assert jumps(2.5) < 0.8 * jumps(0.0)


def test_fields_are_smooth_by_default():
    problem = mf.problems.graded_beam(5, 10)
    default = mf.optimize_properties(problem, CURVE, max_iterations=20)
    smooth = mf.optimize_properties(problem, CURVE, smoothing=1.5, max_iterations=20)
    np.testing.assert_array_equal(default.properties, smooth.properties)


def test_turned_problem_and_swapped_gradation_give_the_turned_field():
    problem = mf.problems.graded_beam(6, 8)
    mirrored = mf.Gradation(CROOKED.parameter, swapped(CROOKED.properties))
    options = {"max_iterations": 30, "smoothing": 1.5}
    field = mf.optimize_properties(problem, CROOKED, **options)
    turned = mf.optimize_properties(transposed(problem), mirrored, **options)
    expected = swapped(field.properties.transpose(1, 0, 2))
    np.testing.assert_allclose(turned.properties, expected, rtol=1e-6)
    assert turned.rrmse == pytest.approx(field.rrmse, rel=1e-6)
    wrong = mf.optimize_properties(transposed(problem), CROOKED, **options)
    assert abs(wrong.rrmse - field.rrmse) > 1e-3


def test_start_is_where_it_starts():
    problem = mf.problems.graded_beam(5, 10)
    first = mf.optimize_properties(problem, CURVE, smoothing=0.0)
    again = mf.optimize_properties(
        problem, CURVE, start=first.properties, smoothing=0.0, max_iterations=1
    )
    np.testing.assert_allclose(again.properties, first.properties, rtol=2e-3)
    with pytest.raises(ValueError, match=r"start has shape \(3, 4\); \(5, 10, 4\) is needed"):
        mf.optimize_properties(problem, CURVE, start=first.properties[0, :3])
    with pytest.raises(ValueError, match="smoothing is -1"):
        mf.optimize_properties(problem, CURVE, smoothing=-1)
