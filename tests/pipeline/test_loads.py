"""Designs of bodies under forces, tractions and springs, linear and at finite deformation."""

import numpy as np
import pytest
from reference.reopened import reopened

import metafast as mf
from metafast.assembly.body_cells import body_properties
from metafast.macro import macro_model


def lever():
    """A clamped beam with a spring at its tip, loaded on top, that is to sink in a given shape."""
    prescribed = np.full((3, 7, 2), np.nan)
    prescribed[:, 0] = 0.0
    forces, springs = np.zeros((2, 3, 7, 2))
    forces[0, 3, 1], springs[1, 6, 1] = -0.002, 0.01
    tractions = np.zeros((2, 6, 4, 2))
    tractions[0, 3:, 2, 1] = -0.0005
    target = np.full_like(prescribed, np.nan)
    target[1, 2::2, 1] = -0.03, -0.07, -0.1
    return mf.Problem(
        "lever", prescribed, target, forces=forces, tractions=tractions, springs=springs
    )


PROBLEM = lever()


@pytest.fixture(scope="module", params=["linear", "finite"])
def made(request):
    options = {"correction_rounds": 0, "fine_mesh": 1}
    return mf.design(PROBLEM, kinematics=request.param, swap_rounds=3, **options)


def test_the_macro_optimum_is_reached_and_the_loop_helps(made):
    assert made.errors.macro < 0.02
    assert made.errors.pixels < 0.7 * made.errors.open_loop
    assert made.errors.pixels < 0.05
    assert sum(row.swaps for row in made.trace.swaps if row.kept) > 0


def test_figures_are_those_of_new_solutions(made):
    database, kinematics = mf.CellDatabase.default(), made.options.kinematics
    again = mf.solve_structure(made.pixels, PROBLEM, database.phases, kinematics=kinematics)
    assert made.errors.pixels == pytest.approx(again.rrmse, abs=1e-6)
    assert made.response.work == pytest.approx(again.work, rel=1e-5)
    model = macro_model(PROBLEM, 1, kinematics)
    own = model.macro_nodes(model.solve(body_properties(database, made.assembly.cells, PROBLEM)))
    np.testing.assert_allclose(made.predicted, own, atol=1e-8)


def test_files_keep_the_loads(made, tmp_path):
    back = reopened(made, tmp_path)
    for name in ("forces", "tractions", "springs"):
        np.testing.assert_array_equal(getattr(back.problem, name), getattr(PROBLEM, name))
    assert back.response.work == made.response.work
    assert back.response.spring_energy == made.response.spring_energy > 0.0
    assert back.errors.pixels == made.errors.pixels
