"""Macro mesh on the way to the full load: a curve of second order, and the lines of the body."""

import numpy as np
import pytest

import metafast as mf
from metafast.report.deformed_mesh import MeshLines, on_the_way


def test_curve_starts_at_rest_with_the_linear_rate_and_ends_at_the_solution():
    linear, full = np.random.default_rng(0).normal(size=(2, 3, 4, 2))
    assert not on_the_way(linear, full, 0.0).any()
    np.testing.assert_allclose(on_the_way(linear, full, 1.0), full, atol=1e-15)
    step = 1e-7
    np.testing.assert_allclose(on_the_way(linear, full, step) / step, linear, atol=1e-6)
    np.testing.assert_allclose(on_the_way(full, full, 0.3), 0.3 * full, atol=1e-15)


def test_half_way_to_a_load_it_is_right_up_to_the_third_power_of_the_load():
    """Straight interpolation errs with the second power."""
    pixels = np.ones((8, 24), np.uint8)
    pixels[3:5, 2:-2] = 0

    def solved(push):
        prescribed, target = np.full((2, 3, 7, 2), np.nan)
        prescribed[:, 0], prescribed[:, -1] = 0.0, (0.0, push)
        target[0, 3, 1] = 0.5 * push
        problem = mf.Problem("sheared", prescribed, target)
        return mf.solve_structure(pixels, problem, mf.Material(), kinematics="finite")

    errors = []
    for push in (0.1, 0.05):
        whole, half = solved(push), solved(0.5 * push).displacement
        u = on_the_way(whole.linear_displacement, whole.displacement, 0.5)
        errors.append((np.abs(u - half).max(), np.abs(0.5 * whole.displacement - half).max()))
    (curved, straight), (curved_nearer, straight_nearer) = errors
    assert np.log2(curved / curved_nearer) == pytest.approx(3.0, abs=0.3)
    assert np.log2(straight / straight_nearer) == pytest.approx(2.0, abs=0.3)
    assert curved < 0.3 * straight


def drawn_edges(numbers):
    """Pairs of numbers that a pen joins."""
    pairs = np.column_stack([numbers[:-1], numbers[1:]])
    return sorted(tuple(sorted(pair)) for pair in pairs[(pairs >= 0).all(axis=1)].tolist())


def test_every_edge_is_drawn_once_and_holes_have_an_outline():
    present = np.ones((4, 5), bool)
    present[1:3, 2] = False
    present[0, 0] = False
    mesh = MeshLines.of(present)
    inside, outline = drawn_edges(mesh.inside), drawn_edges(mesh.outline)
    assert len(set(inside)) == len(inside)
    assert len(set(outline)) == len(outline)
    assert not set(inside) & set(outline)
    shared = (present[:, 1:] & present[:, :-1]).sum() + (present[1:] & present[:-1]).sum()
    assert len(inside) == shared
    assert len(outline) == 4 * present.sum() - 2 * shared
    assert 0 not in mesh.nodes
    assert len(mesh.nodes) == 5 * 6 - 1


def test_lines_lie_where_the_nodes_have_moved():
    mesh = MeshLines.of(np.ones((2, 3), bool))
    u = np.random.default_rng(1).normal(size=(3, 4, 2))
    x, y = mesh.drawn(mesh.nodes, u)
    r, c = np.divmod(np.arange(12), 4)
    np.testing.assert_allclose(x, c + u[r, c, 0], atol=1e-6)
    np.testing.assert_allclose(y, 2 - r + u[r, c, 1], atol=1e-6)
    x, _ = mesh.drawn(mesh.outline, u)
    assert (np.isnan(x) == (mesh.outline < 0)).all()


def test_large_bodies_are_drawn_with_fewer_lines_and_their_whole_outline():
    mesh = MeshLines.of(np.ones((120, 90), bool))
    assert len(mesh.nodes) <= 2000
    assert len(drawn_edges(mesh.outline)) == 2 * (120 + 90)
    assert len(mesh.inside) < 120 * 90
