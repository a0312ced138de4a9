"""Effects of swaps at finite deformation, from windows, against new solutions."""

import numpy as np
import pytest
from reference.framed_cells import SIDE, body, frames

import metafast as mf
from metafast.structure import window_solver
from metafast.structure.solve import solve_with_adjoints
from metafast.structure.swap_window import SwapWindows
from metafast.structure.window_solver import FiniteWindows, LinearWindows

LAW = "neo-hookean"


def pulled(rows, cols, share=1.0):
    """Ends moved together and across by a fifth of a cell and more."""
    prescribed = np.full((rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0] = 0.0
    prescribed[:, -1] = -0.2 * share, 0.3 * share
    target = np.full_like(prescribed, np.nan)
    target[0, 1:-1] = 0.05
    target[rows // 2, cols // 2, 1] = 0.02
    return mf.Problem("pulled", prescribed, target)


def swapped(pixels, row, col, cell):
    other = pixels.copy()
    other[row * SIDE : (row + 1) * SIDE, col * SIDE : (col + 1) * SIDE] = cell
    return other


def moved(pixels, problem, **options):
    found = mf.solve_structure(pixels, problem, kinematics="finite", **options)
    return found.displacement[problem.wanted]


def windows(pixels, problem, *, refine=1, law=LAW):
    response, adjoints = solve_with_adjoints(
        pixels, problem, kinematics="finite", law=law, refine=refine
    )
    solver = FiniteWindows(mf.Material(), law, adjoints.side)
    return SwapWindows(problem, solver, response, adjoints), response


def linear_windows(pixels, problem):
    response, adjoints = solve_with_adjoints(pixels, problem)
    return SwapWindows(problem, LinearWindows(mf.Material()), response, adjoints), response


def test_the_same_cell_changes_nothing():
    problem, pixels = pulled(4, 5), body(4, 5)
    view, response = windows(pixels, problem)
    size = np.abs(response.displacement[problem.wanted]).max()
    for row, col in ((0, 1), (1, 2), (3, 4), (2, 0)):
        cell = pixels[row * SIDE : (row + 1) * SIDE, col * SIDE : (col + 1) * SIDE]
        assert np.abs(view.effect(row, col, cell)).max() < 1e-4 * size


@pytest.mark.parametrize("refine", [1, 2])
@pytest.mark.parametrize("law", [LAW, "st-venant-kirchhoff"])
def test_a_window_that_is_the_whole_body_is_exact(law, refine, monkeypatch):
    monkeypatch.setattr(window_solver, "_TOLERANCE", 1e-9)
    problem, pixels = pulled(3, 3, share=1.0 if law == LAW else 0.5), body(3, 3, seed=5)
    view, response = windows(pixels, problem, law=law, refine=refine)
    before = response.displacement[problem.wanted]
    for cell in frames(2, 7):
        truth = moved(swapped(pixels, 1, 1, cell), problem, law=law, refine=refine) - before
        assert np.abs(truth).max() > 1e-4
        np.testing.assert_allclose(view.effect(1, 1, cell), truth, atol=1e-7)


@pytest.mark.parametrize("place", [(1, 3), (2, 2), (0, 4), (3, 1)])
def test_effects_come_near_to_a_new_solution(place):
    """Of the right direction, and about as near as linear windows come to linear solutions."""
    problem, pixels = pulled(4, 6), body(4, 6, seed=1)
    (view, response), (linear, at_rest) = windows(pixels, problem), linear_windows(pixels, problem)
    before, small = (r.displacement[problem.wanted] for r in (response, at_rest))
    for cell in frames(3, 8):
        other = swapped(pixels, *place, cell)
        if (other == pixels).all():
            continue
        truth, guess = moved(other, problem) - before, view.effect(*place, cell)
        assert guess @ truth > 0.98 * np.linalg.norm(guess) * np.linalg.norm(truth)
        expected = mf.solve_structure(other, problem).displacement[problem.wanted] - small
        gap = np.linalg.norm(linear.effect(*place, cell) - expected) / np.linalg.norm(expected)
        assert np.linalg.norm(guess - truth) < (1.5 * gap + 0.05) * np.linalg.norm(truth)


def test_effects_are_first_order_in_the_change():
    """The relative error grows with the change: a notch of one pixel, then of three, in a wall."""
    problem, pixels = pulled(3, 7), body(3, 7, seed=2)
    view, response = windows(pixels, problem)
    before = response.displacement[problem.wanted]
    cell = pixels[SIDE : 2 * SIDE, 3 * SIDE : 4 * SIDE].copy()
    errors = []
    for width in (1, 3):
        other = cell.copy()
        assert other[0, 4:7].all()
        other[0, 4 : 4 + width] = 0
        truth = moved(swapped(pixels, 1, 3, other), problem) - before
        guess = view.effect(1, 3, other)
        errors.append((np.linalg.norm(truth), np.linalg.norm(guess - truth)))
    (small, small_error), (large, large_error) = errors
    assert 0 < small < large
    assert small_error / small < large_error / large < 0.25


def test_at_small_loads_effects_are_the_linear_ones():
    problem, pixels = pulled(3, 5, share=1e-4), body(3, 5, seed=3)
    view, _ = windows(pixels, problem)
    linear, _ = linear_windows(pixels, problem)
    for cell in frames(2, 9):
        expected = linear.effect(1, 2, cell)
        found = view.effect(1, 2, cell)
        np.testing.assert_allclose(found, expected, atol=2e-3 * np.abs(expected).max())


def test_loose_parts_carry_nothing():
    problem, pixels = pulled(3, 3), body(3, 3, seed=5)
    view, response = windows(pixels, problem)
    island = np.zeros((SIDE, SIDE), np.uint8)
    island[4:7, 4:7] = 1
    truth = moved(swapped(pixels, 1, 1, island), problem) - response.displacement[problem.wanted]
    np.testing.assert_allclose(view.effect(1, 1, island), truth, atol=1e-4)


def test_corner_contacts_inside_and_on_the_border():
    """Pixels that touch in a corner only have moved apart; windows around them are solved anew."""
    problem, pixels = pulled(4, 5, share=0.5), body(4, 5, seed=3)
    i, j = 2 * SIDE, 2 * SIDE + 4
    pixels[i - 3 : i + 3, j - 3 : j + 3] = 0
    pixels[i - 3 : i, j - 3 : j] = 1
    pixels[i : i + 3, j : j + 3] = 1
    view, response = windows(pixels, problem)
    assert response.corner_contacts > 0
    before = response.displacement[problem.wanted]
    for place in ((1, 3), (0, 2), (3, 2), (2, 1)):
        for cell in frames(2, 11):
            truth = moved(swapped(pixels, *place, cell), problem) - before
            guess = view.effect(*place, cell)
            assert guess is not None
            assert np.linalg.norm(guess - truth) < 0.5 * np.linalg.norm(truth) + 1e-4


def test_a_window_without_equilibrium_has_no_effect():
    """Its border pressed together by more than its width."""
    solver = FiniteWindows(mf.Material(), LAW, 4)
    solid = np.ones((4, 8), bool)
    value = np.zeros((5, 9, 2))
    value[:, -1, 0] = -2.5
    fixed = np.zeros(value.shape, bool)
    fixed[:, [0, -1]] = True
    ring = np.argwhere(fixed.all(axis=2))
    holding = window_solver.Holding(fixed, value, ring, False)
    assert solver.solved(solid, holding, np.zeros_like(value)) is None


def test_a_window_torn_by_its_start_is_followed_from_rest():
    solver = FiniteWindows(mf.Material(), LAW, 4)
    solid = np.ones((4, 8), bool)
    value = np.zeros((5, 9, 2))
    value[:, -1] = -0.4, 0.3
    fixed = np.zeros(value.shape, bool)
    fixed[:, [0, -1]] = True
    holding = window_solver.Holding(fixed, value, np.argwhere(fixed.all(axis=2)), False)
    torn = np.random.default_rng(0).standard_normal(value.shape)
    near = value[:, -1:] * np.linspace(0, 1, 9)[:, None]
    found, expected = (solver.solved(solid, holding, start) for start in (torn, near))
    np.testing.assert_allclose(found.field, expected.field, atol=1e-4)
    np.testing.assert_allclose(found.force, expected.force, atol=1e-4)
