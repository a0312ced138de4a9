"""The fixed problems, and what a problem refuses."""

import numpy as np
import pytest

import metafast as mf
from metafast.macro import macro_model
from metafast.macro.passive import passive_properties


def test_bridge_as_specified():
    p = mf.problems.bridge()
    assert (p.rows, p.cols) == (4, 30)
    assert (p.prescribed[:, 0, 0] == 0.5).all()
    assert (p.prescribed[:, -1, 0] == -0.5).all()
    assert p.prescribed[-1, 0, 1] == p.prescribed[-1, -1, 1] == 0
    assert p.fixed.sum() == 2 * 5 + 2
    s = np.arange(31) / 30
    np.testing.assert_allclose(p.target[0, :, 1], (1 - np.cos(2 * np.pi * s)) / 2, atol=1e-15)
    np.testing.assert_allclose(p.target[-1, 1:-1, 1], p.target[0, 1:-1, 1])
    assert p.wanted.sum() == 31 + 29


def test_sine_bridge_has_half_the_amplitude():
    p = mf.problems.bridge(target="sine")
    assert np.nanmax(p.target) == pytest.approx(0.5, rel=0.01)
    assert np.nanmin(p.target) == pytest.approx(-0.5, rel=0.01)


def test_graded_beam_as_specified():
    p = mf.problems.graded_beam()
    assert (p.rows, p.cols) == (15, 40)
    assert (p.prescribed[:, 0] == 0).all()
    assert (p.prescribed[:, -1] == [-1, 0]).all()
    assert p.target[0, 20, 1] == pytest.approx(0.5)
    assert p.target[-1, 20, 1] == pytest.approx(-0.5)


def test_smiley_as_specified():
    p = mf.problems.smiley()
    assert (p.rows, p.cols) == (50, 50)
    assert (p.prescribed[:, 0, 0] == 1.0).all()
    heights = p.rows - np.unique(np.nonzero(p.wanted)[0])
    assert sorted(heights.tolist()) == [15, 35]
    assert p.wanted[15].sum() == 2 * 11
    assert p.wanted[35].sum() == 27
    assert p.target[15, 15, 1] == p.target[15, 35, 1] == 0.5
    assert p.target[35, 25, 1] == -0.5
    assert p.target[15, 10, 1] == 0.0
    assert np.nanmax(mf.problems.smiley(0.5).target) == 1.0


@pytest.mark.parametrize("name", mf.problems.STANDARD)
def test_every_problem_holds_itself_and_its_own_target_is_perfect(name):
    p = mf.problems.STANDARD[name]()
    u = np.where(p.wanted, p.target, 0.3)
    assert p.rrmse(u) == 0
    assert p.rrmse(np.zeros_like(u)) == pytest.approx(1.0)


def test_another_target_keeps_the_supports():
    p = mf.problems.bridge(2, 8)
    moved = p.aiming_at(1.5 * p.target)
    assert moved.name == p.name
    np.testing.assert_array_equal(moved.prescribed, p.prescribed)
    u = np.where(p.wanted, 1.5 * p.target, 0.0)
    assert moved.rrmse(u) == 0
    assert p.rrmse(u) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="both need"):
        p.aiming_at(p.target[1:])
    with pytest.raises(ValueError, match="is both prescribed and a target"):
        p.aiming_at(np.zeros_like(p.target))


def blank(rows=2, cols=3):
    return np.full((rows + 1, cols + 1, 2), np.nan), np.full((rows + 1, cols + 1, 2), np.nan)


def test_free_rotation_is_refused():
    prescribed, target = blank()
    prescribed[0, 0] = 0.0
    target[1, 1, 1] = 1.0
    with pytest.raises(ValueError, match="leave a rigid motion free"):
        mf.Problem("loose", prescribed, target)
    prescribed[0, 3, 1] = 0.0
    assert mf.Problem("held", prescribed, target).cols == 3


