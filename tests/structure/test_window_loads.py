"""Effects of swaps beside forces, tractions and springs, against new solutions."""

import dataclasses

import numpy as np
import pytest
from reference.framed_cells import SIDE, body, frames

import metafast as mf
from metafast.structure import window_solver
from metafast.structure.solve import solve_structure, solve_with_adjoints
from metafast.structure.swap_window import SwapWindows
from metafast.structure.window_solver import FiniteWindows, LinearWindows


def swapped(pixels, row, col, cell):
    other = pixels.copy()
    other[row * SIDE : (row + 1) * SIDE, col * SIDE : (col + 1) * SIDE] = cell
    return other


def loaded(rows, cols, size):
    """Clamped on the left; loads and springs all over, on the corners of the middle cell too."""
    rng = np.random.default_rng(4)
    prescribed = np.full((rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0] = 0.0
    forces = size * rng.standard_normal((rows + 1, cols + 1, 2))
    springs = 0.05 * rng.random((rows + 1, cols + 1, 2))
    forces[:, 0] = springs[:, 0] = 0.0
    tractions = np.zeros((rows, cols, 4, 2))
    tractions[0, 1:, 2] = size * rng.standard_normal((cols - 1, 2))
    tractions[1:, -1, 1] = size * rng.standard_normal((rows - 1, 2))
    target = np.full_like(prescribed, np.nan)
    target[0, 1:-1] = 0.05
    target[rows // 2, cols // 2, 1] = 0.02
    loads = {"forces": forces, "springs": springs, "tractions": tractions}
    return mf.Problem("loaded", prescribed, target, **loads)


def windows(pixels, problem, kinematics):
    response, adjoints = solve_with_adjoints(pixels, problem, kinematics=kinematics)
    finite = kinematics == "finite"
    solver = (
        FiniteWindows(mf.Material(), "neo-hookean", SIDE)
        if finite
        else LinearWindows(mf.Material())
    )
    return SwapWindows(problem, solver, response, adjoints), response


def moved(pixels, problem, kinematics):
    return solve_structure(pixels, problem, kinematics=kinematics).displacement[problem.wanted]


SIZES = {"linear": 1e-3, "finite": 3e-3}


@pytest.mark.parametrize("kinematics", ["linear", "finite"])
def test_a_window_that_is_the_whole_body_is_exact(kinematics, monkeypatch):
    monkeypatch.setattr(window_solver, "_TOLERANCE", 1e-9)
    problem, pixels = loaded(3, 3, SIZES[kinematics]), body(3, 3, seed=5)
    view, response = windows(pixels, problem, kinematics)
    before = response.displacement[problem.wanted]
    assert np.abs(before).max() > 0.005
    for cell in frames(3, 6):
        truth = moved(swapped(pixels, 1, 1, cell), problem, kinematics) - before
        np.testing.assert_allclose(view.effect(1, 1, cell), truth, atol=1e-8)


@pytest.mark.parametrize("kinematics", ["linear", "finite"])
def test_the_same_cell_changes_nothing(kinematics):
    problem, pixels = loaded(4, 5, SIZES[kinematics]), body(4, 5)
    view, response = windows(pixels, problem, kinematics)
    size = np.abs(response.displacement[problem.wanted]).max()
    for row, col in ((0, 1), (1, 2), (3, 4), (2, 0)):
        cell = pixels[row * SIDE : (row + 1) * SIDE, col * SIDE : (col + 1) * SIDE]
        change = view.effect(row, col, cell)
        assert np.abs(change).max() < (1e-9 if kinematics == "linear" else 1e-3) * size


@pytest.mark.parametrize("stiffness", [1.0, 20.0])
def test_effects_are_first_order_in_the_change(stiffness):
    """A notch of one pixel: the error is far below its effect, stiff springs or soft ones."""
    problem, pixels = loaded(3, 7, 1e-3), body(3, 7, seed=2)
    problem = dataclasses.replace(problem, springs=stiffness * problem.springs)
    pixels[SIDE : 2 * SIDE, 3 * SIDE : 4 * SIDE] = 1
    view, response = windows(pixels, problem, "linear")
    before, errors = response.displacement[problem.wanted], []
    for width in (1, 4):
        cell = np.ones((SIDE, SIDE), np.uint8)
        cell[4:6, 4 : 4 + width] = 0
        truth = moved(swapped(pixels, 1, 3, cell), problem, "linear") - before
        guess = view.effect(1, 3, cell)
        errors.append(np.linalg.norm(guess - truth) / np.linalg.norm(truth))
    assert errors[0] < 0.02
    assert errors[1] < 0.1


def test_without_solid_for_a_load_there_is_no_effect():
    problem, pixels = loaded(3, 3, 1e-3), body(3, 3, seed=5)
    cell = np.ones((SIDE, SIDE), np.uint8)
    cell[0] = 0  # the side that bears a traction
    view, _ = windows(pixels, problem, "linear")
    assert view.effect(0, 2, cell) is None
