"""Target curves and the pictures that show them."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

import metafast as mf
from metafast.plotting import plot_deformed, plot_fields, plot_problem
from metafast.plotting.targets import shown_component, target_curves, wanted_position


def lines(figure, axes=0):
    return [line.get_xydata() for line in figure.axes[axes].get_lines()]


def holds(figure, points):
    """Whether some line of a figure's first axes goes through exactly these points."""
    return any(a.shape == points.shape and np.allclose(a, points) for a in lines(figure))


@pytest.fixture(scope="module")
def block():
    return mf.read_problem("auxetic_block", rows=4, cols=4).problem


@pytest.fixture(scope="module")
def s_curve():
    return mf.read_problem("s_curve", rows=2, cols=6, drop=0.6).problem


def test_targets_in_x_form_curves_along_columns_that_end_at_the_plates(block):
    left, right = sorted(target_curves(block), key=lambda nodes: nodes[0, 1])
    np.testing.assert_array_equal(left, [[r, 0] for r in range(5)])
    np.testing.assert_array_equal(right, [[r, 4] for r in range(5)])
    assert shown_component(block) == 0


def test_a_curve_meets_a_support_that_moves(s_curve):
    top = target_curves(s_curve)[0]
    np.testing.assert_array_equal(top, [[0, c] for c in range(7)])
    x, y = wanted_position(s_curve, top, np.zeros_like(s_curve.target))
    np.testing.assert_allclose(x, np.arange(7))
    np.testing.assert_allclose(y, 2 - 0.3 * (1 - np.cos(np.pi * np.arange(7) / 6)))
    assert y[-1] == 1.4
    assert shown_component(s_curve) == 1


def test_curves_of_the_bridge_go_from_corner_to_corner():
    curves = target_curves(mf.problems.bridge(2, 6))
    assert [len(nodes) for nodes in curves] == [7, 7]


def test_one_node_is_a_curve_of_its_own():
    prescribed, target = np.full((2, 4, 4, 2), np.nan)
    prescribed[0] = 0.0
    prescribed[-1] = 0.1
    target[1, 1, 0] = 0.1
    (nodes,) = target_curves(mf.Problem("dot", prescribed, target))
    np.testing.assert_array_equal(nodes, [[1, 1]])


def test_curves_end_at_holes():
    cloak = mf.problems.cloak(7)
    for nodes in target_curves(cloak):
        r, c = nodes.T
        assert cloak.nodes[r, c].all()
        assert (np.abs(np.diff(nodes, axis=0)).sum(axis=1) == 1).all()
    body = np.zeros((4, 4), int)
    body[:2, 1:3] = -1  # a U: its upper edge is in two parts
    prescribed, target = np.full((2, 5, 5, 2), np.nan)
    prescribed[-1] = 0.0
    target[0, [0, 1, 3, 4], 1] = 0.1
    curves = target_curves(mf.Problem("U", prescribed, target, body))
    assert [nodes[:, 1].tolist() for nodes in curves] == [[0, 1], [3, 4]]


def field_of(problem, displacement):
    """A macro optimum with a given displacement."""
    properties = np.ones((problem.rows, problem.cols, 4)) * (0.5, 0.1, 0.5, 0.1)
    database = mf.CellDatabase.default().subset(slice(0, None, 200))
    space = mf.PropertySpace.from_properties(database.properties, 8)
    field = mf.optimize_properties(problem, space, kinematics="linear", max_iterations=1)
    return replace(field, displacement=displacement, properties=properties * (1 + 0.1))


@pytest.mark.parametrize("name", ["auxetic_block", "s_curve"])
def test_pictures_of_fields_show_target_and_dots(name, request):
    problem = request.getfixturevalue({"auxetic_block": "block"}.get(name, name))
    displacement = np.nan_to_num(problem.prescribed) + 0.01
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = plot_fields(problem, field_of(problem, displacement))
    for nodes in target_curves(problem):
        r, c = nodes.T
        reached = np.stack([c, problem.rows - r], 1) + displacement[r, c]
        assert holds(figure, reached)
        assert holds(figure, wanted_position(problem, nodes, displacement).T)


@pytest.mark.parametrize("name", ["auxetic_block", "s_curve"])
def test_pictures_of_bodies_are_coloured_by_the_wanted_component(name, request):
    problem = request.getfixturevalue({"auxetic_block": "block"}.get(name, name))
    pixels = np.ones((10 * problem.rows, 10 * problem.cols), np.uint8)
    response = mf.solve_structure(pixels, problem, kinematics="linear")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = plot_deformed(response, problem)
        figure.canvas.draw()
    component = shown_component(problem)
    bar = figure.axes[1]
    assert (bar.get_ylabel() or bar.get_xlabel()) == ("$u_x$", "$u_y$")[component] + " (cells)"
    low, high = figure.axes[0].images[0].get_clim()
    asked = problem.target[..., component]
    low_asked, high_asked = min(0.0, np.nanmin(asked)), max(0.0, np.nanmax(asked))
    most = max(-low_asked, high_asked)
    even = min(-low_asked, high_asked) > 0.25 * most  # both signs: zero is in the middle
    assert (low, high) == ((-most, most) if even else (low_asked, high_asked))
    for nodes in target_curves(problem):
        r, c = nodes.T
        reached = np.stack([c, problem.rows - r], 1) + response.displacement[r, c]
        assert holds(figure, reached)


def test_a_problem_is_drawn_with_supports_and_targets(s_curve):
    figure = plot_problem(s_curve)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["held in x", "held in y", "moved by a support", "target"]
    for nodes in target_curves(s_curve):
        assert holds(figure, wanted_position(s_curve, nodes, np.zeros_like(s_curve.target)).T)
