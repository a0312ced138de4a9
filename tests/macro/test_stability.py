"""Stability margins against dense eigenvalues and Euler's column; the barrier's derivatives."""

import numpy as np
import pytest
from scipy.linalg import eigh

import metafast as mf
from metafast.macro import FiniteMacroModel

FIELD = np.array([0.8, 0.2, 0.5, 0.2]) * np.exp(
    np.random.default_rng(0).uniform(-0.3, 0.3, (10, 4))
)


def dense(model, u):
    pattern = model._pattern.copy()
    pattern.data = model._body.tangent(u)
    upper = pattern.toarray()
    return upper + np.triu(upper, 1).T


def test_ratios_and_modes_are_those_of_the_dense_problem():
    model = FiniteMacroModel(mf.problems.bridge(2, 5, compression=0.6))
    u = model.solve(FIELD)
    now, rest = dense(model, u), dense(model, np.zeros_like(u))
    exact = eigh(now, rest, eigvals_only=True)
    for _ in range(60):
        ratios, modes = model._stability.modes()
    np.testing.assert_allclose(ratios, exact[: len(ratios)], rtol=1e-6)
    free = modes[:, model._body.free]
    np.testing.assert_allclose(free @ rest @ free.T, np.eye(len(ratios)), atol=1e-9)
    np.testing.assert_allclose(free @ now @ free.T, np.diag(ratios), atol=1e-9)
    assert model.margin() == pytest.approx(exact[0], rel=1e-3)
    assert (modes[:, model._fixed] == 0).all()


def test_without_load_the_margin_is_one():
    model = FiniteMacroModel(mf.problems.bridge(2, 5, compression=1e-7))
    model.solve(FIELD)
    assert model.margin() == pytest.approx(1.0, abs=1e-5)


def test_the_margin_of_a_column_falls_in_proportion_to_its_load():
    """1 - strain / Euler's strain, so that two loads foretell the third."""
    length, stiffness = 12, np.tile([1.0, 0.0, 1.0, 0.4], (12, 1))
    prescribed = np.full((2, length + 1, 2), np.nan)
    prescribed[:, [0, -1], 1] = 0.0
    prescribed[:, 0, 0], prescribed[:, -1, 0] = 0.0, -0.15
    target = np.full_like(prescribed, np.nan)
    target[0, 6, 1] = 1.0
    model = FiniteMacroModel(mf.Problem("column", prescribed, target), 2)
    margins = []
    for share in (0.25, 0.5, 0.75):
        model.take_share(share)
        model.solve(stiffness)
        margins.append(model.margin())
    assert margins[0] == pytest.approx(1 - (1 - margins[1]) / 2, abs=0.01)
    assert margins[2] == pytest.approx(1 - (1 - margins[1]) * 1.5, abs=0.01)
    euler = 4 * np.pi**2 / 12 / length**2
    assert margins[1] == pytest.approx(1 - 0.5 * 0.15 / length / euler, abs=0.05)


@pytest.mark.parametrize("mesh", [1, 2])
def test_gradient_of_the_barrier(mesh):
    """Against finite differences, through C and through the equilibrium."""
    model = FiniteMacroModel(mf.problems.bridge(2, 5, compression=0.6), mesh)

    def barrier(field):
        u = model.solve(field)
        for _ in range(15):
            model._stability.modes()
        return model.barrier(u, margin)

    model.solve(FIELD)
    for _ in range(30):
        ratios, _ = model._stability.modes()
    margin = 0.5 * (ratios[0] + ratios[1])  # one mode below it, or the others' are not smooth
    value, gradient = barrier(FIELD)
    assert value == pytest.approx(np.log(margin / ratios[0]) ** 2, rel=1e-6)
    for cell, k in ((0, 0), (3, 1), (7, 2), (9, 3), (4, 0)):
        step = np.zeros_like(FIELD)
        step[cell, k] = 1e-5
        numeric = (barrier(FIELD + step)[0] - barrier(FIELD - step)[0]) / 2e-5
        assert gradient[cell, k] == pytest.approx(numeric, abs=1e-6 * np.abs(gradient).max())


def test_nothing_is_said_of_enough_margin():
    model = FiniteMacroModel(mf.problems.bridge(2, 5, compression=0.1))
    u = model.solve(FIELD)
    value, gradient = model.barrier(u, 0.05)
    assert value == 0.0
    np.testing.assert_array_equal(gradient, np.zeros((10, 4)))


def test_the_optimum_keeps_its_margin():
    """A higher margin than without the barrier, and hardly a larger error."""
    space = mf.PropertySpace.from_properties(mf.CellDatabase.default().properties)
    problem = mf.problems.bridge(3, 20, compression=1.0)
    loose, kept = (mf.optimize_properties(problem, space, margin=m) for m in (0.0, 0.4))
    assert kept.margin > 0.35
    assert loose.margin < kept.margin
    assert kept.rrmse < 2 * loose.rrmse + 0.01
