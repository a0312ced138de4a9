"""Peers and problem sets of the benchmarks: gradients, and problems that can be posed."""

import sys
from pathlib import Path

import numpy as np
import pytest

import metafast as mf

BENCHMARKS = str(Path(__file__).parents[2] / "benchmarks")


@pytest.fixture(scope="module")
def benchmarks():
    sys.path.insert(0, BENCHMARKS)
    import heldout_problems
    import single_scale

    yield single_scale, heldout_problems
    sys.path.remove(BENCHMARKS)
    for name in ("single_scale", "heldout_problems"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def peer(benchmarks):
    single_scale, _ = benchmarks
    settings = single_scale.Settings(iterations=24, sharpness=(1.0, 4.0))
    return single_scale.SingleScale(mf.problems.bridge(4, 12, amplitude=0.3), settings, 10)


def test_the_gradients_of_single_scale_simp_are_those_of_finite_differences(peer):
    rng = np.random.default_rng(0)
    x, way = rng.uniform(0.3, 0.7, peer.solid.shape), rng.standard_normal(peer.solid.shape)
    step = 1e-5
    for value in (peer.objective, peer.share):
        gradient = value(x, 4.0)[1]
        rise = value(x + step * way, 4.0)[0] - value(x - step * way, 4.0)[0]
        assert rise / (2 * step) == pytest.approx((gradient * way).sum(), rel=1e-6)


def test_single_scale_simp_lowers_its_error_within_the_bound(peer):
    errors = []
    densities = peer.run(lambda _, value, __: errors.append(peer.rrmse(value)))
    assert errors[-1] < 0.5 * errors[0]
    assert densities.mean() <= 1.02 * peer.settings.share
    assert (densities[peer.solid] == 1).all()


def test_supports_of_pixels_are_those_between_the_macro_nodes(benchmarks):
    """The full-resolution solution holds the same pixel nodes at the same values."""
    single_scale, _ = benchmarks
    problem = mf.problems.bridge(2, 6)
    fine = single_scale.pixel_problem(problem, 10)
    solid = np.ones((20, 60), np.uint8)
    ours = mf.solve_structure(solid, problem, mf.Phases(), kinematics="linear")
    model = single_scale.MacroModel(fine)
    stiffness = mf.Phases().solid.stiffness
    own = np.array([stiffness[0, 0], stiffness[0, 1], stiffness[1, 1], stiffness[2, 2]])
    u = model.solve(np.broadcast_to(own, (1200, 4))).reshape(21, 61, 2)
    np.testing.assert_allclose(u, ours.nodal_displacement, atol=1e-9)


def test_held_out_problems_can_be_posed_and_differ(benchmarks):
    _, heldout_problems = benchmarks
    problems = [make() for make in heldout_problems.HELD_OUT]
    assert len({p.name for p in problems}) == len(problems) >= 10
    for problem in problems:
        problem.require_load()
        assert 60 <= problem.designed.sum() <= 300
        reached = np.isfinite(problem.prescribed) & problem.wanted
        np.testing.assert_allclose(problem.prescribed[reached], problem.target[reached])
    wanted = np.array([p.wanted.any(axis=(0, 1)) for p in problems])
    assert wanted.any(axis=0).all()  # both components are asked for
