"""Problem files that ship: the same arrays as from Python, and a macro optimum near the target."""

import numpy as np
import pytest

import metafast as mf
from metafast.problems.file import shipped_problems, shipped_text

# RRMSE of the macro optimum at the file's own size or (rows, cols), by linear elasticity
OPTIMA = {
    "bridge": ((3, 12), 0.05),
}
SIZES = ((None, None), (12, 12), (17, 17), (25, 25))


@pytest.mark.parametrize("name", mf.problems.STANDARD)
@pytest.mark.parametrize(("rows", "cols"), SIZES)
@pytest.mark.parametrize("changes", [{}, {"amplitude": 0.3}])
def test_standard_problems_are_those_of_python_to_the_bit(name, rows, cols, changes):
    file = mf.read_problem(name, rows=rows, cols=cols, **changes)
    python = mf.problems.standard_problem(name, rows=rows, cols=cols, **changes)
    assert file.problem.name == python.name
    np.testing.assert_array_equal(file.problem.prescribed, python.prescribed)
    np.testing.assert_array_equal(file.problem.target, python.target)


@pytest.mark.parametrize("name", mf.problems.STANDARD)
def test_compression_is_a_parameter_of_every_standard_problem(name):
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
