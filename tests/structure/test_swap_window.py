"""Windows against new solutions, adjoint fields against loads."""

import numpy as np
import pytest

import metafast as mf
from metafast.structure.nodes import corner_contacts, node_codes
from metafast.structure.readout import macro_displacement
from metafast.structure.solve import solve_with_adjoints
from metafast.structure.swap_window import SwapWindows
from metafast.structure.window_solver import LinearWindows

SIDE = 12


def frames(count, seed, touching=True):
    """Mirror-symmetric cells with a solid frame and random blocks inside."""
    rng = np.random.default_rng(seed)
    quarter = np.repeat(np.repeat(rng.random((count, 3, 3)) < 0.55, 2, 1), 2, 2)
    if touching:
        quarter[:, 0] = quarter[:, :, 0] = True
    upper = np.concatenate([quarter, quarter[:, :, ::-1]], axis=2)
    return np.concatenate([upper, upper[:, ::-1]], axis=1).astype(np.uint8)


def body(rows, cols, seed=0):
    cells = frames(rows * cols, seed).reshape(rows, cols, SIDE, SIDE)
    return cells.transpose(0, 2, 1, 3).reshape(rows * SIDE, cols * SIDE)


def pulled(rows, cols):
    """Ends pulled apart and sheared; all inner nodes of the top row and one inside are targets."""
    prescribed = np.full((rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0] = 0.0
    prescribed[:, -1] = 0.1, 0.05
    target = np.full_like(prescribed, np.nan)
    target[0, 1:-1] = 0.05
    target[rows // 2, cols // 2, 1] = 0.02
    return mf.Problem("pulled", prescribed, target)


def swapped(pixels, row, col, cell):
    other = pixels.copy()
    other[row * SIDE : (row + 1) * SIDE, col * SIDE : (col + 1) * SIDE] = cell
    return other


def moved(pixels, problem):
    return mf.solve_structure(pixels, problem).displacement[problem.wanted]


def windows(pixels, problem):
    response, adjoints = solve_with_adjoints(pixels, problem)
    return (
        SwapWindows(problem, LinearWindows(mf.Material()), response, adjoints),
        response,
        adjoints,
    )


def test_the_same_cell_changes_nothing():
    problem, pixels = pulled(4, 6), body(4, 6)
    view, response, _ = windows(pixels, problem)
    size = np.abs(response.displacement[problem.wanted]).max()
    for row, col in ((0, 1), (1, 2), (3, 4), (2, 0)):
        cell = pixels[row * SIDE : (row + 1) * SIDE, col * SIDE : (col + 1) * SIDE]
        assert np.abs(view.effect(row, col, cell)).max() < 1e-10 * size


def test_a_window_that_is_the_whole_body_is_exact():
    """With 3 x 3 cells nothing is held but the supports: the effect is that of a new solution."""
    problem, pixels = pulled(3, 3), body(3, 3, seed=5)
    view, response, _ = windows(pixels, problem)
    before = response.displacement[problem.wanted]
    for cell in frames(4, 6):
        truth = moved(swapped(pixels, 1, 1, cell), problem) - before
        np.testing.assert_allclose(view.effect(1, 1, cell), truth, atol=1e-11)


@pytest.mark.parametrize("place", [(1, 3), (2, 2), (0, 4), (3, 1)])
def test_effects_come_near_to_a_new_solution(place):
    problem, pixels = pulled(4, 7), body(4, 7, seed=1)
    view, response, _ = windows(pixels, problem)
    before = response.displacement[problem.wanted]
    for cell in frames(5, 8):
        truth = moved(swapped(pixels, *place, cell), problem) - before
        guess = view.effect(*place, cell)
        assert np.linalg.norm(guess - truth) < 0.5 * np.linalg.norm(truth)
        assert guess @ truth > 0.95 * np.linalg.norm(guess) * np.linalg.norm(truth)


def test_effects_are_first_order_in_the_change():
    """The relative error grows with the change: a notch of one pixel, then of three, in a wall."""
    problem, pixels = pulled(3, 9), body(3, 9, seed=2)
    view, response, _ = windows(pixels, problem)
    before = response.displacement[problem.wanted]
    cell = pixels[SIDE : 2 * SIDE, 4 * SIDE : 5 * SIDE].copy()
    assert cell[5, :4].all()
    errors = []
    for width in (1, 3):
        other = cell.copy()
        other[5, 4 - width : 4] = 0
        truth = moved(swapped(pixels, 1, 4, other), problem) - before
        guess = view.effect(1, 4, other)
        errors.append((np.linalg.norm(truth), np.linalg.norm(guess - truth)))
    (small, small_error), (large, large_error) = errors
    assert 0 < small < large
    assert small_error / small < 0.5 * large_error / large < 0.25


def test_solid_on_the_other_side_of_a_window_border_rests():
    """Solid that meets a window from outside only counts in the fits before and after."""
    problem, pixels = pulled(3, 7), np.ones((3 * SIDE, 7 * SIDE), np.uint8)
    pixels[: SIDE - 2, 2 * SIDE : 3 * SIDE - 2] = 0  # the window of (1, 3) has a pore at its border
    view, response, _ = windows(pixels, problem)
    before = response.displacement[problem.wanted]
    cell = np.ones((SIDE, SIDE), np.uint8)
    cell[5:7, 5:7] = 0
    truth = moved(swapped(pixels, 1, 3, cell), problem) - before
    guess = view.effect(1, 3, cell)
    assert np.linalg.norm(guess - truth) < 0.05 * np.linalg.norm(truth)


def test_adjoint_fields_move_targets_as_loads_do():
    """A force on a border node by hand: stiffness of the plain twin, solved with the force."""
    problem, pixels = pulled(2, 3), np.ones((2 * SIDE, 3 * SIDE), np.uint8)
    pixels[3:7, 5:9] = pixels[14:20, 10:13] = pixels[8:16, 22:31] = 0
    response, adjoints = solve_with_adjoints(pixels, problem)
    nodes = np.array([[SIDE, 7], [SIDE, SIDE], [5, 2 * SIDE], [0, 3]])
    force = np.random.default_rng(1).standard_normal((4, 2))
    stiffness, place = dense_stiffness(pixels)
    load = np.zeros(len(stiffness))
    for (i, j), f in zip(nodes, force, strict=True):
        load[2 * place[i, j] : 2 * place[i, j] + 2] += f
    held = np.array(
        [d for (_, j), k in place.items() if j in (0, 3 * SIDE) for d in (2 * k, 2 * k + 1)]
    )
    free = np.setdiff1d(np.arange(len(stiffness)), held)
    u = np.zeros(len(stiffness))
    u[free] = np.linalg.solve(stiffness[np.ix_(free, free)], load[free])
    field = np.zeros((*response.nodal_displacement.shape[:2], 2))
    for (i, j), k in place.items():
        field[i, j] = u[2 * k : 2 * k + 2]
    active = np.isfinite(response.nodal_displacement[..., 0])
    truth = macro_displacement(field, active, SIDE)[problem.wanted]
    np.testing.assert_allclose(adjoints.moved_by(nodes, force), truth, rtol=1e-8, atol=1e-12)


def dense_stiffness(pixels):
    """Stiffness of pixels that nowhere touch in a corner only, and the number of each node."""
    assert not corner_contacts(node_codes(pixels.astype(bool))).any()
    place = {}
    elements = []
    for r, c in np.argwhere(pixels):
        corners = [(r + 1 - y, c + x) for x, y in mf.q4.NODE_OFFSETS]
        elements.append([place.setdefault((int(i), int(j)), len(place)) for i, j in corners])
    stiffness = np.zeros((2 * len(place), 2 * len(place)))
    element = mf.q4.stiffness(mf.Material().stiffness)
    for numbers in elements:
        dofs = [2 * k + d for k in numbers for d in (0, 1)]
        stiffness[np.ix_(dofs, dofs)] += element
    return stiffness, place


def test_corner_contacts_on_a_window_border():
    """Two pixels that touch in a corner on the border: no single displacement can be held there."""
    problem, pixels = pulled(4, 6), body(4, 6, seed=3)
    # on the border line between cell rows 1 and 2, near the window's edge
    i, j = 2 * SIDE, 2 * SIDE + 5
    pixels[i - 3 : i + 3, j - 3 : j + 3] = 0
    pixels[i - 3 : i, j - 3 : j] = 1
    pixels[i : i + 3, j : j + 3] = 1
    view, response, _ = windows(pixels, problem)
    assert corner_contacts(node_codes(response.solid))[i, j]
    before = response.displacement[problem.wanted]
    for place in ((1, 3), (0, 2), (3, 2), (2, 1)):
        for cell in frames(2, 11):
            truth = moved(swapped(pixels, *place, cell), problem) - before
            guess = view.effect(*place, cell)
            assert np.linalg.norm(guess - truth) < 0.5 * np.linalg.norm(truth) + 1e-10


def test_cells_at_a_single_supported_node_are_left_alone():
    problem, pixels = mf.problems.bridge(3, 8, compression=0.2), body(3, 8)
    view, _, _ = windows(pixels, problem)
    assert (~view.possible).sum() == 2
    assert not view.possible[-1, [0, -1]].any()


def test_a_target_without_solid_is_refused():
    """A cell without solid leaves the macro node amid four such cells with nothing to read."""
    problem, pixels = pulled(3, 6), body(3, 6, seed=4)
    pixels[:SIDE, 2 * SIDE : 3 * SIDE] = 0
    pixels[0, :] = pixels[: SIDE + 1, 3 * SIDE : 3 * SIDE + 2] = 1
    pixels[0, 2 * SIDE + SIDE // 2 - 1 : 3 * SIDE + SIDE // 2 + 2] = 0
    view, response, _ = windows(pixels, problem)
    assert np.isfinite(response.rrmse)
    empty = np.zeros((SIDE, SIDE), np.uint8)
    empty[:, -1] = 1  # joins nothing near the target at the top
    empty[: SIDE // 2 + 2] = 0
    assert view.effect(0, 3, empty) is None
    with pytest.warns(RuntimeWarning, match="no solid pixel within half a cell"):
        assert mf.solve_structure(swapped(pixels, 0, 3, empty), problem).rrmse == np.inf


def test_loose_parts_carry_nothing():
    problem, pixels = pulled(3, 3), body(3, 3, seed=5)
    view, response, _ = windows(pixels, problem)
    before = response.displacement[problem.wanted]
    island = np.zeros((SIDE, SIDE), np.uint8)
    island[4:8, 4:8] = 1
    truth = moved(swapped(pixels, 1, 1, island), problem) - before
    np.testing.assert_allclose(view.effect(1, 1, island), truth, atol=1e-11)


def test_a_window_of_the_whole_refined_body_is_exact():
    problem, pixels = pulled(3, 3), body(3, 3, seed=5)
    cell = frames(1, seed=77)[0]
    response, adjoints = solve_with_adjoints(pixels, problem, refine=2)
    view = SwapWindows(problem, LinearWindows(mf.Material()), response, adjoints)
    after = mf.solve_structure(swapped(pixels, 1, 1, cell), problem, refine=2)
    truth = (after.displacement - response.displacement)[problem.wanted]
    assert np.abs(truth).max() > 1e-6
    np.testing.assert_allclose(view.effect(1, 1, cell), truth, atol=1e-11)
