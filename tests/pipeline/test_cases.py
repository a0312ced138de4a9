"""Designs for several load cases: one body, both shapes, the file, and each case by itself."""

import numpy as np
import pytest
from reference.load_cases import squeezed_and_pressed

import metafast as mf
from metafast.problems import case_of

CASES = squeezed_and_pressed(2, 3, push=0.04)
WORST = mf.load_cases("both", CASES, worst=True)
FAST = {"kinematics": "linear", "correction_rounds": 0, "swap_rounds": 2}


@pytest.fixture(scope="module")
def made():
    return mf.design(WORST, **FAST)


def test_the_body_is_one_and_its_errors_are_those_of_each_case_alone(made):
    side = made.pixels.shape[0] // 2
    assert made.pixels.shape == (2 * side, 3 * side)
    errors = {case.name: mf.solve_structure(made.pixels, case, made.phases).rrmse for case in CASES}
    assert made.errors_by_case == pytest.approx(errors, rel=1e-6)
    assert made.errors.pixels == pytest.approx(max(errors.values()), rel=1e-6)
    again = mf.solve_structure(made.pixels, WORST, made.phases)  # the copies are laid out
    assert again.rrmse == pytest.approx(made.errors.pixels, rel=1e-9)


def test_the_closed_loop_lowers_the_worst_case(made):
    rows = made.trace.swaps
    assert sum(row.swaps for row in rows if row.kept) > 0
    kept = [row.pixels for row in rows if row.kept]
    assert kept == sorted(kept, reverse=True)
    assert made.errors.pixels < made.errors.open_loop
    for number in range(2):
        labels = made.assembly.labels[:, 4 * number : 4 * number + 3]
        np.testing.assert_array_equal(labels, made.assembly.labels[:, :3])
    assert made.certified.lower_bound <= made.certified.energy


def test_it_reopens_goes_on_and_is_reported(made, tmp_path):
    made.save(tmp_path)
    back = mf.Design.load(tmp_path)
    assert back.problem.cases == ("squeezed", "pressed")
    assert back.errors_by_case == made.errors_by_case
    np.testing.assert_array_equal(back.copies, made.copies)
    report = (tmp_path / "report.html").read_text()
    assert "squeezed" in report
    assert "2 x 3 cells under 2 load cases" in report
    on = mf.design(WORST, start=back, swap_rounds=0)
    np.testing.assert_array_equal(on.pixels, made.pixels)
    with pytest.raises(ValueError, match=r"other .*targets and load cases than"):
        mf.design(mf.load_cases("both", CASES[::-1]), start=back, swap_rounds=1)


def test_a_case_of_a_design_is_a_problem_by_itself(made):
    single = case_of(made.problem, 1)
    response = mf.solve_structure(made.pixels, single, made.phases, kinematics="finite")
    assert response.linear_rrmse == pytest.approx(made.errors_by_case["pressed"], rel=1e-6)


def test_the_stiffest_body_under_two_forces_keeps_its_bound():
    prescribed, (down, right) = np.full((3, 4, 2), np.nan), np.zeros((2, 3, 4, 2))
    prescribed[:, 0], down[0, 3, 1], right[2, 3, 0] = 0.0, -1e-3, 1e-3
    asked = {"target": None, "objective": "compliance", "solid_share": 0.65}
    cases = [
        mf.Problem(name, prescribed, forces=forces, **asked)
        for name, forces in (("down", down), ("right", right))
    ]
    made = mf.design(mf.load_cases("both", cases), kinematics="linear")
    assert made.solid_share <= 0.65
    np.testing.assert_array_equal(made.assembly.labels[:, :3], made.assembly.labels[:, 4:])
    works = [mf.solve_structure(made.pixels, case, made.phases).work for case in cases]
    assert made.compliance.pixels == pytest.approx(sum(works), rel=1e-9)
