"""Problem files that ship: the same arrays as from Python, and a macro optimum near the target."""

import runpy
from pathlib import Path

import numpy as np
import pytest

import metafast as mf
from metafast.plotting import plot_problem
from metafast.problems.file import shipped_problems, shipped_text

# rows and cols to test at (None: the file's own), and the RRMSE of the macro optimum there at
# finite deformation, with all cells of the embedded database; where there are no targets, its
# compliance, which is 3.9 times that of the solid body
OPTIMA = {
    "arch": (None, None, 0.0006),
    "auxetic_block": (None, None, 0.0115),
    "cloak": (None, None, 0.0083),
    "cloak_two_ways": (None, None, 0.0398),
    "bridge": (None, None, 0.0046),
    "cantilever": (None, None, 0.0024),
    "graded_beam": (8, 20, 0.002),
    "gripper": (None, None, 0.0001),
    "l_bracket": (None, None, 0.0005),
    "s_curve": (None, None, 0.0006),
    "smiley": (20, 20, 0.0028),
    "two_shapes": (6, 6, 0.0066),
}
FILED = sorted(mf.problems.STANDARD)
SIZES = ((None, None), (12, 12), (17, 17), (25, 25))


@pytest.mark.parametrize("name", FILED)
@pytest.mark.parametrize(("rows", "cols"), SIZES)
@pytest.mark.parametrize("changes", [{}, {"amplitude": 0.3}])
def test_standard_problems_are_those_of_python_to_the_bit(name, rows, cols, changes):
    if name == "gripper" and rows is not None and rows % 2:
        pytest.skip("the gripper has a node in the middle of its left side")
    file = mf.read_problem(name, rows=rows, cols=cols, **changes)
    python = mf.problems.standard_problem(name, rows=rows, cols=cols, **changes)
    assert file.problem.name == python.name
    np.testing.assert_array_equal(file.problem.prescribed, python.prescribed)
    np.testing.assert_array_equal(file.problem.target, python.target)
    np.testing.assert_array_equal(file.problem.kinds, python.kinds)
    for field in ("given", "forces", "springs"):
        np.testing.assert_array_equal(getattr(file.problem, field), getattr(python, field))


@pytest.mark.parametrize("name", sorted({*FILED} - {"cloak", "gripper"}))
def test_compression_is_a_parameter_of_the_papers_problems(name):
    file = mf.read_problem(name, compression=0.5)
    python = mf.problems.STANDARD[name](compression=0.5)
    np.testing.assert_array_equal(file.problem.prescribed, python.prescribed)
    np.testing.assert_array_equal(file.problem.target, python.target)


@pytest.mark.parametrize("name", shipped_problems())
def test_every_file_says_what_it_is_and_is_named_after_it(name):
    file = mf.read_problem(name)
    assert file.problem.name == name
    assert 'about = "' in shipped_text(name)
    assert file.text.startswith("#")


@pytest.fixture(scope="module")
def cells():
    database = mf.CellDatabase.default()
    buildable = database.side_solid() >= 0.5
    return database.properties[buildable], database.solid_share[buildable]


@pytest.fixture(scope="module")
def space(cells):
    return mf.PropertySpace.from_properties(cells[0], 24, coordinates="log")


@pytest.mark.parametrize("name", shipped_problems())
def test_every_problem_can_be_reached(name, space, cells):
    rows, cols, optimum = OPTIMA[name]
    problem = mf.read_problem(name, rows=rows, cols=cols).problem
    shares = mf.SolidShare.fitted(*cells)
    field = mf.optimize_properties(problem, space, shares=shares)
    assert field.feasible
    if problem.wanted.any():
        assert field.rrmse < 2 * optimum + 0.001
    else:
        assert field.compliance < 1.1 * optimum
        assert field.solid_share <= 1.0002 * problem.solid_share


@pytest.mark.parametrize("name", shipped_problems())
def test_every_problem_is_drawn(name):
    assert plot_problem(mf.read_problem(name).problem).axes[0].get_lines()


def test_the_example_in_python_is_the_shipped_arch():
    path = Path(__file__).parents[3] / "examples" / "own_problem.py"
    arch = runpy.run_path(str(path))["arch"](5, 20, push=0.4, rise=0.4)
    file = mf.read_problem("arch").problem
    np.testing.assert_allclose(file.prescribed, arch.prescribed, rtol=1e-15)
    np.testing.assert_allclose(file.target, arch.target, rtol=1e-15)


def test_the_cloak_in_two_ways_is_that_of_each():
    both = mf.read_problem("cloak_two_ways", hole=1, region=5).problem
    for number, along in enumerate("xy"):
        case, own = (
            mf.problems.case_of(both, number),
            mf.problems.cloak(hole=1, region=5, along=along),
        )
        np.testing.assert_allclose(case.target, own.target, rtol=1e-12)
        np.testing.assert_allclose(case.prescribed, own.prescribed, rtol=1e-12)
        np.testing.assert_array_equal(case.kinds, own.kinds)


@pytest.mark.parametrize(("hole", "region"), [(1, 3), (3, 5), (3, 7), (5, 7)])
def test_hole_and_region_are_parameters_of_the_cloak(hole, region):
    file = mf.read_problem("cloak", hole=hole, region=region).problem
    python = mf.problems.cloak(hole=hole, region=region)
    np.testing.assert_array_equal(file.kinds, python.kinds)
    np.testing.assert_array_equal(file.target, python.target)


def test_a_folder_of_the_same_name_is_in_nobodys_way(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bridge").mkdir()
    assert mf.read_problem("bridge").problem.cols == 30
