"""Pixels of bodies with holes: supports on hole edges, reading out, windows at holes."""

import dataclasses

import numpy as np
import pytest
from reference.problems import with_body
from scipy.ndimage import label

import metafast as mf
from metafast.structure.prescribed import point, segments
from metafast.structure.solve import solve_load_cases, solve_with_adjoints
from metafast.structure.swap_window import SwapWindows
from metafast.structure.window_solver import FiniteWindows, LinearWindows

SIDE = 12
L = np.array([[0, 0, -1], [0, 0, 0], [0, 0, 0]])
RING = np.zeros((4, 5), int)
RING[1:3, 1:4] = -1


def cells(count, seed):
    """Mirror-symmetric cells with a solid frame and random blocks inside."""
    quarter = np.random.default_rng(seed).random((count, 3, 3)) < 0.55
    quarter = np.repeat(np.repeat(quarter, 2, 1), 2, 2)
    quarter[:, 0] = quarter[:, :, 0] = True
    upper = np.concatenate([quarter, quarter[:, :, ::-1]], axis=2)
    return np.concatenate([upper, upper[:, ::-1]], axis=1).astype(np.uint8)


def pixels_of(body, seed=0):
    rows, cols = body.shape
    blocks = cells(rows * cols, seed).reshape(rows, cols, SIDE, SIDE)
    blocks = np.where((body == 0)[..., None, None], blocks, body[..., None, None] > 0)
    return blocks.transpose(0, 2, 1, 3).reshape(rows * SIDE, cols * SIDE).astype(np.uint8)