def test_contradictions_are_refused():
    prescribed, target = blank()
    prescribed[:, 0] = 0.0
    with pytest.raises(ValueError, match="no target"):
        mf.Problem("aimless", prescribed, target)
    target[1, 0, 1] = 1.0
    with pytest.raises(ValueError, match=r"\(1, 0, 1\) is both prescribed and a target"):
        mf.Problem("both", prescribed, target)
    with pytest.raises(ValueError, match="both need"):
        mf.Problem("shapes", prescribed, target[1:])
    target[:] = np.nan
    target[1, 1, 1] = 0.0
    with pytest.raises(ValueError, match="RRMSE is undefined"):
        mf.Problem("still", prescribed, target)
    target[1, 1, 1] = np.inf
    with pytest.raises(ValueError, match="infinite"):
        mf.Problem("far", prescribed, target)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mf.problems.bridge(0), "rows is 0"),
        (lambda: mf.problems.bridge(compression=-1), "compression is -1"),
        (lambda: mf.problems.bridge(target="hump"), "target is 'hump'"),
        (lambda: mf.problems.bridge(amplitude=np.nan), "amplitude is nan"),
        (lambda: mf.problems.smiley(size=5), "size is 5"),
        (lambda: mf.Problem("x", "a", "b"), "prescribed holds no real numbers"),
        (lambda: mf.Problem("", np.zeros((2, 2, 2)), np.zeros((2, 2, 2))), "name is ''"),
        (lambda: mf.Problem("a\0b", np.zeros((2, 2, 2)), np.zeros((2, 2, 2))), "printable"),
    ],
)
def test_bad_arguments_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_standard_problems_by_name():
    for name in mf.problems.STANDARD:
        default = mf.problems.standard_problem(name)
        np.testing.assert_array_equal(default.target, mf.problems.STANDARD[name]().target)
        small = mf.problems.standard_problem(name, amplitude=0.1, rows=12, cols=12)
        assert (small.rows, small.cols) == (12, 12)
    assert set(mf.problems.PUBLISHED) <= set(mf.problems.STANDARD)
    with pytest.raises(ValueError, match="unknown problem 'tower'; choose one of bridge, graded"):
        mf.problems.standard_problem("tower")
    with pytest.raises(ValueError, match="the smiley is square; give the same number of rows"):
        mf.problems.standard_problem("smiley", rows=20)


@pytest.mark.parametrize("kinematics", ["linear", "finite"])
@pytest.mark.parametrize("along", ["x", "y"])
def test_the_cloak_asks_for_the_plate_without_a_hole(along, kinematics):
    """The closed form is the equilibrium of the macro model; the linear one to the second order."""
    strain = 0.04 if kinematics == "finite" else 1e-7
    base = np.ones((1, 8, 8), int)
    base[0, 2:6, 1:7] = 0  # not the same along x and y
    hidden = mf.problems.cloak(8, amplitude=strain, along=along, base=base)
    plate = mf.Problem("plate", hidden.prescribed, hidden.target)
    model = macro_model(plate, 1, kinematics)
    everywhere = np.broadcast_to(passive_properties(hidden)[0, 0], (8, 8, 4))
    assert plate.rrmse(model.macro_nodes(model.solve(everywhere))) < 1e-6


def test_cloak_as_specified():
    p = mf.problems.cloak()
    assert (p.rows, p.cols) == (9, 9)
    assert not p.present[3:6, 3:6].any()
    assert p.present.sum() == 81 - 9
    assert p.designed.sum() == 49 - 9
    assert p.given.shape == (1, 50, 50)
    outside = np.ones((10, 10), bool)
    outside[2:8, 2:8] = False
    assert ((p.wanted | p.fixed).all(axis=2) == outside).all()
    other = mf.problems.cloak(along="y")
    np.testing.assert_allclose(other.target, -p.target.transpose(1, 0, 2)[..., ::-1], atol=1e-12)
    assert mf.problems.cloak(12).present.sum() == 144 - 16
    with pytest.raises(ValueError, match="size, region and hole are 9, 7 and 4 cells; each must"):
        mf.problems.cloak(hole=4)
    with pytest.raises(ValueError, match="along is 'z'"):
        mf.problems.cloak(along="z")


def test_gripper():
    p = mf.problems.gripper()
    assert (p.rows, p.cols) == (6, 10)
    assert (p.kinds[2:4, 6:] == -1).all()
    assert (p.kinds == -1).sum() == 8
    assert p.forces[3, 0, 0] == p.forces.sum() == -0.05
    assert (p.springs[3, 0, 0], p.springs[2, 10, 1], p.springs[4, 10, 1]) == (0.05, 0.02, 0.02)
    assert (p.target[2, 10, 1], p.target[4, 10, 1]) == (-0.1, 0.1)
    assert (p.prescribed[p.fixed] == 0.0).all()
    p.require_load()
    assert mf.problems.gripper(output_spring=0.0, input_spring=0.0).springs is None
    with pytest.raises(ValueError, match="rows is 5; an even number is needed"):
        mf.problems.gripper(5)
    with pytest.raises(ValueError, match="slot is 10 cells long in a body of 10"):
        mf.problems.gripper(slot=10)
