"""Resultants of supports balance each other, and are those of bars."""

import numpy as np
import pytest
from reference.load_cases import squeezed_and_pressed

import metafast as mf
from metafast.report.support_forces import forces_by_place, support_forces


def test_a_bar_pressed_between_two_plates():
    prescribed, target = np.full((2, 3, 7, 2), np.nan)
    prescribed[:, 0, 0], prescribed[:, -1, 0], prescribed[-1, 0, 1] = 0.0, -0.06, 0.0
    target[0, 3, 1] = 0.01
    problem = mf.Problem("bar", prescribed, target)
    pixels = np.ones((20, 60), np.uint8)
    response = mf.solve_structure(pixels, problem, mf.Material(poisson=0.3), kinematics="linear")
    forces = support_forces(response)
    assert set(forces) == {"left", "right"}  # the corner below belongs to the left plate
    np.testing.assert_allclose(forces["left"], [2 * 0.01, 0.0], atol=1e-10)  # E A strain
    np.testing.assert_allclose(forces["right"], [-2 * 0.01, 0.0], atol=1e-10)


@pytest.mark.parametrize("name", ["auxetic_block", "s_curve"])
def test_supports_balance_each_other(name):
    problem = mf.read_problem(name, rows=3, cols=4).problem
    response = mf.solve_structure(np.ones((30, 40), np.uint8), problem, kinematics="linear")
    forces = support_forces(response)
    assert len(forces) == 2
    np.testing.assert_allclose(sum(forces.values()), 0.0, atol=1e-10)
    assert max(abs(f).max() for f in forces.values()) > 1e-4


def test_forces_of_each_load_case_are_those_of_the_case_alone():
    cases = squeezed_and_pressed(2, 3, push=0.02)
    both = mf.load_cases("both", cases)
    pixels = np.ones((2 * 4, 3 * 4), np.uint8)
    pixels[1:3, 5:7] = 0
    found = dict(forces_by_place(both, mf.solve_structure(pixels, both)))
    for case in cases:
        own = support_forces(mf.solve_structure(pixels, case))
        for side, force in own.items():
            np.testing.assert_allclose(found.pop(f"{case.name}, {side}"), force, atol=1e-12)
    assert not found