def pulled(body, move=0.05):
    """The left end is held and the right one pulled; targets on the edge of the hole and inside."""
    rows, cols = body.shape
    prescribed, target = np.full((2, rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0] = 0.0
    prescribed[-2:, -1] = move, 0.5 * move
    target[1, 1:-1] = target[-2, 1:-1] = move
    whole = mf.Problem("pulled", prescribed, target)
    return with_body(whole, body)


def swapped(pixels, row, col, cell):
    other = pixels.copy()
    other[row * SIDE : (row + 1) * SIDE, col * SIDE : (col + 1) * SIDE] = cell
    return other


def test_no_segment_crosses_a_notch():
    problem = pulled(np.array([[0, 0, -1, 0], [0, 0, 0, 0]]))
    prescribed = np.full_like(problem.prescribed, np.nan)
    prescribed[:, 0] = 0.0
    prescribed[0, 2:, 1] = 0.1, 0.2, 0.3
    moved = dataclasses.replace(problem, prescribed=prescribed)
    values, single = segments(moved, 4)
    assert np.isnan(values[0, 1:12, 1]).all()  # the left end of the notch stands for itself
    np.testing.assert_allclose(values[0, 12:, 1], [0.2, 0.225, 0.25, 0.275, 0.3])
    assert np.argwhere(single).tolist() == [[0, 2, 1]]


@pytest.mark.parametrize(("node", "gap"), [((3, 2), (0, 4)), ((1, 3), (-4, 0))])
def test_a_single_support_stays_on_the_edge_of_a_hole(node, gap):
    """Solid that is missing at the node moves the support along the edge, not into the body."""
    problem = pulled(RING)
    r, c = node
    pixels = pixels_of(np.where(RING == 0, 1, RING))
    pixels[r * SIDE + gap[0] : r * SIDE + gap[1], c * SIDE - 5 : c * SIDE + 8] = 0
    parts, _ = label(pixels)
    prescribed = problem.prescribed.copy()
    prescribed[r, c, 1] = 0.0
    target = problem.target.copy()
    target[r, c] = np.nan
    supported = dataclasses.replace(problem, prescribed=prescribed, target=target)
    found = point(supported, parts, SIDE, r, c, 1)
    assert found.nearest == {1: (r * SIDE, c * SIDE - 5)}
    # a whole rectangle has no edge there: the nearest node lies inside the wall
    whole = mf.Problem("whole", prescribed, target)
    assert point(whole, parts, SIDE, r, c, 1).nearest == {1: (r * SIDE + sum(gap), c * SIDE)}


def test_the_edge_at_an_l_corner_goes_one_way():
    """The line on from the corner, inside the body, is no edge."""
    problem = pulled(L)
    prescribed = problem.prescribed.copy()
    prescribed[1, 2, 0] = 0.0
    target = problem.target.copy()
    target[1, 2] = np.nan
    supported = dataclasses.replace(problem, prescribed=prescribed, target=target)
    pixels = pixels_of(np.where(L == 0, 1, L))
    pixels[SIDE - 3 : SIDE + 2, 2 * SIDE - 2 : 2 * SIDE + 5] = 0
    parts, _ = label(pixels)
    assert point(supported, parts, SIDE, 1, 2, 0).nearest == {1: (SIDE - 3, 2 * SIDE)}


def test_affine_fields_are_read_on_the_edges_of_holes():
    """A ring whose whole boundary, also that of the hole, follows an affine field."""
    y, x = 4 - np.arange(5)[:, None], np.arange(6)[None, :]
    u = np.stack([0.02 * x + 0.01 * y, -0.03 * y + 0.0 * x], -1)
    body = np.zeros((4, 5), int)
    body[1:3, 2] = -1
    target = np.full_like(u, np.nan)
    prescribed = u.copy()
    for node in ((2, 1), (2, 4)):
        prescribed[node], target[node] = np.nan, u[node] + 1.0
    problem = with_body(mf.Problem("ring", prescribed, target), body)
    response = mf.solve_structure(pixels_of(np.where(body == 0, 1, body)), problem)
    np.testing.assert_allclose(response.displacement, u, atol=1e-10)


def windows(pixels, problem, finite):
    kinematics = "finite" if finite else "linear"
    response, adjoints = solve_with_adjoints(pixels, problem, kinematics=kinematics)
    material = mf.Material()
    solver = FiniteWindows(material, "neo-hookean", SIDE) if finite else LinearWindows(material)
    return SwapWindows(problem, solver, response, adjoints), response


def test_a_window_that_is_the_whole_l_is_exact():
    problem, pixels = pulled(L), pixels_of(L, seed=5)
    view, response = windows(pixels, problem, finite=False)
    before = response.displacement[problem.wanted]
    for cell in cells(3, 6):
        after = mf.solve_structure(swapped(pixels, 1, 1, cell), problem)
        change = after.displacement[problem.wanted] - before
        np.testing.assert_allclose(view.effect(1, 1, cell), change, atol=1e-11)


@pytest.mark.parametrize("finite", [False, True])
@pytest.mark.parametrize("place", [(0, 2), (2, 0), (3, 3)])
def test_effects_near_a_hole_are_first_order_in_the_change(place, finite):
    """Against new solutions: four pixels less or sixteen, and a fourth of the relative error."""
    problem, pixels = pulled(RING), pixels_of(np.where(RING == 0, 1, RING))
    view, response = windows(pixels, problem, finite)
    before = response.displacement[problem.wanted]
    errors = []
    for half in (1, 2):
        cell = np.ones((SIDE, SIDE), np.uint8)
        middle = slice(SIDE // 2 - half, SIDE // 2 + half)
        cell[middle, middle] = 0
        other = swapped(pixels, *place, cell)
        after = mf.solve_structure(other, problem, kinematics="finite" if finite else "linear")
        change = after.displacement[problem.wanted] - before
        effect = view.effect(*place, cell)
        errors.append(np.linalg.norm(effect - change) / np.linalg.norm(change))
    assert errors[0] < 0.05
    assert errors[0] < 0.5 * errors[1]


def test_holes_and_passive_cells_are_not_swapped():
    body = RING.copy()
    body[0, 2] = 1
    problem = pulled(body)
    view, _ = windows(pixels_of(body), problem, finite=False)
    assert (view.possible == (body == 0)).all()


def test_load_cases_have_the_same_holes():
    first, second = pulled(RING), pulled(np.zeros_like(RING))
    target = np.where(np.isfinite(first.target), first.target, np.nan)
    same = mf.Problem("whole", second.prescribed, target)
    with pytest.raises(ValueError, match="load case 1, 'whole', has other holes than 'pulled'"):
        solve_load_cases(pixels_of(RING), [first, same])
