"""A small design at finite deformation: its figures, its loops, and the file that reopens."""

import numpy as np
import pytest
from reference.reopened import reopened

import metafast as mf
from metafast.pipeline.mesh_change import FINE_GOAL

PROBLEM = mf.problems.bridge(2, 8, compression=0.2)


@pytest.fixture(scope="module")
def made():
    return mf.design(PROBLEM, swap_rounds=1)


def test_figures_are_those_of_the_finished_pixels(made):
    phases = mf.CellDatabase.default().phases
    coarse = mf.solve_structure(made.pixels, PROBLEM, phases, kinematics="finite")
    fine = mf.solve_structure(made.pixels, PROBLEM, phases, kinematics="finite", refine=2)
    linear = mf.solve_structure(made.pixels, PROBLEM, phases)
    assert made.errors.pixels == pytest.approx(coarse.rrmse, abs=1e-7)
    assert made.errors.fine == pytest.approx(fine.rrmse, abs=1e-7)
    assert made.errors.linear == pytest.approx(linear.rrmse, abs=1e-9)
    limit = fine.displacement + (fine.displacement - coarse.displacement)
    assert made.errors.extrapolated == pytest.approx(PROBLEM.rrmse(limit), abs=1e-6)
    assert made.errors.headline == made.errors.extrapolated


def test_the_mesh_correction_keeps_what_is_best_on_both_meshes(made):
    rounds = made.trace.meshes
    best = min(rounds, key=lambda row: max(row.coarse, row.fine / FINE_GOAL))
    assert (made.errors.pixels, made.errors.fine) == (best.coarse, best.fine)
    assert len(made.trace.swaps) <= 1 + made.options.rounds
    assert made.response.stable
    assert made.field.kinematics == "finite"


def test_no_round_follows_once_the_error_is_reached():
    made = mf.design(PROBLEM, tolerance=0.9)
    assert len(made.trace.swaps) == 1
    assert made.errors.pixels == made.errors.open_loop <= 0.9
    assert len(made.trace.meshes) == 1
    assert made.errors.headline == made.errors.extrapolated


def test_one_mesh_is_enough_if_asked():
    made = mf.design(PROBLEM, tolerance=0.9, fine_mesh=1)
    assert not made.trace.meshes
    assert np.isnan(made.errors.fine)
    assert made.errors.headline == made.errors.pixels


def test_files_reopen(made, tmp_path):
    back = reopened(made, tmp_path)
    assert back.errors == made.errors
    assert back.options == made.options == mf.DesignOptions(swap_rounds=1, least_side_solid=0.5)
    assert back.trace.meshes == made.trace.meshes
    np.testing.assert_array_equal(back.fine_displacement, made.fine_displacement)
    np.testing.assert_array_equal(back.response.path, made.response.path)
    assert back.response.law == "neo-hookean"


def test_threads_change_nothing():
    options = {"correction_rounds": 0, "swap_rounds": 1, "fine_mesh": 1, "candidates": 4}
    small = mf.problems.bridge(2, 5, compression=0.2)
    first, again = (mf.design(small, threads=t, **options) for t in (None, 1))
    assert len(first.trace.swaps) == 2
    assert (again.pixels == first.pixels).all()
    assert again.errors.pixels == first.errors.pixels


def test_defaults_depend_on_the_kinematics():
    finite, linear = mf.DesignOptions(), mf.DesignOptions(kinematics="linear")
    assert (finite.corrections, finite.rounds, finite.finer) == (5, 20, 2)
    assert (finite.own_rounds, linear.own_rounds) == (20, 0)
    assert (finite.goal, finite.stiffness_floor) == (0.01, 0.03)
    assert (linear.corrections, linear.rounds, linear.finer) == (2, 6, 1)
    assert (linear.goal, linear.stiffness_floor) == (0.0, 0.0)
    assert mf.DesignOptions(tolerance=0.0).rounds == 6
    assert mf.PAPER.kinematics == "linear"
    assert mf.PAPER.corrections == mf.PAPER.rounds == mf.PAPER.own_rounds == 0
    assert mf.DesignOptions(swap_rounds=0).own_rounds == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kinematics": "large"}, "kinematics is 'large'; use 'finite'"),
        ({"law": "hooke"}, "law is 'hooke'; use 'neo-hookean' or"),
        ({"tolerance": -0.1}, "tolerance is -0.1"),
        ({"fine_mesh": 0}, "fine_mesh is 0"),
    ],
)
def test_bad_options_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        mf.DesignOptions(**arguments)
